/**
 * What was typed and not saved yet, kept in the page's own storage: it outlives a reload and a crash, and goes with the
 * browser profile. What is saved is in the book.
 */
export function readKept<T extends object>(key: string): Partial<T> | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    // Whoever reads it looks at each part: an older Fieldbook may have written it.
    return typeof kept === 'object' && kept !== null ? (kept as Partial<T>) : null;
  } catch {
    // Unreadable or switched off: an empty form is all that is lost.
    return null;
  }
}

/** Null forgets it. */
export function writeKept(key: string, value: object | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The storage is full or switched off; the form itself still holds everything.
  }
}
