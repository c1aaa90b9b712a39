/** Where the focus has been, the newest last. Weak: what is gone from the page is not kept by this. */
const KEPT = 12;
let trail: WeakRef<Element>[] = [];
/** What lost the focus by being switched off, also when it is on again by now. */
let switchedOff: WeakRef<Element> | null = null;

/** Begins to take note of where the focus goes; once, before the first screen. */
export function rememberFocus(): void {
  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof Element)) return;
    switchedOff = null;
    trail = [...trail.filter((ref) => ref.deref() !== target), new WeakRef(target)].slice(-KEPT);
  });
}

/** What covers the page: while one is open, the focus is inside it. */
const covers = '[role="dialog"][aria-modal="true"], [role="alertdialog"]';

/**
 * Gives the focus back to where it was last that is still there and in sight, outside of what covers the page; at the end to
 * the content. For what goes away with the focus in it: without this the next key would start at the top of the page.
 */
export function focusLast(): void {
  const cover = [...document.querySelectorAll<HTMLElement>(covers)].at(-1);
  for (const ref of trail.toReversed()) {
    const element = ref.deref();
    if (!(element instanceof HTMLElement) || !element.isConnected) continue;
    if (cover === undefined ? element.closest('[role="dialog"], [role="menu"]') !== null : !cover.contains(element)) continue;
    if (takesFocus(element)) return;
  }
  if (cover === undefined) return focusContent();
  const inside = cover.querySelectorAll<HTMLElement>(
    '[data-autofocus], input:not([type="hidden"]), textarea, select, button, a[href], [tabindex]',
  );
  if (![...inside].some(takesFocus)) {
    cover.tabIndex = -1;
    cover.focus();
  }
}

function takesFocus(element: HTMLElement): boolean {
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}

/** The open record, else the list, else whatever the screen holds. */
export function focusContent(): void {
  const main = document.getElementById('main');
  const grid = main?.querySelector<HTMLElement>('[role="grid"], [data-board] [data-current]');
  if (grid === undefined || grid === null || !takesFocus(grid)) main?.focus();
}

/** The title of the open record, where keys of the record work and Esc closes it. */
export function focusRecord(): void {
  const title = document.querySelector<HTMLElement>('[data-record-title]');
  if (title === null || !takesFocus(title)) focusContent();
}

/** True while nothing has the focus: the element that had it was taken away. */
export function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Whether the focus went with its element, and was not put nowhere by a click on something that takes none. */
function isLastGone(): boolean {
  const last = trail.at(-1)?.deref();
  return (
    last === undefined ||
    last === switchedOff?.deref() ||
    !last.isConnected ||
    last.matches(':disabled') ||
    !(last as HTMLElement).checkVisibility()
  );
}

/**
 * Whatever takes the element with the focus away or switches it off (an undo, a save, a toast that goes), the focus goes back to
 * where it was before. Those who know a better place have put it there by then.
 */
export function keepFocusInPage(): () => void {
  let isLooking = false;
  const look = () => {
    if (isLooking || trail.length === 0 || !(isFocusLost() || switchedOff !== null) || !document.hasFocus()) return;
    isLooking = true;
    // Two frames: whoever closes something gives the focus back in the first.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        isLooking = false;
        if (isFocusLost() && isLastGone()) focusLast();
      }),
    );
  };
  const observer = new MutationObserver((changes) => {
    const last = trail.at(-1);
    const element = last?.deref();
    // The browser takes the focus from it with the next frame only; a short job may have switched it on again by then.
    if (element?.matches(':disabled') === true && changes.some(({ target }) => target.contains(element))) switchedOff = last ?? null;
    look();
  });
  observer.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled', 'hidden', 'inert', 'aria-hidden'],
  });
  window.addEventListener('keyup', look);
  return () => {
    observer.disconnect();
    window.removeEventListener('keyup', look);
  };
}
