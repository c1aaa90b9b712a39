import { useEffect } from 'react';
import { settingsNow } from '../../api/live.ts';
import { isMac } from '../../ui/shortcut.tsx';
import { type ActionId, actionIds, actions, runAction } from './actions.ts';

/** How long the second key of "g c" may take. */
const CHORD_MS = 1200;

const bindings = new Map<string, ActionId>(actionIds.flatMap((id) => actions[id].keys.map((keys) => [keys, id] as const)));
const firstKeys = new Set([...bindings.keys()].filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0] ?? ''));

/** Works where text is being typed as well; undo and redo there belong to the text. */
const alsoInText = new Set<ActionId>(['search']);

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range', 'file'].includes(target.type);
}

/** What a field held after it was typed in last. */
const typedIn = new WeakMap<HTMLElement, string>();
document.addEventListener('input', ({ target }) => {
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) typedIn.set(target, target.value);
});

/**
 * An empty field that nobody emptied by hand has nothing of its own to take back: what was written there was saved, so that
 * undo means the book.
 */
function hasNothingTyped(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return target instanceof HTMLSelectElement;
  return target.value === '' && typedIn.get(target) !== '';
}

/** "mod+shift+z" for a key that was pressed; a letter without Ctrl or Cmd is that letter, with Shift too where nothing else is meant; "?" is "?". */
function nameOf(event: KeyboardEvent): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!mod) return event.shiftKey && bindings.has(`shift+${key}`) ? `shift+${key}` : key;
  return `mod+${event.shiftKey ? 'shift+' : ''}${key}`;
}

/** The one place that listens for keys on the whole window. What has the focus answers first; what it took is left alone. */
export function useHotkeys(): void {
  useEffect(() => {
    let first: { key: string; until: number } | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || (event.repeat && !['j', 'k'].includes(event.key))) return;
      const name = nameOf(event);
      const isPlain = !name.startsWith('mod+');
      if (isPlain && (event.altKey || event.ctrlKey || event.metaKey)) return;
      const chord = first !== null && performance.now() < first.until ? `${first.key} ${name}` : null;
      first = null;
      const id = (chord === null ? undefined : bindings.get(chord)) ?? bindings.get(name);
      if (id === undefined || (chord === null && firstKeys.has(name))) {
        if (isPlain && firstKeys.has(name) && isSingleKeyTime(event)) first = { key: name, until: performance.now() + CHORD_MS };
        return;
      }
      if (isPlain && !isSingleKeyTime(event)) return;
      const isOfBook = (id === 'undo' || id === 'redo') && hasNothingTyped(event.target);
      if (!isPlain && isTyping(event.target) && !alsoInText.has(id) && !isOfBook) return;
      if (isDialogOpen() && id !== 'undo' && id !== 'redo') return;
      if (runAction(id)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function isSingleKeyTime(event: KeyboardEvent): boolean {
  if (settingsNow()?.singleKeys === false) return false;
  return !isTyping(event.target) && !isDialogOpen() && !isInMenu(event.target);
}

/** Letters inside a menu or a list of choices look for an entry there; a queue of records answers to the keys of records. */
function isInMenu(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="menu"], [role="listbox"]:not([data-queue]), [data-popover]') !== null;
}

function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"], [role="alertdialog"]') !== null;
}
