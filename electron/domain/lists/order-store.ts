import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { SortKey } from './list-filter.ts';

/** All live records of a noun, sorted by these fields and then by id. What has nothing in a field comes last, both ways. */
export interface Order {
  noun: NounName;
  sort: readonly { path: string; descending: boolean }[];
}

export interface Placed {
  id: string;
  keys: SortKey[];
}

/** Orders that are kept beside the book. What it holds may be thrown away: it is made anew from the book. */
export interface OrderStore {
  /** Those that have every record, the one that was asked for longest ago first. */
  kept(): Order[];
  has(order: Order): boolean;
  /** Begins an empty one; it is not kept before `finish`. */
  begin(order: Order): void;
  finish(order: Order): void;
  drop(order: Order): void;
  /** Where the record stands; null takes it out. */
  put(order: Order, id: string, keys: readonly SortKey[] | null): void;
  page(order: Order, offset: number, limit: number): Placed[];
  count(order: Order): number;
}
