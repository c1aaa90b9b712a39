import { useEffect } from 'react';
import { useLatest } from './use-latest.ts';

/** Long enough to read a number out over the telephone, short enough for a laptop that is left on a counter. */
const SHOWN_MS = 60_000;

/**
 * Hides what was asked for once nobody needs it any more: a minute after the last key or click, and at once when the
 * window is left. While something is being typed it stays: what is typed must not be lost.
 */
export function useHideAgain(isShown: boolean, isTyping: boolean, hide: () => void): void {
  const hideNow = useLatest(hide);
  useEffect(() => {
    if (!isShown || isTyping) return;
    let timer = setTimeout(hideNow, SHOWN_MS);
    const onUse = () => {
      clearTimeout(timer);
      timer = setTimeout(hideNow, SHOWN_MS);
    };
    const onVisibility = () => {
      if (document.visibilityState === 'hidden') hideNow();
    };
    window.addEventListener('keydown', onUse);
    window.addEventListener('pointerdown', onUse);
    window.addEventListener('blur', hideNow);
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('keydown', onUse);
      window.removeEventListener('pointerdown', onUse);
      window.removeEventListener('blur', hideNow);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [isShown, isTyping, hideNow]);
}
