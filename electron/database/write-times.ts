import type { RxStorage, RxStorageInstance, RxStorageInstanceCreationParams } from 'rxdb';

/**
 * Write times (`_meta.lwt`) that only ever grow, also when the machine's clock goes back between two sessions. RxDB
 * finds "what changed since" by write time, and silently never pushes a document written with an older one.
 */
export interface WriteTimes {
  next(): number;
  /** Takes note of the newest write time found in the database. */
  observe(time: number): void;
}

export function writeTimes(now: () => number): WriteTimes {
  // Counted in hundredths of a millisecond, RxDB's own resolution, so that no rounding makes two of them equal.
  let last = 0;
  return {
    next() {
      last = Math.max(last + 1, Math.floor(now() * 100));
      return last / 100;
    },
    observe(time) {
      last = Math.max(last, Math.ceil(time * 100));
    },
  };
}

/** The storage with write times of ours: each row of every write gets its own, in order. */
export function withWriteTimes<Internals, Options>(
  storage: RxStorage<Internals, Options>,
  times: WriteTimes,
): RxStorage<Internals, Options> {
  return {
    name: storage.name,
    rxdbVersion: storage.rxdbVersion,
    async createStorageInstance<RxDocType>(params: RxStorageInstanceCreationParams<RxDocType, Options>) {
      const instance: RxStorageInstance<RxDocType, Internals, Options> = await storage.createStorageInstance(params);
      const write = instance.bulkWrite.bind(instance);
      instance.bulkWrite = (rows, context) => {
        // RxDB has cloned the documents for this write; only the meta object may be shared between them.
        for (const { document } of rows) document._meta = { ...document._meta, lwt: times.next() };
        return write(rows, context);
      };
      return instance;
    },
  };
}
