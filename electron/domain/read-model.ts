import { type NounName, nounsNaming, placeNouns, plainReferences, titleOf } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Book } from './book.ts';
import type { Log } from './ports.ts';
import type { OrderStore } from './lists/order-store.ts';
import { createSortOrders, type SortOrders } from './lists/sort-orders.ts';
import { recordWords } from './search/search-words.ts';
import type { WordIndex } from './search/word-index.ts';

/** Up to where something follows the book: the newest operation, and the newest stamp of all so far. */
export interface BookPosition {
  seq: number;
  newestStamp: string | null;
}

/**
 * What is kept of the book in the order of questions, on the disk beside it. It is never the truth: whatever is wrong with
 * it, it is thrown away and made anew from the book. Any of its methods may throw where it is damaged or the disk refuses.
 */
export interface ReadModel {
  readonly words: WordIndex;
  readonly orders: OrderStore;
  /** Records that changed after it was last written, by what was found at the start; null: it has to be made from nothing. */
  readonly behind: readonly (readonly [NounName, string])[] | null;
  /** Keeps what was put since the last call. With a position it is whole up to there; without one it is on its way. */
  keep(position: BookPosition | null): void;
  /** Begins with an empty one, which takes no room on the disk before this. Where the disk does not take it, it is in memory until the next start. */
  renew(): void;
  /** Reads through all of it elsewhere; false when it is damaged. */
  isSound(): Promise<boolean>;
}

/** Keeps the read model as the book is. */
export interface ReadModelFeed {
  /** The orders of lists; to ask only while the model is made. */
  readonly orders: SortOrders;
  /** True while the model has everything but what changed a moment ago. */
  isMade(): boolean;
  /** Takes in what changed, now. False where that has to wait for the book to be proven: then the model is behind. */
  catchUp(): boolean;
  /** Resolves when every record is in it as it is now. */
  ready(): Promise<void>;
  /** A question failed: the model is made anew, unless it was stopped. Until then it throws again what is no fault of the model's. */
  failed(error: unknown): void;
  /** Stops working in the background; for closing the book. */
  stop(): void;
}

/** Main answers other calls between slices. */
const sliceMs = 5;
/** So many records are kept at once while it is made: each keeping costs as much as some of them. */
const keptTogether = 5000;
/** What is left at the end; more of it is taken in at the next start. */
const caughtUpAtEnd = 200;

type FedBook = Pick<Book, 'get' | 'all' | 'counts' | 'naming' | 'children' | 'watch' | 'position'>;

/**
 * Brings every change of the book into the model, in the background: no command waits for it, and a question waits only for
 * what it must see. A model that is behind takes in what it has missed; one of which too little is known is made from nothing.
 */
export function createReadModelFeed(deps: {
  book: FedBook;
  model: ReadModel;
  log: Log;
  soundAfterMs?: number;
  /** Nothing is put in before it resolves, and nothing where the book is not what was saved. */
  proven?: Promise<boolean>;
}): ReadModelFeed {
  const { book, model, log, soundAfterMs = 20_000, proven } = deps;
  const orders = createSortOrders({ book, model, log });
  let isMade = model.behind !== null;
  const changed = new Map<string, readonly [NounName, string]>();
  let working: Promise<void> | null = null;
  let isStopped = false;
  let isProven = proven === undefined;

  for (const [noun, id] of model.behind ?? []) {
    noteWithNamesakes(noun, id);
    orders.note(noun, id);
  }
  book.watch((noun, before, after) => {
    orders.note(noun, after.id);
    // What hangs on a record, or names it, is found by that record's name too.
    if (before !== null && titleOf(noun, before) !== titleOf(noun, after)) noteWithNamesakes(noun, after.id);
    else note(noun, after.id);
    goOn();
  });
  goOn();
  const sounding = setTimeout(() => void sound(), soundAfterMs);
  sounding.unref();

  function note(noun: NounName, id: string): void {
    if (placeNouns.includes(noun)) changed.set(`${noun}/${id}`, [noun, id]);
  }

  function noteWithNamesakes(noun: NounName, id: string): void {
    note(noun, id);
    for (const child of placeNouns) for (const one of book.children(child, id)) note(child, one.id);
    for (const other of nounsNaming(noun).filter((one) => placeNouns.includes(one))) {
      for (const record of book.naming(other, id))
        if (plainReferences(other, record).some((named) => named.id === id)) note(other, record.id);
    }
  }

  function goOn(): void {
    working ??= inSlices()
      .catch(failed)
      .finally(() => {
        working = null;
        // Noted after the last look and before this.
        if ((isBehind() || !isMade) && !isStopped) goOn();
      });
  }

  const isBehind = () => changed.size > 0 || orders.isBehind();

  async function inSlices(): Promise<void> {
    isProven ||= await (proven as Promise<boolean>);
    if (!isProven) isStopped = true;
    if (isStopped) return;
    let sliceEnd = 0;
    for (const _ of work()) {
      if (performance.now() < sliceEnd) continue;
      // While it is made nothing of it is asked; after that, what was put must not be lost with the process.
      if (isMade) model.keep(null);
      await new Promise((resolve) => setImmediate(resolve));
      if (isStopped) return;
      sliceEnd = performance.now() + sliceMs;
    }
  }

  function* work(): Generator<void> {
    yield;
    if (!isMade) yield* make();
    while (isBehind()) {
      yield* takeIn();
      yield* orders.takeIn();
    }
    model.keep(book.position());
  }

  function* make(): Generator<void> {
    const begun = performance.now();
    let count = 0;
    model.renew();
    changed.clear();
    for (const noun of placeNouns) {
      for (const record of book.all(noun)) {
        put(noun, record);
        count += 1;
        if (count % keptTogether === 0) model.keep(null);
        yield;
      }
    }
    yield* takeIn();
    isMade = true;
    log.info('read-model.made', { records: count, ms: Math.round(performance.now() - begun) });
  }

  function* takeIn(): Generator<void> {
    for (const [key, [noun, id]] of changed) {
      changed.delete(key);
      const record = book.get(noun, id);
      if (record !== undefined) put(noun, record);
      yield;
    }
  }

  function put(noun: NounName, record: StoredRecord): void {
    model.words.put(noun, record.id, record.deletedAt === null ? recordWords(book, noun, record) : null);
  }

  /** Damage shows only where it is read, so all of it is read once after the start, when screens have what they need. */
  async function sound(): Promise<void> {
    await ready();
    if (isStopped || (await model.isSound()) || isStopped) return;
    makeAnew('UNSOUND');
  }

  function makeAnew(code: string): void {
    log.warn('read-model.renewed', { code });
    isMade = false;
    goOn();
  }

  function failed(error: unknown): void {
    // What was under way when the book was closed ends with it.
    if (isStopped) return;
    const code = error instanceof Error && 'errstr' in error ? String(error.errstr) : null;
    if (code === null) throw error;
    makeAnew(code);
  }

  async function ready(): Promise<void> {
    while ((!isMade || changed.size > 0) && !isStopped) await (working ?? Promise.resolve());
  }

  return {
    orders,
    isMade: () => isMade,
    catchUp() {
      if (!isProven) return changed.size === 0;
      for (const _ of takeIn());
      return true;
    },
    ready,
    failed,
    stop() {
      isStopped = true;
      clearTimeout(sounding);
      if (!isProven || !isMade || changed.size > caughtUpAtEnd) return;
      try {
        for (const _ of takeIn());
        for (const _ of orders.takeIn());
        model.keep(book.position());
      } catch (error) {
        log.warn('read-model.left-behind', { error: error instanceof Error ? error.name : typeof error });
      }
    },
  };
}
