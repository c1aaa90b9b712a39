let isDown = false;
window.addEventListener('pointerdown', () => (isDown = true), { capture: true });
for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, () => (isDown = false), { capture: true });

/**
 * Runs the work now, or, while a mouse button is down, when it was let go and clicked. What a field does when it is left can
 * move what is below it: the click that made it leave must still hit what it was meant for.
 */
export function afterPress(work: () => void): void {
  if (!isDown) return work();
  const done = () => {
    for (const end of ['pointerup', 'pointercancel']) window.removeEventListener(end, done);
    // The click comes after the release.
    setTimeout(work);
  };
  for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, done);
}
