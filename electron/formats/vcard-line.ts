import { decodeQuotedPrintable } from './quoted-printable.ts';

/** A content line taken apart: `item1.TEL;TYPE=CELL:+1 555` and also the bare parameters of vCard 2.1 (`TEL;CELL:`). */
export interface CardLine {
  group: string | null;
  /** In lower case. */
  name: string;
  /** Parameters by lower-case name; several values of one parameter together. */
  params: Map<string, string[]>;
  /** The value as written, still escaped and encoded. */
  value: string;
}

const bareEncodings = new Set(['quoted-printable', 'base64', '8bit', '7bit', 'b', 'q']);
const bareValues = new Set(['url', 'content-id', 'cid', 'inline']);

/** Null for a line that is not a property at all. */
export function splitLine(line: string): CardLine | null {
  const colon = valueStart(line);
  if (colon === -1) return null;
  const [head = '', ...rest] = splitOutsideQuotes(line.slice(0, colon), ';');
  const match = /^(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)$/.exec(head.trim());
  if (match === null) return null;
  const params = new Map<string, string[]>();
  for (const param of rest) addParam(params, param);
  return { group: match[1]?.toLowerCase() ?? null, name: (match[2] as string).toLowerCase(), params, value: line.slice(colon + 1) };
}

/** The colon that ends the parameters; one inside double quotes does not. An unpaired quote is taken as text. */
function valueStart(line: string): number {
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (char === '"') quoted = !quoted;
    else if (char === ':' && !quoted) return i;
  }
  return quoted ? line.indexOf(':') : -1;
}

function addParam(params: Map<string, string[]>, param: string): void {
  const equals = param.indexOf('=');
  const bare = param.trim().toLowerCase();
  const add = (name: string, values: string[]) => params.set(name, [...(params.get(name) ?? []), ...values]);
  if (equals === -1) {
    if (bare === '') return;
    if (bareEncodings.has(bare)) add('encoding', [bare]);
    else if (bareValues.has(bare)) add('value', [bare]);
    else add('type', [bare]);
    return;
  }
  const values = splitOutsideQuotes(param.slice(equals + 1), ',').flatMap((value) => unquoted(value).split(','));
  add(
    param.slice(0, equals).trim().toLowerCase(),
    values.map((value) => value.trim()).filter((value) => value !== ''),
  );
}

function unquoted(value: string): string {
  return value.trim().replace(/^"(.*)"$/, '$1');
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

export function encodingOf(line: CardLine): 'quoted-printable' | 'base64' | null {
  const encoding = line.params.get('encoding')?.[0]?.toLowerCase();
  if (encoding === 'quoted-printable' || encoding === 'q') return 'quoted-printable';
  return encoding === 'base64' || encoding === 'b' ? 'base64' : null;
}

/** Properties whose value has parts between semicolons. */
const structured = new Set(['n', 'adr', 'org', 'gender', 'clientpidmap']);
/** Properties whose value is a list between commas. */
const listed = new Set(['categories', 'nickname']);

/**
 * The line as vCard 3.0 and 4.0 would write it, for the parser: quoted-printable decoded, the bare commas of 2.1
 * escaped, escapes that the standard does not ask for (`\:`) undone.
 */
export function normalValue(line: CardLine, version: string): string {
  const charset = line.params.get('charset')?.[0] ?? null;
  const decode = encodingOf(line) === 'quoted-printable' ? (text: string) => decodeQuotedPrintable(text, charset) : (text: string) => text;
  const isOld = version.startsWith('2') || encodingOf(line) === 'quoted-printable';
  if (!isOld)
    return structured.has(line.name)
      ? line.value
      : line.value.replace(/\\(\\|[;:"])/g, (all, char: string) => (char === '\\' ? all : char));
  if (structured.has(line.name))
    return splitUnescaped(line.value, ';')
      .map((part) => escaped(plain(decode(part)), /[\\,;]/g))
      .join(';');
  if (listed.has(line.name))
    return splitUnescaped(decode(line.value), ',')
      .map((part) => escaped(plain(part), /[\\,]/g))
      .join(',');
  return escaped(plain(decode(line.value)), /[\\,]/g);
}

/** 2.1 knows only `\;`; what writes it often uses the escapes of 3.0 all the same. */
function plain(text: string): string {
  return text.replace(/\\([;,:\\nN])/g, (_all, char: string) => (char === 'n' || char === 'N' ? '\n' : char));
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, '\\$&').replace(/\r\n|\r|\n/g, '\\n');
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
