import { type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import { childNouns } from '../../../shared/operations/going-along.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { Book } from '../book.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { sampleBook } from './sample-book.ts';

export interface SampleService {
  /** Does nothing while sample records are still there. */
  add(): Promise<{ clients: number }>;
  remove(): Promise<{ removed: number; kept: number }>;
  /** Sample records still there. */
  count(): number;
}

/** Sample records carry a mark like one from a remote: it travels with them and cannot be lost in a crash. */
const mark = 'sample';

/** Fields the book itself sets: an undo, or another record made primary, is no edit of a person's. */
const setByBook = new Set(['*', 'deletedAt', 'isPrimary']);

export function createSampleService(book: Book, clock: Clock): SampleService {
  const isSample = (record: StoredRecord) => record.externalIds[mark] !== undefined;
  const isEdited = (record: StoredRecord) => Object.keys(record.stamps).some((field) => !setByBook.has(field));

  function sampleRecords(): { noun: NounName; record: StoredRecord }[] {
    return nounNames.flatMap((noun) =>
      [...book.mentioning(noun, 'externalIds')]
        .filter((record) => record.deletedAt === null && isSample(record))
        .map((record) => ({ noun, record })),
    );
  }

  return {
    async add() {
      if (sampleRecords().length > 0) return { clients: 0 };
      const today = Date.parse(`${clock.today()}T00:00:00Z`);
      const day = (fromToday: number) => new Date(today + fromToday * 86_400_000).toISOString().slice(0, 10);
      const { value } = await book.run('app.addSample', null, (tx) => {
        const sample = sampleBook(day);
        sample.forEach(({ client, contacts, locations }, index) => {
          const marked = (part: string) => ({ externalIds: { [mark]: `${index + 1}${part}` } });
          // A client of the person's own may have the e-mail by now; theirs stays.
          const email = typeof client.email === 'string' && tx.clientByEmail(client.email) === null ? client.email : null;
          const { id: clientId } = tx.create('clients', { ...client, email, ...marked('') });
          contacts.forEach((contact, at) => tx.create('contacts', { ...contact, clientId, ...marked(`-contact-${at + 1}`) }));
          locations.forEach((location, at) => tx.create('locations', { ...location, clientId, ...marked(`-location-${at + 1}`) }));
        });
        return sample.length;
      });
      return { clients: value };
    },
    async remove() {
      const { value } = await book.run('app.removeSample', null, (tx) => {
        const all = sampleRecords();
        const going = new Map(all.filter(({ record }) => !isEdited(record)).map(({ noun, record }) => [record.id, noun]));
        // Deleting a record takes along what hangs on it: it stays while anything on it stays or is the person's own.
        for (let isSettled = false; !isSettled; ) {
          isSettled = true;
          for (const [id, noun] of going) {
            const isNeeded = childNouns(noun).some((child) => tx.childrenOf(id, child).some((one) => !going.has(one.id)));
            if (!isNeeded) continue;
            going.delete(id);
            isSettled = false;
          }
        }
        for (const [id, noun] of going) if (tx.get(noun, id)?.deletedAt === null) tx.remove(noun, id);
        return { removed: going.size, kept: all.length - going.size };
      });
      return value;
    },
    count: () => sampleRecords().length,
  };
}
