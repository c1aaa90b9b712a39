import ICAL from 'ical.js';
import { withoutEnd } from '../../shared/lib/text.ts';
import type { Card, CardBatch, CardOutcome, CardProperty } from '../domain/transfer/card.ts';
import { bytePieces, decodedBytes, type DecodingStats, decodedPieces, type Encoding } from './text-decoding.ts';
import { type CardLine, encodingOf, normalValue, splitLine } from './vcard-line.ts';
import { words } from '../../shared/words/words.ts';

export interface CardStats extends DecodingStats {
  /** Lines that stand outside of any card. */
  strayLines: number;
}

export function newCardStats(): CardStats {
  return { nul: 0, unreadable: 0, strayLines: 0 };
}

/** No address book writes a card this long, pictures included; beyond it the file is something else. */
const LONGEST_CARD = 40_000_000;
const isBegin = (line: string) => /^\s*BEGIN\s*:\s*VCARD\s*$/i.test(line);
const isEnd = (line: string) => /^\s*END\s*:\s*VCARD\s*$/i.test(line);
const isAgent = (line: string) => /^(?:[\w-]+\.)?AGENT(?:;[^:]*)?:\s*$/i.test(line);

/** Reads vCards of any version one after the other. A card that is cut off or spoilt costs only itself. */
export async function* readCards(path: string, encoding: Encoding, stats: CardStats): AsyncGenerator<CardBatch> {
  // Each line may be written in an encoding of its own (vCard 2.1), so bytes stay bytes until the line is known.
  const isWide = encoding.startsWith('utf-16');
  const text = (line: string) => (isWide ? line : decodedLine(line, encoding, stats));
  let next = 1;
  let lines: string[] | null = null;
  let size = 0;
  /** Cards inside a card: an AGENT of vCard 2.1. */
  let depth = 0;
  let done: CardOutcome[] = [];
  const close = (whole: boolean) => {
    if (lines !== null) done.push(whole ? readCard(lines, text) : cutCard(lines, text));
    lines = null;
    size = 0;
    depth = 0;
  };
  const takeLine = (line: string) => {
    if (isBegin(line)) {
      if (lines !== null && isAgent(lines.at(-1) ?? '')) depth += 1;
      else {
        close(false);
        lines = [];
        return;
      }
    } else if (isEnd(line)) {
      if (depth > 0) depth -= 1;
      else {
        close(true);
        return;
      }
    }
    if (lines === null) {
      if (line.trim() !== '') stats.strayLines += 1;
      return;
    }
    size += line.length;
    if (size <= LONGEST_CARD) lines.push(line);
  };
  const batch = (): CardBatch => {
    const cards = done;
    done = [];
    const first = next;
    next += cards.length;
    return { first, cards };
  };

  let rest = '';
  const pieces = isWide ? decodedPieces(path, encoding, stats) : bytePieces(path, stats);
  for await (const piece of pieces) {
    const parts = (rest + piece).split(/(?<!\r)(?:\r*\n|\r+(?=[^\n\r]))/);
    rest = parts.pop() as string;
    for (const line of parts) takeLine(line);
    if (done.length > 0) yield batch();
  }
  if (rest !== '') takeLine(withoutEnd(rest, '\r'));
  close(false);
  if (done.length > 0) yield batch();
}

type Decode = (line: string) => string;

function cutCard(lines: string[], decode: Decode): CardOutcome {
  return {
    problem: words('imports.cardCutOff'),
    title: titleOf(lines, decode),
    raw: rawOf(lines, decode),
  };
}

function titleOf(lines: string[], decode: Decode): string {
  const properties = parseLines(lines, decode).properties;
  const name =
    properties.find((property) => property.name === 'fn') ??
    properties.find((property) => property.name === 'n' || property.name === 'org');
  return (name?.values ?? []).filter((part) => part !== '').join(' ');
}

function readCard(lines: string[], decode: Decode): CardOutcome {
  return { card: parseLines(lines, decode), raw: rawOf(lines, decode) };
}

const charset = /^[^:\x80-\xff]*;\s*CHARSET\s*=\s*"?([\w.-]{1,40})/i;

/** What says its charset is believed, unless nobody knows it; what is quoted-printable is ASCII, and decoded later. */
function decodedLine(line: string, encoding: Encoding, stats: DecodingStats): string {
  const own = charset.exec(line.slice(0, 500))?.[1];
  if (own !== undefined) {
    try {
      return decodedBytes(line, own, stats);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return decodedBytes(line, encoding, stats);
}

function rawOf(lines: string[], decode: Decode): string {
  return ['BEGIN:VCARD', ...lines.map(decode), 'END:VCARD'].join('\n');
}

/** Left out on purpose: pictures and sounds have no place in the book, and what programs note for themselves says nothing to a person. */
const binary = new Set(['photo', 'logo', 'sound', 'x-ms-cardpicture', 'x-evolution-photo']);

function parseLines(lines: string[], decode: Decode): Card {
  const version = /^VERSION\s*:\s*(.+?)\s*$/i.exec(lines.find((line) => /^VERSION\s*:/i.test(line)) ?? '')?.[1] ?? '3.0';
  const card: Card = { properties: [], leftovers: [], binaries: 0 };
  for (const folded of unfolded(lines, version)) {
    const line = decode(folded);
    if (line.trim() === '') continue;
    const parts = splitLine(line);
    if (parts === null) card.leftovers.push(line.trim());
    else if (binary.has(parts.name)) card.binaries += 1;
    else if (encodingOf(parts) === 'base64') card.binaries += 1;
    else card.properties.push(propertyOf(parts, version));
  }
  return card;
}

function* unfolded(lines: string[], version: string): Generator<string> {
  const isOld = version.startsWith('2');
  let current: string | null = null;
  let isSoft = false;
  let isBase64 = false;
  let depth = 0;
  for (const line of lines) {
    if (isBegin(line)) depth += 1;
    if (depth > 0) {
      // An AGENT's own card: its lines are kept as one value.
      current = `${current ?? ''} ${line.trim()}`;
      if (isEnd(line)) depth -= 1;
      continue;
    }
    if (isSoft && current !== null) {
      current = current.slice(0, -1) + line;
    } else if (current !== null && /^[ \t]/.test(line)) {
      // 3.0 and 4.0 add the space when they fold; 2.1 folds at a space that was there.
      current += isOld && !isBase64 ? line : line.slice(1);
    } else if (current !== null && isBase64 && /^[A-Za-z0-9+/=]+$/.test(line)) {
      current += line;
    } else {
      if (current !== null) yield current;
      current = line;
      isBase64 = /;(?:ENCODING=)?(?:BASE64|B)[;:]/i.test(line.slice(0, 200));
    }
    isSoft = current.endsWith('=') && /^[^:]*(?:QUOTED-PRINTABLE|ENCODING=Q\b)/i.test(current);
  }
  if (current !== null) yield isSoft ? current.slice(0, -1) : current;
}

/** Value kinds that the parser gives back as they were meant; of any other the text itself is kept. */
const textual = new Set(['text', 'uri', 'phone-number', 'date', 'date-time', 'date-and-or-time', 'language-tag', 'unknown']);

function propertyOf(line: CardLine, version: string): CardProperty {
  const types = [...(line.params.get('type') ?? []), ...(line.params.has('pref') ? ['pref'] : [])].map((type) => type.toLowerCase());
  const value = normalValue(line, version);
  const kind = line.params.get('value')?.[0];
  const designSet = version.startsWith('4') ? ICAL.design.vcard : ICAL.design.vcard3;
  let values: string[];
  try {
    // Only what the value depends on is passed on: parameters differ too much between the programs that write them.
    const parsed = ICAL.parse.property(`${line.name}${kind === undefined ? '' : `;VALUE=${kind}`}:${value}`, designSet) as unknown[];
    const kindRead = String(parsed[2]);
    values = textual.has(kindRead) ? parsed.slice(3).flatMap((part) => partsOf(line.name, part)) : [line.value];
    // The parser leaves the escapes of properties it does not know, and in 3.0 of all that is not called text.
    const keepsEscapes = kindRead === 'unknown' || (designSet === ICAL.design.vcard3 && kindRead !== 'text');
    if (keepsEscapes)
      values = values.map((text) => text.replace(/\\([\\,nN])/g, (_all, char: string) => (char === 'n' || char === 'N' ? '\n' : char)));
  } catch {
    values = [line.value];
  }
  // Notes are a comma list for the parser and one text for a person.
  if (line.name === 'note') values = [values.join(',')];
  const preference = Number(line.params.get('pref')?.[0]);
  return { group: line.group, name: line.name, types, values, ...(preference >= 1 && preference <= 100 && { preference }) };
}

/** Parts of a structured value that are lists themselves become one text: "ing. jr,M.Sc." with spaces, a street's with line breaks. */
function partsOf(name: string, value: unknown): string[] {
  if (!Array.isArray(value)) return [String(value)];
  return value.map((part) => (Array.isArray(part) ? part.join(name === 'adr' ? '\n' : ' ') : String(part)));
}
