let isCovered = false;
// Added before anything of the page listens, so it is the first to hear of a key.
window.addEventListener(
  'keydown',
  () => {
    isCovered = document.querySelector('[role="menu"], [role="dialog"], [role="alertdialog"]') !== null;
  },
  { capture: true },
);

/**
 * Whether a menu, a dialog or a popover was open when the key being handled was pressed. Those close themselves with Esc, and
 * are gone before what lies below them hears of the same key: it must not close as well.
 */
export function wasCovered(): boolean {
  return isCovered;
}
