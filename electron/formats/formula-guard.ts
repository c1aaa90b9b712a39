/**
 * Spreadsheets run a cell that begins like a formula. Such a text leaves the book with an apostrophe before it, and our
 * import takes that apostrophe off again. A text that has apostrophes of its own there gets one more, so that what comes
 * back is always what went out.
 */
const dangerous = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const guarded = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

export function guardCell(text: string): string {
  return dangerous.test(text) ? `'${text}` : text;
}

export function unguardCell(text: string): string {
  return guarded.test(text) ? text.slice(1) : text;
}

/** For cells of which nothing is known: a plain negative number stays a number. */
export function guardForeignCell(text: string): string {
  return /^-\d+(?:[.,]\d+)*$/.test(text) ? text : guardCell(text);
}
