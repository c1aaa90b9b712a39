import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';
import { expect, it } from 'vitest';
import { lookOf } from '../../electron/domain/transfer/cell-look.ts';
import { dateOf } from '../../electron/domain/transfer/date-text.ts';
import { mentionedIn } from '../../shared/dialects/bottlecrm.ts';
import { joinedLines } from '../../shared/lib/text.ts';
import { safeFileName } from '../../shared/nouns/activity/attachment-risk.ts';
import { textOfHtml } from '../../shared/nouns/activity/email-text.ts';
import { root } from '../../build/paths.mjs';

/**
 * A regular expression that looks at the same characters again and again takes hours for a megabyte that somebody sends. Each one
 * of the sources is run on texts that repeat what it looks for and end otherwise: in a tenth of a second it has to be through.
 */
const lengths = [
  // What grows with the cube of a length would not end at the longest.
  { length: 300, mostMs: 10 },
  { length: 2_000, mostMs: 20 },
  { length: 20_000, mostMs: 100 },
];

/** Those that never see a text that long, each with what bounds it. Nothing that comes over the network is here. */
const bounded: readonly { in: string; because: string }[] = [
  { in: 'electron/ipc/backend.ts', because: 'the lines of our own stack' },
  { in: 'shared/contracts/outbox.contract.ts', because: 'of 253 characters at most' },
];

const folders = ['shared', 'remotes', 'server', 'electron', 'renderer'];

function* sourcesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesIn(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

function expressionsIn(path: string): string[] {
  const found: string[] = [];
  const { program } = parseSync(path, readFileSync(path, 'utf8'));
  new Visitor({ Literal: (node) => void ('regex' in node && found.push(`/${node.regex.pattern}/${node.regex.flags}`)) }).visit(program);
  return found;
}

const signs = [...'.a0A-_ ,;:@<>/+(%&="\'!*', '\t', '\n', '\r'];

/** Texts that are hard on an expression: what it is written with, over and over, after a beginning and before another end. */
function* hardTexts(source: string, length: number): Generator<string> {
  const words = [
    ...source
      .replace(/\\[bBdDsSwWpP](\{[^}]*\})?/g, ' ')
      .replaceAll(/\\(.)/g, '$1')
      .matchAll(/[\w<>:/!@.-]{2,}/g),
  ].map(([word]) => word);
  const pumps = [...signs, ...words, '1.', 'a.', ' ,', '\r\n', '</', '<a>'];
  for (const start of new Set(['', ...words, 'a', '1', '<', '"', '@']))
    for (const pump of pumps) for (const end of ['', '\u0001', 'a']) yield start + pump.repeat(Math.ceil(length / pump.length)) + end;
}

function slowOn(expression: string): string | null {
  const at = expression.lastIndexOf('/');
  const flags = expression.slice(at + 1);
  const source = expression.slice(1, at);
  if (!/[*+]|\{\d+,\d*\}/.test(source)) return null;
  const made = new RegExp(source, flags.includes('g') || flags.includes('y') ? flags : `${flags}g`);
  for (const { length, mostMs } of lengths)
    for (const text of hardTexts(source, length)) {
      const took = (): number => {
        const began = process.threadCpuUsage();
        text.replace(made, '');
        return process.threadCpuUsage(began).user / 1000;
      };
      // The processor's time: a busy machine is no slow expression. Memory may be tidied up once.
      if (took() > mostMs && took() > mostMs && took() > mostMs) return JSON.stringify(text.slice(0, 30));
    }
  return null;
}

it.each<[string, (text: string) => unknown]>([
  ['the people that a comment names', (text) => mentionedIn(text, [])],
  ['the name of a file', (text) => safeFileName(text)],
  ['the text of a web page', (text) => textOfHtml(text)],
  ['the lines of a text', (text) => joinedLines(text, ' ')],
  ['what a cell looks like', (text) => lookOf(text.slice(1))],
  ['a day', (text) => dateOf(text, 'dmy')],
])('A megabyte that is hard to look at takes no time: %s', (_what, look) => {
  for (const part of ['@', '.', ' ', '1', '1 ', '@.', '<', '<script>', '<style', '</', '\n ', '. ', '<!--', 'a@']) {
    const text = `@${part.repeat(1_000_000 / part.length)}a`;
    const began = process.threadCpuUsage();
    look(text);
    expect(process.threadCpuUsage(began).user / 1000, part).toBeLessThan(2_000);
  }
});

it('No regular expression of ours takes time that grows faster than what it looks at', { timeout: 300_000 }, () => {
  expect(slowOn('/[. ]+$/'), 'what this test is for').not.toBe(null);
  const known = new Map<string, string | null>();
  const slow: string[] = [];
  for (const folder of folders)
    for (const path of sourcesIn(join(root, folder)))
      for (const expression of expressionsIn(path)) {
        if (!known.has(expression)) known.set(expression, slowOn(expression));
        const on = known.get(expression) ?? null;
        if (on === null) continue;
        const name = `${relative(root, path).replaceAll('\\', '/')} ${expression}`;
        if (!bounded.some((one) => name.startsWith(one.in))) slow.push(`${name} on ${on}`);
      }
  expect(slow).toEqual([]);
});
