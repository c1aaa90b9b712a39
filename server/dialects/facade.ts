import { type BookRecord, collectionOf } from '../../shared/dialects/book-view.ts';
import type { Dialect } from '../../shared/dialects/dialect.ts';
import type { ErrorAnswer } from '../../shared/dialects/error-body.ts';
import type { ListQuery } from '../../shared/dialects/list-query.ts';
import type { EncodeContext, Shape } from '../../shared/dialects/shape.ts';
import { askAhead, encode } from '../../shared/dialects/shape.ts';
import type { Wire } from '../../shared/dialects/wire.ts';
import { bookRecordOf, type LazyBook, withBook } from '../store/lazy-book.ts';
import { parentFields } from '../store/record-row.ts';
import type { Eyes, Sight } from '../store/sight.ts';
import type { Along, Kept, Tenant } from '../store/tenant.ts';
import type { Answered, Asked, Call } from './calls.ts';

/** What is a dialect's own beside its endpoint table; everything else is the same for all (dialect.routes.ts). */
export interface Facade {
  dialect: Dialect;
  /** The answer to a page of a list; null where lists have no pages: all rows, which then come in pieces. */
  listBody: ((rows: Wire[], total: number, query: ListQuery) => unknown) | null;
  /** The answer to getting, making or changing one. */
  oneBody: (wire: Wire) => unknown;
  /** The answer to a delete; null where it has no body. */
  deletedBody: ((wire: Wire) => unknown) | null;
  /** Values of members that only the server knows. */
  given: (record: BookRecord, member: string, organisation: { id: string; number: number }) => unknown;
  /** Answers to broken rules that the dialect's spec words itself, by the rule's code. */
  problems: Readonly<Record<string, () => ErrorAnswer>>;
  /** Endpoints, by name, that are served in a way of their own. */
  handlers?: Readonly<Record<string, (call: Call) => Promise<Answered>>>;
  /**
   * What a request asks for that names records which hang on the one it is about by their ids alone: the work to do with
   * them, or the id that is none. `before` is null where a record is made.
   */
  children?: (call: Call, wire: string, ids: readonly string[], before: Kept | null) => Promise<Asked['alongside'] | { unknown: string }>;
}

export interface Speaker {
  tenant: Tenant;
  /** The number of the organisation's last change when the request began. */
  seq: number;
  facade: Facade;
  /** What the person who asks sees; whoever writes or reads an answer looks through it. */
  sight: Sight;
  today: string;
  organisation: { id: string; number: number };
}

export const eyesOf = ({ sight }: Pick<Speaker, 'sight'>): Eyes => ({ sight, on: 'everything' });

/** What codecs need to know, on a view of the book. */
export function contextOf({ facade, today, organisation }: Speaker, { view, kept }: LazyBook): EncodeContext {
  const { idsAreIntegers } = facade.dialect.capabilities;
  return {
    today,
    book: view,
    remoteId: (of, id) => {
      if (!idsAreIntegers) return view.get(of, id) === null ? null : id;
      const number = kept(of, id)?.number ?? null;
      return number === null ? null : String(number);
    },
    given: (record, member) => facade.given(record, member, organisation),
  };
}

/** What the shape's records are shown with, as far as it can be told before they are there: it is fetched with them. */
export function alongOf({ kind, members }: Shape): Along {
  const fields = parentFields(collectionOf[kind]);
  return {
    children: [...new Set(members.flatMap((member) => (member.kind === 'children' ? [member.of] : [])))],
    parents: members.flatMap((member) => (member.kind === 'reference' && fields.includes(member.book) ? [[member.of, member.book]] : [])),
  };
}

/** Records as the dialect shows them. */
export async function show(speaker: Speaker, shape: Shape, rows: readonly Kept[]): Promise<Wire[]> {
  const of = collectionOf[shape.kind];
  const known = rows.map((kept) => ({ of, kept }));
  const { value } = await withBook(
    speaker.tenant,
    eyesOf(speaker),
    known,
    (book) => {
      const context = contextOf(speaker, book);
      return rows.map((kept) => encode(shape, bookRecordOf(kept), context).wire);
    },
    (book) => {
      const context = contextOf(speaker, book);
      for (const kept of rows) askAhead(shape, bookRecordOf(kept), context);
    },
  );
  return value;
}
