import { fold } from '../lib/text.ts';
import { industries } from './client/client.ts';

const yes = new Set([
  'yes',
  'y',
  'true',
  't',
  '1',
  'x',
  'on',
  'active',
  'open',
  'enabled',
  'ja',
  'j',
  'wahr',
  'oui',
  'o',
  'vrai',
  'si',
  's',
  'verdadero',
  '✓',
  '✔',
]);
const no = new Set([
  'no',
  'n',
  'false',
  'f',
  '0',
  '-',
  'off',
  'inactive',
  'closed',
  'close',
  'disabled',
  'nein',
  'falsch',
  'non',
  'faux',
  'falso',
  '✗',
  '✘',
]);

/** Yes or no as people write it; null for anything else. */
export function booleanOf(text: string): boolean | null {
  const key = fold(text.trim());
  if (yes.has(key)) return true;
  return no.has(key) ? false : null;
}

/** Words for industries that are neither the key nor the label. Only where the meaning is the same, not merely near. */
const industryWords: Record<string, keyof typeof industries> = {
  'health care': 'health',
  healthcare: 'health',
  medical: 'health',
  farming: 'agriculture',
  building: 'construction',
  software: 'it_support',
  'it services': 'it_support',
  transport: 'logistics',
  transportation: 'logistics',
  tourism: 'hospitality',
  advertising: 'marketing',
  'non profit': 'non_profit',
  nonprofit: 'non_profit',
  ecommerce: 'online_retail',
  'e commerce': 'online_retail',
};

function wordsOf(text: string): string {
  return fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The key of the choice a text means: the key itself, its label, or a known other word for it; null when it is none. */
export function choiceOf(choices: Readonly<Record<string, string>>, text: string): string | null {
  const wanted = wordsOf(text);
  if (wanted === '') return null;
  for (const [key, label] of Object.entries(choices)) {
    if (wordsOf(key) === wanted || wordsOf(label) === wanted) return key;
  }
  return choices === industries ? (industryWords[wanted] ?? null) : null;
}
