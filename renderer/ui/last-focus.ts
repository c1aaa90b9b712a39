/** Where the focus has been, the newest last. Weak: what is gone from the page is not kept by this. */
const KEPT = 12;
let trail: WeakRef<Element>[] = [];

document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof Element)) return;
  trail = [...trail.filter((ref) => ref.deref() !== target), new WeakRef(target)].slice(-KEPT);
});

/**
 * Gives the focus back to where it was last that is still there and in sight, outside of what covers the page; at the end to
 * the content. For what goes away with the focus in it: without this the next key would start at the top of the page.
 */
export function focusLast(): void {
  for (const ref of trail.toReversed()) {
    const element = ref.deref();
    if (!(element instanceof HTMLElement) || !element.isConnected || element.closest('[role="dialog"], [role="menu"]') !== null) continue;
    element.focus();
    if (document.activeElement === element) return;
  }
  document.getElementById('main')?.focus();
}

/** True while nothing has the focus: the element that had it was taken away. */
export function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
