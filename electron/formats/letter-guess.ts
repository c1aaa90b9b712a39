import chardet from 'chardet';
import type { Encoding } from './text-decoding.ts';

interface Language {
  /** Its letters beyond A to Z, the commonest first. */
  letters: string;
  encodings: readonly Encoding[];
  /** Accents stand on the last letter of a word. */
  isAtEnd?: true;
}

const western = ['windows-1252', 'macintosh', 'iso-8859-15'] as const;
const central = ['windows-1250', 'iso-8859-2'] as const;
const cyrillic = ['windows-1251', 'koi8-r', 'koi8-u', 'ibm866', 'x-mac-cyrillic', 'iso-8859-5'] as const;

/** What lists are written in. Of equals the first counts. */
const languages: readonly Language[] = [
  { letters: 'üäößé', encodings: western },
  { letters: 'éèàêçôîâûïùëœüöæ', encodings: western },
  { letters: 'óíáéñúü', encodings: western },
  { letters: 'ãçáéíóêõâúôà', encodings: western },
  { letters: 'àèòùéìó', encodings: western, isAtEnd: true },
  { letters: 'äöåéü', encodings: western },
  { letters: 'øåæéöäü', encodings: western },
  { letters: 'ëéïèöü', encodings: western },
  { letters: 'íáðóöúþýéæ', encodings: western },
  { letters: 'łóążęśćńź', encodings: central },
  { letters: 'íáéěřčžýšůúňóťďö', encodings: central },
  { letters: 'áíčéžýšľťúôňäóďĺŕ', encodings: central },
  { letters: 'áéöóőüíúű', encodings: central },
  { letters: 'ăîâşţșț', encodings: central },
  { letters: 'čšžćđ', encodings: central },
  { letters: 'ıüşğöçâîû', encodings: ['windows-1254'] },
  { letters: 'ėšųžįčąūęäõüö', encodings: ['windows-1257', 'iso-8859-13'] },
  { letters: 'āīēšņūļžģčķ', encodings: ['windows-1257', 'iso-8859-13'] },
  { letters: 'αοιετσνηυρπκμλςωάίόέδγήχύθφβξζώψ', encodings: ['windows-1253', 'iso-8859-7'] },
  { letters: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё', encodings: cyrillic },
  { letters: 'оаинвіертсклудпмяьзгбчйхцїжюєшщфґ', encodings: cyrillic },
  { letters: 'יוהלארמתבנשעדקחפכגטזסצםןךץף', encodings: ['windows-1255'] },
  { letters: 'المينرتبودعسفهقكحجةصشطخذضزىءغثظؤئإأآ', encodings: ['windows-1256'] },
  { letters: 'ารนกอเงมยลวดทสตะปบคหแจพชขใไโผซถธศณษฟภญฐฉฮ่้ิีืุู์ั็ำึ๊๋', encodings: ['windows-874'] },
];
const multiByte: Readonly<Record<string, Encoding>> = {
  Shift_JIS: 'shift_jis',
  'EUC-JP': 'euc-jp',
  'EUC-KR': 'euc-kr',
  Big5: 'big5',
  GB18030: 'gb18030',
  'ISO-2022-JP': 'iso-2022-jp',
};
/** Characters that are looked at: enough to tell, and done in some milliseconds. */
const JUDGED = 4000;

/** The likeliest encoding of text that is neither UTF-8 nor UTF-16. */
export function guessEncoding(bytes: Uint8Array): Encoding {
  const [surest] = chardet.analyse(bytes);
  const eastern = surest === undefined ? undefined : multiByte[surest.name];
  if (eastern !== undefined && (surest as { confidence: number }).confidence >= 40 && holds(bytes, eastern)) return eastern;
  let best: { encoding: Encoding; score: number } = { encoding: 'windows-1252', score: Number.NEGATIVE_INFINITY };
  const words = new Map<Encoding, string[]>();
  for (const { letters, encodings, isAtEnd } of languages) {
    for (const encoding of encodings) {
      const known = words.get(encoding) ?? wordsBeyondAscii(bytes, encoding);
      words.set(encoding, known);
      const score = scoreOf(known, letters, isAtEnd === true);
      if (score > best.score) best = { encoding, score };
    }
  }
  return best.encoding;
}

function holds(bytes: Uint8Array, encoding: Encoding): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Runs of characters without white space and cell ends, as far as they have a character beyond ASCII. */
function wordsBeyondAscii(bytes: Uint8Array, encoding: Encoding): string[] {
  const words: string[] = [];
  let seen = 0;
  for (const [word] of new TextDecoder(encoding).decode(bytes, { stream: true }).matchAll(/[^\s,;|"()/-]+/gu)) {
    if (!/[^\u0000-\u007f]/.test(word)) continue;
    words.push(word);
    seen += word.length;
    if (seen > JUDGED) break;
  }
  return words;
}

/** How well the letters fit the language: the logarithm of how likely they are. */
function scoreOf(words: readonly string[], letters: string, isAtEnd: boolean): number {
  let score = 0;
  for (const word of words) {
    for (let at = 0; at < word.length; at++) {
      const char = word[at] as string;
      if (char <= '\u007f') continue;
      const [before, after] = [word[at - 1] ?? '', word[at + 1] ?? ''];
      const isInside = /\p{L}/u.test(before) || /\p{L}/u.test(after);
      if (!/[\p{L}\p{M}]/u.test(char)) {
        // Nobody writes ¤: it is a € read wrong.
        score += Math.log((isInside && !/[\p{P}°ºª®™]/u.test(char)) || char === '¤' ? 1 / 3000 : 1 / 60);
        continue;
      }
      const place = letters.indexOf(char.toLowerCase());
      score += Math.log(place === -1 ? 1 / 500 : 1 / (place + 2));
      // "MŠller", and Latin letters beside Greek ones, are letters read wrong.
      if (/\p{Lu}/u.test(char) && /\p{L}/u.test(before) && /\p{Ll}/u.test(before + after)) score += Math.log(1 / 50);
      if (/[A-Za-z]/.test(before + after) && !/\p{Script=Latin}/u.test(char)) score += Math.log(1 / 1000);
      if (isAtEnd && /\p{L}/u.test(after)) score += Math.log(1 / 10);
    }
  }
  return score;
}
