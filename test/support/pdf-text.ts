import { inflateSync } from 'node:zlib';

/** Whether the page has the text, as it stands or, where no font of this computer has a sign, with a box in its place. */
export function hasText(page: string, text: string): boolean {
  const signs = [...text.normalize('NFKC')].map((sign) => `(?:${sign.replace(/[$()*+.?[\]^{|}\\]/, String.raw`\$&`)}|[\uffff${lost}])`);
  return new RegExp(signs.join('')).test(page.normalize('NFKC'));
}

/** A text that runs from right to left, as it is drawn: its letters backwards, its numbers not. */
export function backwards(text: string): string {
  return [...text]
    .reverse()
    .join('')
    .replace(/\d+/g, (digits) => [...digits].reverse().join(''));
}

/**
 * The text of a PDF that Chromium wrote, page by page and line by line, as a reader would copy it. Signs stand in the
 * order they are drawn: what runs from right to left reads backwards. Knows no more of PDF than Chromium writes.
 */
export function textOf(pdf: Uint8Array): string[] {
  const objects = objectsOf(pdf);
  const maps = new Map<string, ReadonlyMap<string, string>>();
  const mapOf = (font: string) => {
    let map = maps.get(font);
    if (map === undefined) {
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font)?.head ?? '')?.[1];
      maps.set(font, (map = signsOf(unicode === undefined ? '' : (objects.get(unicode)?.content ?? ''))));
    }
    return map;
  };
  return [...objects.values()]
    .filter(({ head }) => /\/Type \/Page\b/.test(head))
    .map(({ head }) => {
      const fonts = new Map([...head.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', id = '']) => [name, id]));
      return linesOf(objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.content ?? '', (font) => mapOf(fonts.get(font) ?? ''));
    });
}

interface PdfObject {
  head: string;
  content: string;
}

function objectsOf(pdf: Uint8Array): Map<string, PdfObject> {
  const bytes = Buffer.from(pdf);
  const text = bytes.toString('latin1');
  const objects = new Map<string, PdfObject>();
  let from = 0;
  for (;;) {
    const start = /(\d+) 0 obj\n/.exec(text.slice(from, from + 60)) ?? /\n(\d+) 0 obj\n/.exec(text.slice(from));
    if (start === null) return objects;
    const at = from + start.index + start[0].length;
    const ends = [text.indexOf('\nendobj', at), text.indexOf('stream\n', at)].filter((end) => end >= 0);
    const headEnd = Math.min(...ends);
    const head = text.slice(at, headEnd);
    const length = Number(/\/Length (\d+)/.exec(head)?.[1] ?? 0);
    const isStream = text.startsWith('stream\n', headEnd);
    const data = isStream ? bytes.subarray(headEnd + 7, headEnd + 7 + length) : Buffer.alloc(0);
    const isPacked = isStream && head.includes('/FlateDecode');
    objects.set(start[1] as string, { head, content: isPacked ? inflateSync(data).toString('latin1') : data.toString('latin1') });
    from = text.indexOf('endobj', isStream ? headEnd + 7 + length : headEnd) + 6;
  }
}

/** A sign that no font here has and that is not spelled out: it is printed as a box. */
const lost = '\ufffd';
const utf16 = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le');

/** What the codes of a font stand for. */
function signsOf(map: string): Map<string, string> {
  const signs = new Map<string, string>();
  for (const [, code = '', sign = ''] of map.matchAll(/^<([0-9A-F]+)> <((?:[0-9A-F]{4})+)>$/gm)) signs.set(code, utf16(sign));
  for (const [, first = '', last = '', sign = ''] of map.matchAll(/^<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]{4})>$/gm)) {
    const from = Number.parseInt(first, 16);
    for (let code = from; code <= Number.parseInt(last, 16); code += 1)
      signs.set(code.toString(16).toUpperCase().padStart(first.length, '0'), String.fromCharCode(Number.parseInt(sign, 16) + code - from));
  }
  return signs;
}

function linesOf(content: string, mapOf: (font: string) => ReadonlyMap<string, string>): string {
  let text = '';
  let font = '';
  let line: string | null = null;
  /** What the next signs stand for, as the PDF spells it out; null where the font says it. */
  let spelled: string | null = null;
  const words = /\/ActualText <FEFF([0-9A-F]*)>|(EMC)|\/(F\d+) [\d.]+ Tf|(\S+) (\S+) Tm|<([0-9A-F]+)> Tj/g;
  for (const [, actual, end, face, , y, codes] of content.matchAll(words)) {
    if (actual !== undefined) spelled = utf16(actual);
    else if (end !== undefined) spelled = null;
    else if (face !== undefined) font = face;
    else if (y !== undefined) {
      if (line !== null && y !== line) text += '\n';
      line = y;
    } else if (codes !== undefined && spelled !== null) {
      text += spelled;
      spelled = '';
    } else if (codes !== undefined) {
      const map = mapOf(font);
      const width = map.keys().next().value?.length ?? 4;
      for (let at = 0; at < codes.length; at += width) text += map.get(codes.slice(at, at + width)) ?? lost;
    }
  }
  return text;
}
