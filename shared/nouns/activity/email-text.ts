import { joinedLines } from '../../lib/text.ts';

/** The plain text a person types, and the harmless web page it is sent and kept as. */

const lineEnd = /\r\n?|\u2028|\u2029/g;

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Everything that could be a mark of a web page is written as text, so nothing a person types or pastes can act. */
export function htmlOfText(text: string): string {
  const escaped = text
    .replaceAll(lineEnd, '\n')
    .trim()
    .replaceAll(/[&<>"']/g, (character) => marks[character] ?? '');
  if (escaped === '') return '';
  // Web pages show several spaces as one; lists and tables in plain text need them.
  const spaced = escaped.replaceAll(/^ | (?= )/gm, '&nbsp;');
  return `<div>${spaced.replaceAll('\n', '<br>\n')}</div>`;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', apos: "'" };

/** The text of a web page: exact for what `htmlOfText` made, readable for any other. */
export function textOfHtml(html: string): string {
  const said = withoutParts(html, '<script', '</script').replaceAll(/<br\s*\/?>\n?/gi, '\0');
  const marked = joinedLines(withoutParts(said, '<style', '</style'), ' ')
    .replaceAll(/<\/(p|h[1-6]|ul|ol|table)\s*>/gi, '\n\n')
    .replaceAll(/<\/(div|li|tr)\s*>/gi, '\n');
  return withoutParts(marked, '<', '')
    .replaceAll('\0', '\n')
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      // Control characters stay out: no record takes them.
      return code >= 32 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
    })
    .trim();
}

/**
 * The text without what stands from each `start` to the end of the mark `end`. Looked for from left to right once: an expression would
 * begin anew at each of the starts that have no end.
 */
function withoutParts(text: string, start: string, end: string): string {
  const plain = text.toLowerCase();
  // Some letters are more than one when they are small: then the places are not those of the text.
  if (plain.length !== text.length) return end === '' ? cut(text, text, start, end) : text;
  return cut(text, plain, start, end);
}

function cut(text: string, plain: string, start: string, end: string): string {
  let kept = '';
  let from = 0;
  for (let at = plain.indexOf(start); at >= 0; at = plain.indexOf(start, from)) {
    const close = end === '' ? at : plain.indexOf(end, at);
    const after = close < 0 ? -1 : plain.indexOf('>', close);
    if (after < 0) break;
    kept += text.slice(from, at);
    from = after + 1;
  }
  return kept + text.slice(from);
}

/** Whether the page is no more than a text: writing the text anew loses nothing of it. */
export function isPlainHtml(html: string): boolean {
  return htmlOfText(textOfHtml(html)) === html;
}

/** What an e-mail says, to be read: never the page it is sent as. */
export function messageOf({ html }: { html: string | null }): string | null {
  return html === null ? null : textOfHtml(html);
}
