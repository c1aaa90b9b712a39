import type { NounName, RecordOf } from './nouns.ts';

interface Book {
  get<N extends NounName>(noun: N, id: string): RecordOf[N] | undefined;
}

/** The client a record belongs to: itself, the one it names, or the one of what it is about; null where there is none. */
export function clientIdOf(book: Book, noun: NounName, id: string): string | null {
  if (noun === 'clients') return id;
  const record: object | undefined = book.get(noun, id);
  if (record === undefined) return null;
  if ('clientId' in record && typeof record.clientId === 'string') return record.clientId;
  if ('opportunityId' in record && typeof record.opportunityId === 'string') return clientIdOf(book, 'opportunities', record.opportunityId);
  if ('caseId' in record && typeof record.caseId === 'string') return clientIdOf(book, 'cases', record.caseId);
  return null;
}
