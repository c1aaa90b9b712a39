import { withoutEnd } from '../../../shared/lib/text.ts';
import { emptyFile } from './file-problem.ts';
import { createBreather } from './breather.ts';
import type { CardSource } from './source.ts';
import { type Words, words } from '../../../shared/words/words.ts';

export interface CardScan {
  rows: number;
  headers: string[];
  sample: string[][];
  notes: Words[];
}

const shown = [
  { header: 'Name', names: ['fn', 'n'] },
  { header: 'Organisation', names: ['org'] },
  { header: 'E-mail', names: ['email'] },
  { header: 'Phone', names: ['tel'] },
  { header: 'Address', names: ['adr'] },
] as const;

function textOf(values: readonly string[]): string {
  const parts = values
    .map((value) => withoutEnd(value.replace(/\s+/g, ' ').replace(/^tel:/i, ''), ' ,').trim())
    .filter((value) => value !== '');
  return parts.join(', ').slice(0, 200);
}

/** Reads all cards once: how many there are, what the first look like, what a person should know. */
export async function scanCards(source: CardSource, fileName: string): Promise<CardScan> {
  const sample: string[][] = [];
  let rows = 0;
  let pictures = 0;
  let cut = 0;
  const breathe = createBreather();
  for await (const { cards } of source.batches()) {
    for (const outcome of cards) {
      rows += 1;
      if ('problem' in outcome) {
        cut += 1;
        if (sample.length < 20) sample.push([outcome.title, ...shown.slice(1).map(() => '')]);
        continue;
      }
      if (outcome.card.binaries > 0) pictures += 1;
      if (sample.length < 20) {
        sample.push(
          shown.map(({ names }) => {
            for (const wanted of names) {
              const property = outcome.card.properties.find(
                ({ name, values }) => name === wanted && values.some((value) => value.trim() !== ''),
              );
              if (property !== undefined) return textOf(property.values);
            }
            return '';
          }),
        );
      }
    }
    await breathe();
  }
  if (rows === 0) throw emptyFile(fileName, 'files.noCards');
  const notes = [...source.notes()];
  if (pictures > 0) notes.push(words('imports.cardsWithPictures', { cards: pictures }));
  if (cut > 0) notes.push(words('imports.cardsCutOff', { cards: cut }));
  return { rows, headers: shown.map(({ header }) => header), sample, notes };
}
