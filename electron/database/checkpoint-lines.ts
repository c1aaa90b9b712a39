import type { NounName, RecordOf, Stored } from '../../shared/nouns/nouns.ts';
import { secretPartsOf } from '../../shared/nouns/secret.ts';
import { type BookHistory, type RecordList, sharedBlank } from '../../shared/operations/apply-operation.ts';
import { heldKey, isPrimary, parentIds, type StoredRecord } from '../../shared/operations/record-layer.ts';
import { layersOfHistory } from '../domain/book-history.ts';
import { layersOfList, type RecordCounts } from '../domain/book-records.ts';
import { fieldsOfRecord, headOf } from './book-form.ts';
import { keyText, type Lines, sortedByKey, type SortedLines } from './lines.ts';
import { type IndexName, mentionOf, packedBehind, type PackedHistory, upTo } from './packed-records.ts';
import type { SecretBox } from './secret-box.ts';

/** Lines of a file as they are made; null where the next one is long in coming, and others may have their turn. */
export type LineMaker = Generator<string | null, void, void>;

interface Keyed {
  key: string;
}

/** Texts that stand for a number, each written once. */
function places() {
  const known = new Map<string, number>();
  return {
    of(text: string): number {
      const place = known.get(text) ?? known.size;
      known.set(text, place);
      return place;
    },
    texts: () => known.keys(),
  };
}

/**
 * The lines of all records. What lies in the last checkpoint and has not changed since is taken over as it lies: only its
 * head has another place.
 */
export function recordWriter(secrets: SecretBox) {
  const heads = places();

  function lineOf(noun: NounName, record: StoredRecord, id: string): string {
    const fields = secrets.sealFields(noun, record.id, fieldsOfRecord(noun, record));
    return `[${heads.of(JSON.stringify(headOf(record)))},${id},${JSON.stringify(fields)}]`;
  }

  return {
    /** Call with the nouns one after the other, and take the indexes of each when its lines are out. */
    noun(noun: NounName, list: RecordList<Stored<RecordOf[NounName]>>) {
      const layers = layersOfList(list);
      const base = layers?.base ?? null;
      const behind = base === null ? undefined : packedBehind(base);
      const old = behind?.packed.nouns[noun];
      const headPlaces = new Int32Array(behind?.packed.heads.count ?? 0).fill(-1);
      const newPlaces = new Int32Array(old?.lines.count ?? 0).fill(-1);
      const changed: Iterable<StoredRecord> = layers?.changed.values() ?? list;
      const entries: Record<IndexName, Entry[]> = { parents: [], primaries: [], keys: [] };
      const counted: RecordCounts = { live: 0, deleted: 0, all: 0 };
      // In another version a field that was left out may have another value.
      const isSameBlank = old?.blank === sharedBlank(noun);
      const secretFields = [...secretPartsOf(noun).keys()].map(mentionOf);

      function oldLine(lines: Lines, oldHeads: Lines, place: number): string | null {
        const text = lines.text(place);
        if (!isSameBlank || secretFields.some((field) => text.includes(field))) return null;
        const comma = text.indexOf(',');
        const head = Number(text.slice(1, comma));
        if (headPlaces[head] === -1) headPlaces[head] = heads.of(oldHeads.text(head));
        return `[${headPlaces[head]}${text.slice(comma)}`;
      }

      function* lines(): LineMaker {
        const fresh: (Keyed & { record: StoredRecord })[] = [];
        for (const record of changed) {
          fresh.push({ key: keyText(record.id), record });
          if (fresh.length % 1000 === 0) yield null;
        }
        const sorted = yield* sortedByKey(fresh);
        const gone = new Set([...(behind?.gone[noun] ?? [])].map(keyText));
        let place = 0;
        let next = 0;
        const put = ({ key, record }: (typeof fresh)[number]) => {
          for (const parent of parentIds(noun, record)) entries.parents.push({ key: keyText(parent), place });
          if (isPrimary(record)) for (const parent of parentIds(noun, record)) entries.primaries.push({ key: keyText(parent), place });
          const held = heldKey(noun, record);
          if (held !== null) entries.keys.push({ key: keyText(held), place });
          if (record.mergedInto === null) counted[record.deletedAt === null ? 'live' : 'deleted'] += 1;
          place += 1;
          next += 1;
          return lineOf(noun, record, key);
        };
        if (old !== undefined && behind !== undefined) {
          for (const at of upTo(old.lines.count)) {
            const key = old.lines.keyAt(at);
            for (let one = sorted[next]; one !== undefined && one.key < key; one = sorted[next]) yield put(one);
            const one = sorted[next];
            if (one?.key === key) {
              yield put(one);
              continue;
            }
            if (gone.has(key)) continue;
            newPlaces[at] = place;
            place += 1;
            const record = () => base?.get(noun, JSON.parse(key) as string) as StoredRecord;
            yield oldLine(old.lines, behind.packed.heads, at) ?? lineOf(noun, record(), key);
          }
        }
        for (let one = sorted[next]; one !== undefined; one = sorted[next]) yield put(one);
        counted.all = place;
      }

      return {
        lines: lines(),
        counts(): RecordCounts {
          const counts = layers?.counts ?? counted;
          if (counts.all !== counted.all) throw new Error(`Of ${counts.all} ${noun} ${counted.all} were written`);
          return counts;
        },
        index: (name: IndexName): LineMaker => indexLines(old?.indexes[name] ?? null, newPlaces, entries[name]),
      };
    },
    heads: () => heads.texts(),
  };
}

interface Entry extends Keyed {
  place: number;
}

/** The index of the last checkpoint with the places that its records have now, and what is new. */
function* indexLines(old: SortedLines | null, newPlaces: Int32Array, entries: readonly Entry[]): LineMaker {
  const sorted = yield* sortedByKey(entries);
  let next = 0;
  const taken = (key: string): number[] => {
    const found: number[] = [];
    for (let one = sorted[next]; one?.key === key; one = sorted[next]) {
      found.push(one.place);
      next += 1;
    }
    return found;
  };
  for (const at of upTo(old?.count ?? 0)) {
    const text = (old as SortedLines).text(at);
    const key = (old as SortedLines).keyAt(at);
    for (let one = sorted[next]; one !== undefined && one.key < key; one = sorted[next]) yield indexLine(one.key, taken(one.key));
    const kept = (JSON.parse(text) as [string, ...number[]])
      .slice(1)
      .map((place) => newPlaces[place as number] as number)
      .filter((place) => place >= 0);
    const all = [...kept, ...taken(key)].sort((left, right) => left - right);
    yield all.length === 0 ? null : indexLine(key, all);
  }
  for (let one = sorted[next]; one !== undefined; one = sorted[next]) yield indexLine(one.key, taken(one.key));
}

function indexLine(key: string, found: readonly number[]): string {
  return `[${key},${found.join(',')}]`;
}

/** The history of every record; operations are named by their place among `operationIds`: one import touches thousands of records. */
export function historyWriter(history: BookHistory) {
  const layers = layersOfHistory(history);
  const old = (layers?.base ?? null) as PackedHistory | null; // no other base is made
  const changed = layers?.changed ?? (history as ReadonlyMap<string, readonly string[]>); // one that was made elsewhere is a map
  const added = places();
  const addedFrom = old?.operationIds.count ?? 0;

  function lineOf(key: string, quoted: string, ids: readonly string[]): string {
    const known = new Map((old?.places(key) ?? []).map((place) => [old?.idAt(place), place]));
    return indexLine(
      quoted,
      ids.map((id) => known.get(id) ?? addedFrom + added.of(id)),
    );
  }

  function* lines(): LineMaker {
    const fresh: (Keyed & { name: string; ids: readonly string[] })[] = [];
    for (const [name, ids] of changed) {
      fresh.push({ key: keyText(name), name, ids });
      if (fresh.length % 1000 === 0) yield null;
    }
    const sorted = yield* sortedByKey(fresh);
    let next = 0;
    const put = ({ key, name, ids }: (typeof fresh)[number]) => {
      next += 1;
      return lineOf(name, key, ids);
    };
    for (const at of upTo(old?.lines.count ?? 0)) {
      const key = (old as PackedHistory).lines.keyAt(at);
      for (let one = sorted[next]; one !== undefined && one.key < key; one = sorted[next]) yield put(one);
      const one = sorted[next];
      yield one?.key === key ? put(one) : (old as PackedHistory).lines.text(at);
    }
    for (let one = sorted[next]; one !== undefined; one = sorted[next]) yield put(one);
  }

  return {
    lines: lines(),
    *operationIds(): LineMaker {
      for (const place of upTo(addedFrom)) yield (old as PackedHistory).operationIds.text(place);
      for (const id of added.texts()) yield JSON.stringify(id);
    },
  };
}
