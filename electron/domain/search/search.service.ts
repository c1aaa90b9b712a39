import { LRUCache } from 'lru-cache';
import { type FieldInfo, isReference } from '../../../shared/nouns/field.ts';
import type { SearchHit } from '../../../shared/contracts/search.contract.ts';
import { type AnyRecord, fieldsOf, type NounName, placeNouns, titleOf } from '../../../shared/nouns/nouns.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { instantOf } from '../../../shared/lib/clock.ts';
import { identityFold, searchFold } from '../../../shared/lib/text.ts';
import type { BookReader } from '../book.ts';
import { fieldReader } from '../lists/field-values.ts';
import { dialled, isEmpty, labelOf } from '../lists/list-filter.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { ownFieldInfos } from '../own-fields.ts';
import type { SearchIndex } from './search-index.ts';
import { type Asked, askedBy, holdsAll, wordsIn } from './search-words.ts';

export interface SearchService {
  find(text: string, limit: number): Promise<{ hits: SearchHit[]; total: number }>;
  recent(limit: number): { hits: SearchHit[] };
  /** A record as searches answer it; null where it is not there. */
  hitOf(noun: NounName, id: string): SearchHit | null;
  /** Notes that a person opened a record, so that the palette offers it again. */
  opened(noun: NounName, id: string): void;
}

const openedKept = 50;
const excerptLength = 60;

export function createSearchService(deps: { book: BookReader; index: SearchIndex; clock: Clock }): SearchService {
  const { book, index, clock } = deps;
  const openedAt = new LRUCache<string, { noun: NounName; id: string; at: string }>({ max: openedKept });

  function hitOf(noun: NounName, id: string, asked: readonly Asked[]): SearchHit | null {
    const record = book.get(noun, id);
    if (record === undefined || record.deletedAt !== null) return null;
    const parts = [placeOf(noun, record), matchedField(noun, ownFieldInfos(book, noun), record, asked)].filter((part) => part !== '');
    return { collection: noun, id, title: titleOf(noun, record), subtitle: parts.join(' · ') };
  }

  /** What tells records of one name apart: whose they are, where they are. */
  function placeOf(noun: NounName, record: AnyRecord): string {
    const city = 'physicalAddress' in record ? record.physicalAddress.city : 'address' in record ? record.address.city : null;
    const client = 'clientId' in record && record.clientId !== null ? (book.get('clients', record.clientId)?.name ?? null) : null;
    const job = noun === 'contacts' && 'jobTitle' in record ? record.jobTitle : null;
    return [job, client, city].filter((part) => part !== null).join(', ');
  }

  return {
    hitOf: (noun, id) => hitOf(noun, id, []),
    async find(text, limit) {
      const { found, total } = await index.find(text, limit);
      const asked = askedBy(text);
      const hits = found.flatMap(({ noun, id }) => hitOf(noun, id, asked) ?? []);
      // The index takes letters with and without their marks for one; what has them as they were typed comes first.
      const wanted = identityFold(text.trim());
      const isOther = ({ title }: SearchHit) => Number(!identityFold(title).includes(wanted));
      return { hits: wanted === searchFold(text.trim()) ? hits : hits.toSorted((one, other) => isOther(one) - isOther(other)), total };
    },
    recent(limit) {
      const newest: { noun: NounName; id: string; at: string }[] = [...openedAt.rvalues()].filter((one) => one !== undefined);
      for (const noun of placeNouns) newest.push(...lastChanged(noun, limit));
      const hits = new Map<string, SearchHit>();
      for (const { noun, id } of newest.sort((left, right) => (left.at < right.at ? 1 : -1))) {
        if (hits.size === limit) break;
        const hit = hits.has(`${noun}/${id}`) ? null : hitOf(noun, id, []);
        if (hit !== null) hits.set(`${noun}/${id}`, hit);
      }
      return { hits: [...hits.values()] };
    },
    opened(noun, id) {
      if (!placeNouns.includes(noun)) return;
      const key = `${noun}/${id}`;
      openedAt.set(key, { noun, id, at: instantOf(clock) });
    },
  };

  /** One walk without sorting all: only what is newer than the oldest kept is looked at twice. */
  function lastChanged(noun: NounName, limit: number): { noun: NounName; id: string; at: string }[] {
    let newest: { noun: NounName; id: string; at: string }[] = [];
    let oldest = '';
    const isNewer = ({ updatedAt }: { updatedAt: string }) => updatedAt > oldest;
    for (const record of book.lastTouched(noun, isNewer)) {
      if (record.deletedAt !== null || !isNewer(record)) continue;
      newest.push({ noun, id: record.id, at: record.updatedAt });
      if (newest.length < limit * 4) continue;
      newest = newest.sort((left, right) => (left.at < right.at ? 1 : -1)).slice(0, limit);
      oldest = newest.at(-1)?.at ?? '';
    }
    return newest;
  }
}

/** The field that made it a hit, where the title does not show it: "Phone: +33 6 28 10 44 12". */
function matchedField(noun: NounName, own: readonly FieldInfo[], record: StoredRecord, asked: readonly Asked[]): string {
  const title = wordsIn(titleOf(noun, record));
  const unseen = asked.filter((one) => !holdsAll({ title: '', titleWords: title, words: [], phones: [] }, [one]));
  if (unseen.length === 0) return '';
  for (const field of [...fieldsOf(noun), ...own]) {
    if (field.secret === true || field.computed === true || isReference(field) || field.kind === 'boolean') continue;
    const value = fieldReader(noun, field.path, '')(record);
    if (isEmpty(value)) continue;
    const text = Array.isArray(value) ? value.join(', ') : labelOf(field, value);
    const words = { title: '', titleWords: [], words: wordsIn(text), phones: field.kind === 'phone' ? [dialled(text)] : [] };
    if (unseen.some((one) => holdsAll(words, [one]))) {
      return `${field.label}: ${text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text}`;
    }
  }
  return '';
}
