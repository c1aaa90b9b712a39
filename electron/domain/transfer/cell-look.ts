import { looksLikeDate } from './date-text.ts';

export type Look = 'empty' | 'email' | 'url' | 'date' | 'phone' | 'number' | 'text';

/** What a cell looks like, whatever its column is called. */
export function lookOf(text: string): Look {
  const value = text.trim();
  if (value === '') return 'empty';
  if (/^(?:mailto:)?[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/i.test(value)) return 'email';
  if (
    /^(?:https?:\/\/|www\.)\S+$/i.test(value) ||
    /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|co|gov|edu|info|de|fr|uk|eu|at|ch)(?:\/\S*)?$/i.test(value)
  )
    return 'url';
  if (/^\d{8}$/.test(value) ? /^(?:19|20)/.test(value) && looksLikeDate(value) : looksLikeDate(value)) return 'date';
  if (/^[-+]?[\d.,]+%?$/.test(value) && !/^\+?\d{9,15}$/.test(value)) return 'number';
  const digits = value.replace(/\D/g, '').length;
  if (digits >= 7 && digits <= 15 && /^[+(]?[\d\s().\-/+]+(?:(?:x|ext\.?)\s*\d+)?$/i.test(value)) return 'phone';
  return 'text';
}

/** The look that most filled cells of a column share; "text" where they differ, "empty" where all are. */
export function columnLook(cells: readonly string[]): Look {
  const counts = new Map<Look, number>();
  let filled = 0;
  for (const cell of cells) {
    const look = lookOf(cell);
    if (look === 'empty') continue;
    filled += 1;
    counts.set(look, (counts.get(look) ?? 0) + 1);
  }
  if (filled === 0) return 'empty';
  for (const [look, count] of counts) if (count / filled >= 0.7) return look;
  return 'text';
}
