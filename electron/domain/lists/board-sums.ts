import type { BoardColumn } from '../../../shared/contracts/board.ts';
import { addMoney, compareDecimals, subtractMoney } from '../../../shared/lib/money.ts';
import { fieldsOf, type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { fieldReader } from './field-values.ts';

/** How many cards the columns of a board have and what they are worth, kept while cards come and go: a change costs one card. */
export interface BoardSums {
  /** A card comes (1) or goes (-1). */
  count(record: StoredRecord, by: 1 | -1): void;
  columns(): BoardColumn[];
}

/** The columns of the noun's board, in order; none where it has no board. */
export function columnsOf(noun: NounName): readonly string[] {
  const { board } = nouns[noun];
  const field = board === null ? undefined : fieldsOf(noun).find(({ path }) => path === board.column);
  return Object.keys(field?.choices ?? {});
}

/** Which column a record stands in. */
export function columnPlaceOf(noun: NounName): (record: StoredRecord) => number {
  const { board } = nouns[noun];
  const places = new Map(columnsOf(noun).map((value, at) => [value, at]));
  if (board === null) return () => 0;
  const read = fieldReader(noun, board.column, '');
  // What damage left without a column of its own stands in the first.
  return (record) => places.get(String(read(record))) ?? 0;
}

interface Sum {
  cards: number;
  amount: string;
  likely: string;
}

export function createBoardSums(noun: NounName): BoardSums {
  const values = columnsOf(noun);
  const placeOf = columnPlaceOf(noun);
  const { board } = nouns[noun];
  const counts = values.map(() => 0);
  const sums = values.map(() => new Map<string, Sum>());
  const worth = board === null || board.amount === null ? null : readersOf(noun, board.amount);
  return {
    count(record, by) {
      const at = placeOf(record);
      if (at >= counts.length) return;
      counts[at] = (counts[at] as number) + by;
      const amount = worth?.amount(record);
      if (worth === null || typeof amount !== 'string') return;
      const ofColumn = sums[at] as Map<string, Sum>;
      const currency = String(worth.currency(record));
      const sum = ofColumn.get(currency) ?? { cards: 0, amount: '0', likely: '0' };
      const cards = sum.cards + by;
      const put = (now: string, value: string) => (by === 1 ? addMoney([now, value]) : subtractMoney(now, value));
      if (cards === 0) ofColumn.delete(currency);
      else ofColumn.set(currency, { cards, amount: put(sum.amount, amount), likely: put(sum.likely, String(worth.likely(record))) });
    },
    columns: () =>
      values.map((value, at) => ({
        value,
        count: counts[at] as number,
        sums: [...(sums[at] as Map<string, Sum>)]
          .sort(([left, a], [right, b]) => b.cards - a.cards || compareDecimals(b.amount, a.amount) || (left < right ? -1 : 1))
          .map(([currency, { amount, likely }]) => ({ currency, amount, likely })),
      })),
  };
}

function readersOf(noun: NounName, { path, currency, likely }: { path: string; currency: string; likely: string }) {
  // None of them follows from the day.
  return { amount: fieldReader(noun, path, ''), currency: fieldReader(noun, currency, ''), likely: fieldReader(noun, likely, '') };
}
