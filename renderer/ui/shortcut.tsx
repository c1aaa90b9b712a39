import { Kbd } from '@mantine/core';
import classes from './shortcut.module.css';

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const names: Record<string, string> = isMac
  ? { mod: '⌘', shift: '⇧', alt: '⌥', enter: '↵', esc: 'Esc', up: '↑', down: '↓' }
  : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter', esc: 'Esc', up: '↑', down: '↓' };

/** "mod+shift+z" → ["Ctrl", "Shift", "Z"]; "g c" → ["G", "then", "C"]. */
export function keysOf(shortcut: string): string[] {
  return shortcut.split(' ').flatMap((chord, at) => {
    const keys = chord.split('+').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
    return at === 0 ? keys : ['then', ...keys];
  });
}

/** The same in a sentence: "Ctrl+J". */
export function keyWords(shortcut: string): string {
  return keysOf(shortcut).join(isMac ? '' : '+');
}

/** The keys of an action, as they are written on the keyboard. */
export function Shortcut({ keys }: { keys: string }) {
  return (
    <span className={classes.shortcut}>
      {keysOf(keys).map((key, at) =>
        key === 'then' ? (
          // The order of the keys is what tells them apart.
          <span key={at} className={classes.then}>
            then
          </span>
        ) : (
          <Kbd key={at} className={classes.key}>
            {key}
          </Kbd>
        ),
      )}
    </span>
  );
}
