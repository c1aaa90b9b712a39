import { collectionOf } from '../../shared/dialects/book-view.ts';
import type { Endpoint, Resource } from '../../shared/dialects/dialect.ts';
import { type ErrorAnswer, errorAnswers } from '../../shared/dialects/error-body.ts';
import type { ListQuery } from '../../shared/dialects/list-query.ts';
import { type RawQuery, readQuery } from '../../shared/dialects/query-parameter.ts';
import { readRequest } from '../../shared/dialects/request-body.ts';
import { decode, type Reference, type Related, type Shape, topLevelChanges } from '../../shared/dialects/shape.ts';
import { type RequestedChanges, requestedChanges } from '../../shared/dialects/wire-merge.ts';
import { type Wire, writePath } from '../../shared/dialects/wire.ts';
import { nouns } from '../../shared/nouns/nouns.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { canBeId } from '../../shared/lib/ids.ts';
import type { Person } from '../auth/sessions.ts';
import { Refusal } from '../routes/answer.ts';
import type { OutboxWorker } from '../mail/outbox-worker.ts';
import type { UploadedFile } from '../routes/bodies.ts';
import { type Doer, runCommand } from '../store/command.ts';
import { bookRecordOf, withBook } from '../store/lazy-book.ts';
import { listInPieces, listRecords, type Piece } from '../store/list-sql.ts';
import type { FileStore } from '../store/file-store.ts';
import type { Kept } from '../store/tenant.ts';
import { alongOf, contextOf, eyesOf, show, type Speaker } from './facade.ts';

/** One request inside its transaction. */
export interface Call {
  endpoint: Endpoint;
  resource: Resource;
  speaker: Speaker;
  person: Person;
  clock: Clock;
  parameters: Record<string, string>;
  query: RawQuery;
  body: unknown;
  /** Files that came with the body; they are gone when the request has been answered, unless somebody keeps them. */
  files: readonly UploadedFile[];
  services: Services;
}

/** What calls make use of beside the records. */
export interface Services {
  files: FileStore;
  /** Null where no mail server is set up. */
  mail: OutboxWorker | null;
  /** Recipients of one person's e-mails in an hour. */
  recipientsPerHour: number;
}

/** A body, or null for none. */
export interface WholeAnswer {
  status: number;
  body: unknown;
}

/**
 * What a request is answered with: a body, what is known only when all has been written, or the pieces of a body that is
 * too long to be in memory whole.
 */
export type Answered = WholeAnswer | { after: () => Promise<WholeAnswer> } | { status: number; pieces: AsyncIterable<string> };

export const doerOf = ({ person: { userId, role }, speaker: { sight }, clock }: Pick<Call, 'person' | 'speaker' | 'clock'>): Doer => ({
  userId,
  role,
  sight,
  clock,
});

/** Does what an endpoint of a dialect asks for. */
export async function act(call: Call): Promise<Answered> {
  const { endpoint, resource, speaker } = call;
  const { tenant, facade } = speaker;
  const own = facade.handlers?.[endpoint.name];
  if (own !== undefined) return own(call);
  const by = doerOf(call);
  const { kind } = resource.answer;
  const status = statusOf(endpoint);
  const one = async (kept: Kept) => facade.oneBody((await show(speaker, resource.answer, [kept]))[0] as Wire);
  switch (endpoint.action) {
    case 'list':
      return list(call);
    case 'get':
      return { status, body: await one(await find(call, facade.dialect.capabilities.keepsDeleted)) };
    case 'create': {
      const said = await asked(call, resource.create as Shape, null);
      if (said.id !== null) {
        const there = await sameOf(call, said.id);
        if (there !== null) return { status, body: await one(there) };
      }
      const { value: id, written } = await runCommand(
        tenant,
        by,
        [],
        (tx) => {
          const made = tx.create(resource.of, topLevelChanges(kind, null, said.fields));
          for (const { parent, decoded } of said.related) {
            if (parent === null) continue;
            const hanging = { ...decoded.fields, [parent]: made.id };
            tx.create(collectionOf[decoded.kind], topLevelChanges(decoded.kind, null, hanging));
          }
          said.alongside(tx, made.id);
          return made.id;
        },
        said.id === null ? [] : [said.id],
      );
      return { status, body: await one(written.find(({ record }) => record.id === id) as Kept) };
    }
    case 'replace':
    case 'change': {
      await tenant.lock();
      const before = await find(call, false);
      const { id } = before.record;
      const shape = (endpoint.action === 'replace' ? (resource.create ?? resource.change) : resource.change) as Shape;
      const { fields, alongside } = await asked(call, shape, before);
      const changes = topLevelChanges(kind, before.record, fields);
      const { written } = await runCommand(tenant, by, [{ of: resource.of, kept: before }], (tx) => {
        tx.change(resource.of, id, changes);
        alongside(tx, id);
      });
      return { status, body: await one(written.find(({ record }) => record.id === id) ?? before) };
    }
    case 'delete': {
      await tenant.lock();
      const before = await find(call, false);
      const { id } = before.record;
      const { written } = await runCommand(tenant, by, [{ of: resource.of, kept: before }], (tx) => tx.remove(resource.of, id));
      const gone = written.find(({ record }) => record.id === id) as Kept;
      return {
        status,
        body: facade.deletedBody === null ? null : facade.deletedBody((await show(speaker, resource.answer, [gone]))[0] as Wire),
      };
    }
    case 'comment':
    case 'sendEmail':
      throw new Error(`${facade.dialect.name} has no facade for "${endpoint.name}"`);
  }
}

export const statusOf = (endpoint: Endpoint): number => endpoint.statuses[0]?.status ?? 200;

async function list(call: Call): Promise<Answered> {
  const { endpoint, resource, speaker } = call;
  const { tenant, facade, seq, sight } = speaker;
  const status = statusOf(endpoint);
  const query = queryOf(call);
  const { idsAreIntegers } = facade.dialect.capabilities;
  const request = { of: resource.of, query, idsAreIntegers, sight, seq, along: alongOf(resource.answer) };
  const write = async (rows: readonly Kept[]) => (await show(speaker, resource.answer, rows)).map((row) => JSON.stringify(row));
  if (facade.listBody === null) return inPieces(status, listInPieces(tenant, request), write);
  const { rows, total } = await listRecords(tenant, request);
  return { status, body: facade.listBody(await show(speaker, resource.answer, rows), total, query) };
}

/** What the parameters of a list ask for, or the end of the request with what is wrong in them. */
export function queryOf({ endpoint, query }: Pick<Call, 'endpoint' | 'query'>): ListQuery {
  const read = readQuery(endpoint.query, query, endpoint.start);
  if (!read.ok) throw new Refusal(errorAnswers.invalidQuery(read.errors));
  return read.query;
}

/** A list of all rows as one JSON text: whole where one piece is all of it, else piece by piece. */
export async function inPieces<T>(
  status: number,
  pieces: AsyncGenerator<Piece<T>, void, void>,
  write: (rows: readonly T[]) => Promise<readonly string[]>,
): Promise<Answered> {
  const first = await pieces.next();
  if (first.done === true) return { status, body: '[]' };
  const rows = (await write(first.value.rows)).join(',');
  if (first.value.isLast) return { status, body: `[${rows}]` };
  const text = async function* () {
    yield `[${rows}`;
    for await (const piece of pieces) if (piece.rows.length > 0) yield `,${(await write(piece.rows)).join(',')}`;
    yield ']';
  };
  return { status, pieces: text() };
}

/** The record the path names, if the person may see it. Whether another company has it cannot be told from the answer. */
export async function find(call: Call, withDeleted: boolean): Promise<Kept> {
  const { endpoint, resource, parameters } = call;
  const name = endpoint.pathParameters.findLast((one) => one.name !== 'org_uid')?.name ?? '';
  const found = (await seen(call, resource.of, [parameters[name] ?? ''], withDeleted))[0];
  if (found === undefined) throw new Refusal(errorAnswers.notFound());
  return found;
}

/** Records by the ids the dialect has for them, as far as they are there and the person may see them. */
export async function seen(
  { speaker }: Pick<Call, 'speaker'>,
  of: Resource['of'],
  ids: readonly string[],
  withDeleted = false,
): Promise<Kept[]> {
  const { tenant, facade, seq, sight } = speaker;
  const { idsAreIntegers } = facade.dialect.capabilities;
  const wanted = ids.filter((id) => (idsAreIntegers ? /^\d{1,15}$/.test(id) : canBeId(id)));
  if (wanted.length === 0) return [];
  const { rows } = await listRecords(tenant, {
    of,
    query: { conditions: [{ path: 'id', is: 'equal', value: wanted }], search: null, sort: [], page: null },
    idsAreIntegers,
    sight,
    seq,
    withDeleted,
  });
  return rows;
}

/** What a body asks for. */
export interface Asked {
  /** The id the caller chose for what is made; null where it chose none. */
  id: string | null;
  /** Of the record, by book path. */
  fields: Record<string, unknown>;
  /** Of records that are to hang on it. */
  related: Related[];
  /** Of records that hang on it and are named by their ids. */
  alongside: (tx: Parameters<Parameters<typeof runCommand>[3]>[0], id: string) => void;
}

/** Reads the body, or ends the request with what is wrong in it. `before` is the record to be changed; null where one is made. */
export async function asked(call: Call, shape: Shape, before: Kept | null): Promise<Asked> {
  const { resource, speaker, body } = call;
  const { facade } = speaker;
  const known = before === null ? [] : [{ of: resource.of, kept: before }];
  const record = before === null ? null : bookRecordOf(before);
  const { value: read } = await withBook(
    speaker.tenant,
    eyesOf(speaker),
    known,
    (book): { refused: ErrorAnswer } | { changes: RequestedChanges; related: Related[]; remoteId: string | null; ownId: string | null } => {
      const context = contextOf(speaker, book);
      const parsed = readRequest(resource, shape, body, record, context);
      if (!parsed.ok) return { refused: parsed.answer };
      const changes = requestedChanges(shape, parsed.wire, record, context);
      const { related, remoteId } = decode(shape, parsed.wire);
      return { changes, related, remoteId, ownId: record === null ? null : context.remoteId(resource.of, record.id) };
    },
  );
  if ('refused' in read) throw new Refusal(read.refused);
  const { fields, references, refused } = read.changes;
  const errors: Wire = {};
  const idMember = shape.members.find((member) => member.kind === 'id')?.wire ?? 'id';
  if (before !== null && read.remoteId !== null && read.remoteId !== read.ownId)
    writePath(errors, idMember, ['The id of a record cannot be changed.']);
  const id = before === null && facade.dialect.capabilities.canChooseIds ? read.remoteId : null;
  if (id !== null && !isReachable(call, id)) writePath(errors, idMember, ['No address leads to a record with this id. Choose another.']);
  else if (id !== null && !canBeId(id)) writePath(errors, idMember, ['Contains characters that no id can have.']);
  for (const { wire, message } of refused) writePath(errors, wire, [message]);
  for (const { member, decoded } of read.related)
    for (const { wire, message } of decoded.refused) writePath(errors, `${member}.${wire}`, [message]);
  const named: Record<string, unknown> = {};
  const hanging: [string, Reference][] = [];
  for (const [path, reference] of Object.entries(references)) {
    const { of, ids, list: isList } = reference;
    const member = shape.members.find((one) => (one.kind === 'children' ? one.wire : 'book' in one && one.book) === path);
    if (member?.kind === 'children') {
      hanging.push([path, reference]);
      continue;
    }
    const found = await idsOf(call, of, ids);
    const unknown = ids.find((_, at) => found[at] === null);
    if (unknown !== undefined) writePath(errors, member?.wire ?? path, [noSuch(unknown)]);
    named[path] = isList ? found : (found[0] ?? null);
  }
  const works: Asked['alongside'][] = [];
  for (const [wire, reference] of hanging) {
    if (facade.children === undefined) throw new Error(`${facade.dialect.name} has no facade for "${wire}"`);
    const done = await facade.children(call, wire, reference.ids, before);
    if (typeof done === 'function') works.push(done);
    else writePath(errors, wire, [noSuch(done.unknown)]);
  }
  if (Object.keys(errors).length > 0)
    throw new Refusal({ status: 400, body: resource.wrap === undefined ? errors : { [resource.wrap]: errors } });
  const alongside: Asked['alongside'] = (tx, of) => works.forEach((work) => work(tx, of));
  return { id, fields: { ...fields, ...named }, related: read.related, alongside };
}

/** Whether the record can be asked for by the id: clients fold ".." away, and what a path has in the id's place is another address. */
function isReachable({ speaker, resource }: Pick<Call, 'speaker' | 'resource'>, id: string): boolean {
  const { endpoints } = speaker.facade.dialect;
  const stepsOf = (path: string) => path.split('/').filter((step) => step !== '');
  const own = stepsOf(endpoints.find((one) => one.resource === resource.name && one.action === 'get')?.path ?? '');
  const others = endpoints.map(({ path }) => stepsOf(path)).filter(({ length }) => length === own.length);
  return id !== '.' && id !== '..' && !others.some((steps) => steps.at(-1) === id);
}

const noSuch = (id: string) => `Invalid pk "${id}" - object does not exist.`;

/** The book's ids for a dialect's; null for one that is not there, or that the person may not see. */
async function idsOf(call: Call, of: Resource['of'], ids: readonly string[]): Promise<(string | null)[]> {
  const { idsAreIntegers } = call.speaker.facade.dialect.capabilities;
  const there = new Map((await seen(call, of, ids)).map(({ record, number }) => [idsAreIntegers ? String(number) : record.id, record.id]));
  return ids.map((id) => there.get(id) ?? null);
}

/**
 * Who chose an id and lost the answer asks again: the record that has it, where it says what is asked for. Where it says
 * something else, or is gone, the id is taken.
 */
async function sameOf(call: Call, id: string): Promise<Kept | null> {
  const { resource, speaker } = call;
  await speaker.tenant.lock();
  if ((await speaker.tenant.get(resource.of, [id])).length === 0) return null;
  const there = (await seen(call, resource.of, [id]))[0];
  const shape = resource.create as Shape;
  const wire = shape.members.find((member) => member.kind === 'id')?.wire ?? 'id';
  const isSame = there !== undefined && Object.keys((await asked(call, shape, there)).fields).length === 0;
  if (isSame) return there;
  const sentence = `${nouns[resource.of].singular} with this ${wire.replaceAll('_', ' ')} already exists.`;
  throw new Refusal({ status: 400, body: { [wire]: [sentence] } });
}
