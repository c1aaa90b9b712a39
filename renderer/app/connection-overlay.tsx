import { Loader } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useConnected } from '../api/live.ts';
import classes from './connection-overlay.module.css';

/** A line that drops for a blink is not worth a word. */
const PATIENCE_MS = 600;

/** Over everything while main cannot be reached: what can be seen is no longer what is, so nothing can be done with it. */
export function ConnectionOverlay() {
  return useConnected() ? null : <Lost />;
}

function Lost() {
  const [isShown, setIsShown] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!isShown) return;
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [isShown]);
  if (!isShown) return null;
  return (
    <div className={classes.cover}>
      <div
        ref={panel}
        className={classes.panel}
        role="alertdialog"
        aria-modal="true"
        aria-labelledby="connection-title"
        aria-describedby="connection-text"
        tabIndex={-1}
      >
        <h2 id="connection-title" className={classes.title}>
          Fieldbook is not running
        </h2>
        <p id="connection-text">Everything that was saved is safe on this laptop. {howToGoOn()} What you were typing stays as it is.</p>
        <p className={classes.waiting}>
          <Loader size={14} aria-hidden /> Looking for it
        </p>
      </div>
    </div>
  );
}

/** A page in a browser of the person's own is let in by the address that Fieldbook names when it starts (docs/browser-adapter.md). */
function howToGoOn(): string {
  if (window.location.port === '') return 'Start Fieldbook again, and this window goes on where it is.';
  return `Start Fieldbook again and open the address that it names in this browser. If that begins with ${window.location.origin} too, this window then goes on where it is.`;
}
