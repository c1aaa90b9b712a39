import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Endpoint, type Resource, resourceOf } from '../../shared/dialects/dialect.ts';
import { type ErrorAnswer, errorAnswers, errorBody } from '../../shared/dialects/error-body.ts';
import { bodyOfForm } from '../../shared/dialects/form-body.ts';
import { type RawQuery, readQuery } from '../../shared/dialects/query-parameter.ts';
import { readRequest } from '../../shared/dialects/request-body.ts';
import { decode, type Related, type Shape, topLevelChanges } from '../../shared/dialects/shape.ts';
import { collectionOf } from '../../shared/dialects/book-view.ts';
import { type RequestedChanges, requestedChanges } from '../../shared/dialects/wire-merge.ts';
import { type Wire, writePath } from '../../shared/dialects/wire.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { isId } from '../../shared/lib/ids.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { type Auth, type Credentials, credentialsOf, goodNoMore } from '../auth/identify.ts';
import type { Person } from '../auth/sessions.ts';
import { visibleTo } from '../auth/visibility.ts';
import { answer, Refusal } from '../routes/answer.ts';
import { FormBody, readParts, takeForms, type UploadedFile } from '../routes/bodies.ts';
import { isSound } from '../routes/sound-body.ts';
import { runCommand } from '../store/command.ts';
import { bookRecordOf, withBook } from '../store/lazy-book.ts';
import { listRecords } from '../store/list-sql.ts';
import { inOrganisation, type Kept, type Store, type Tenant } from '../store/tenant.ts';
import { createAnswerCache } from './answer-cache.ts';
import { contextOf, type Facade, show, type Speaker } from './facade.ts';

export interface DialectRouteOptions {
  facade: Facade;
  store: Store;
  auth: Auth;
  clock: Clock;
}

/** Serves a dialect's endpoint table. What a dialect does its own way is in its facade. */
export async function dialectRoutes(app: FastifyInstance, options: DialectRouteOptions): Promise<void> {
  const { facade, store, auth, clock } = options;
  const { dialect } = facade;
  const cache = createAnswerCache();
  const takesForms = dialect.endpoints.some(({ bodyTypes }) => bodyTypes.some((type) => type !== 'json'));
  if (takesForms) await takeForms(app);
  const paths = Map.groupBy(dialect.endpoints, ({ path }) => urlOf(path));
  for (const [url, endpoints] of paths) {
    for (const endpoint of endpoints)
      app.route({ method: endpoint.method, url, schema: schemaOf(endpoint), handler: (request, reply) => serve(endpoint, request, reply) });
    const allow = endpoints.map(({ method }) => method);
    app.route({
      method: (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => !allow.includes(method)),
      url,
      schema: { hide: true } as object,
      handler: (request, reply) => answer(reply, errorAnswers.methodNotAllowed(request.method, allow)),
    });
  }

  async function serve(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const parameters = request.params as Record<string, string>;
    const named = parameters['org_uid'] ?? headerOf(request, 'organization-id');
    const { auth: ways, headers } = dialect.capabilities;
    const found = await credentialsOf(auth, request, ways, named);
    if ('refused' in found) return answer(reply, found.refused);
    if (headers.includes('organization-id') && named === null)
      return answer(reply, { status: 400, body: { detail: 'The header "organization-id" is missing.' } });
    const resource = resourceOf(dialect, endpoint.resource);
    const asked = await bodyOf(endpoint, request, reply);
    if ('refused' in asked) return answer(reply, asked.refused);
    try {
      const answered = await inOrganisation(
        store,
        'person' in found ? { ...found.person, sessionId: null } : found.claims,
        async (tenant) => {
          const person = personIn(found, tenant);
          if (person === null) throw new Refusal(goodNoMore(ways));
          const { number, seq } = tenant.entered;
          const speaker = { tenant, seq, facade, today: clock.today(), organisation: { id: tenant.organisation, number } };
          const call = { endpoint, resource, speaker, person, parameters, query: request.query as RawQuery, ...asked };
          if (endpoint.method !== 'GET') return act(call);
          // Nothing is written, so nothing can still go wrong: whoever reads does not wait for the transaction to end.
          const who = person.role === 'admin' ? person.role : `${person.role} ${person.userId}`;
          const key = JSON.stringify([tenant.organisation, dialect.name, who, speaker.today, request.url]);
          const known = cache.get(key, seq);
          const { status, body } = known === null ? await act(call) : { status: 200, body: known };
          const text = typeof body === 'string' ? body : JSON.stringify(body);
          if (known === null && status === 200) cache.put(key, seq, text);
          void reply.status(status).type('application/json; charset=utf-8').send(text);
          return null;
        },
      );
      if (answered !== null) return await reply.status(answered.status).send(answered.body ?? undefined);
      return reply;
    } catch (error) {
      if (error instanceof Refusal) return answer(reply, error.answer);
      if (error instanceof ProblemError)
        return answer(reply, facade.problems[error.problem.code]?.() ?? errorBody(error.problem, resource.answer));
      // The answer to a read had been sent; the transaction that could not end has written nothing.
      if (reply.sent) return reply;
      throw error;
    } finally {
      await asked.done();
    }
  }

  /** The body as the JSON it stands for, and the files that came with it; `done` takes away what is left of those. */
  async function bodyOf(
    endpoint: Endpoint,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ body: unknown; files: readonly UploadedFile[]; done: () => Promise<void> } | { refused: ErrorAnswer }> {
    const nothing = { files: [], done: async () => {} };
    if (endpoint.body === null) return { body: undefined, ...nothing };
    const isMultipart = takesForms && request.isMultipart();
    const type = isMultipart ? 'multipart' : request.body instanceof FormBody ? 'form' : 'json';
    if (!endpoint.bodyTypes.includes(type)) return { refused: errorAnswers.unsupportedMediaType(request.headers['content-type'] ?? '') };
    // No body at all is an object without members, as at Django.
    if (type === 'json') return { body: request.body === undefined ? {} : request.body, ...nothing };
    let form = request.body as FormBody;
    let { done } = nothing;
    if (isMultipart) {
      reply.header('connection', 'close');
      ({ form, done } = await readParts(request, endpoint.files));
      reply.removeHeader('connection');
    }
    const read = bodyOfForm(endpoint.body, form.texts, { sent: form.misplaced, taken: endpoint.files });
    if (read.ok && isSound(read.wire)) return { body: read.wire, files: form.files, done };
    await done();
    return { refused: read.ok ? errorAnswers.unreadable() : read.answer };
  }

  async function act(call: Call): Promise<{ status: number; body: unknown }> {
    const { endpoint, resource, speaker, person } = call;
    const { tenant } = speaker;
    const by = { userId: person.userId, clock };
    const { kind } = resource.answer;
    const status = endpoint.statuses[0]?.status ?? 200;
    const one = async (kept: Kept) => (await show(speaker, resource.answer, [kept]))[0] as Wire;
    switch (endpoint.action) {
      case 'list': {
        const read = readQuery(endpoint.query, call.query, endpoint.start);
        if (!read.ok) throw new Refusal(errorAnswers.invalidQuery(read.errors));
        const { rows, total } = await listRecords(tenant, {
          of: resource.of,
          query: read.query,
          idsAreIntegers: dialect.capabilities.idsAreIntegers,
          visible: await visibleTo(tenant, person, resource.of),
          seq: speaker.seq,
        });
        return { status, body: facade.listBody(await show(speaker, resource.answer, rows), total, read.query) };
      }
      case 'get':
        return { status, body: facade.oneBody(await one(await find(call, dialect.capabilities.keepsDeleted))) };
      case 'create': {
        const { fields, related } = await asked(call, resource.create as Shape, null);
        const { value: id, written } = await runCommand(tenant, by, [], (tx) => {
          const made = tx.create(resource.of, topLevelChanges(kind, null, fields));
          for (const { parent, decoded } of related) {
            if (parent === null) continue;
            const own = { ...decoded.fields, [parent]: made.id };
            tx.create(collectionOf[decoded.kind], topLevelChanges(decoded.kind, null, own));
          }
          return made.id;
        });
        return { status, body: facade.oneBody(await one(written.find(({ record }) => record.id === id) as Kept)) };
      }
      case 'replace':
      case 'change': {
        await tenant.lock();
        const before = await find(call, false);
        const { id } = before.record;
        const { fields } = await asked(call, resource.change as Shape, before);
        const changes = topLevelChanges(kind, before.record, fields);
        const { written } = await runCommand(tenant, by, [{ of: resource.of, kept: before }], (tx) => tx.change(resource.of, id, changes));
        return { status, body: facade.oneBody(await one(written.find(({ record }) => record.id === id) ?? before)) };
      }
      case 'delete': {
        await tenant.lock();
        const before = await find(call, false);
        const { id } = before.record;
        const { written } = await runCommand(tenant, by, [{ of: resource.of, kept: before }], (tx) => tx.remove(resource.of, id));
        const gone = written.find(({ record }) => record.id === id) as Kept;
        return { status, body: facade.deletedBody === null ? null : facade.deletedBody(await one(gone)) };
      }
      case 'comment':
      case 'sendEmail':
        throw new Error(`${dialect.name} has no facade for "${endpoint.name}"`);
    }
  }

  /** The record the path names, if the person may see it. Whether another company has it cannot be told from the answer. */
  async function find({ endpoint, resource, speaker, person, parameters }: Call, withDeleted: boolean): Promise<Kept> {
    const name = endpoint.pathParameters.findLast((one) => one.name !== 'org_uid')?.name ?? '';
    const id = parameters[name] ?? '';
    const { idsAreIntegers } = dialect.capabilities;
    if (idsAreIntegers ? !/^\d{1,15}$/.test(id) : !isId(id)) throw new Refusal(errorAnswers.notFound());
    const { rows } = await listRecords(speaker.tenant, {
      of: resource.of,
      query: { conditions: [{ path: 'id', is: 'equal', value: id }], search: null, sort: [], page: null },
      idsAreIntegers,
      visible: await visibleTo(speaker.tenant, person, resource.of),
      seq: speaker.seq,
      withDeleted,
    });
    if (rows[0] === undefined) throw new Refusal(errorAnswers.notFound());
    return rows[0];
  }

  /** What the body asks for: of the record, by book path, and of records that are to hang on it. */
  async function asked(call: Call, shape: Shape, before: Kept | null): Promise<{ fields: Record<string, unknown>; related: Related[] }> {
    const { resource, speaker, body } = call;
    const known = before === null ? [] : [{ of: resource.of, kept: before }];
    const record = before === null ? null : bookRecordOf(before);
    const { value: read } = await withBook(
      speaker.tenant,
      known,
      (book): { refused: ErrorAnswer } | { changes: RequestedChanges; related: Related[] } => {
        const context = contextOf(speaker, book);
        const parsed = readRequest(resource, shape, body, record, context);
        if (!parsed.ok) return { refused: parsed.answer };
        const changes = requestedChanges(shape, parsed.wire, record, context);
        return { changes, related: decode(shape, parsed.wire).related };
      },
    );
    if ('refused' in read) throw new Refusal(read.refused);
    const { fields, references, refused } = read.changes;
    const errors: Wire = {};
    for (const { wire, message } of refused) writePath(errors, wire, [message]);
    for (const { member, decoded } of read.related)
      for (const { wire, message } of decoded.refused) writePath(errors, `${member}.${wire}`, [message]);
    const named: Record<string, unknown> = {};
    for (const [path, { of, ids, list }] of Object.entries(references)) {
      const found = await idsOf(speaker, of, ids);
      const unknown = ids.find((_, at) => found[at] === null);
      const wire = shape.members.find((member) => 'book' in member && member.book === path)?.wire ?? path;
      if (unknown !== undefined) writePath(errors, wire, [`Invalid pk "${unknown}" - object does not exist.`]);
      named[path] = list ? found : (found[0] ?? null);
    }
    if (Object.keys(errors).length > 0)
      throw new Refusal({ status: 400, body: resource.wrap === undefined ? errors : { [resource.wrap]: errors } });
    return { fields: { ...fields, ...named }, related: read.related };
  }

  /** The book's ids for a dialect's; null for one that is not there. */
  async function idsOf({ tenant }: Speaker, of: RequestedChanges['references'][string]['of'], ids: readonly string[]) {
    const live = (kept: Kept[]) => kept.filter(({ record }) => record.deletedAt === null);
    if (!dialect.capabilities.idsAreIntegers) {
      const there = new Set(live(await tenant.get(of, ids.filter(isId))).map(({ record }) => record.id));
      return ids.map((id) => (there.has(id) ? id : null));
    }
    const numbers = ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
    const there = new Map(live(await tenant.byNumber(of, numbers)).map(({ record, number }) => [String(number), record.id]));
    return ids.map((id) => there.get(id) ?? null);
  }
}

/** Who the transaction is for, when their session is good still. */
function personIn(found: Credentials, { organisation, entered: { userId, role } }: Tenant): Person | null {
  if ('person' in found) return found.person;
  return userId === null || role === null ? null : { organisation, userId, role, sessionId: found.claims.sessionId };
}

interface Call {
  endpoint: Endpoint;
  resource: Resource;
  speaker: Speaker;
  person: Person;
  parameters: Record<string, string>;
  query: RawQuery;
  body: unknown;
  /** Files that came with the body; they are gone when the request has been answered. */
  files: readonly UploadedFile[];
}

const urlOf = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

const contentTypes = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
} as const;

/** For the OpenAPI document only: what a body or a query may be is checked by the codecs, with the dialect's own errors. */
function schemaOf(endpoint: Endpoint): object {
  const { pathParameters, query, body, response, statuses, name } = endpoint;
  return {
    tags: [name.split('.')[0]],
    operationId: `${endpoint.action} ${name}`,
    ...(pathParameters.length > 0 && {
      params: z.object(Object.fromEntries(pathParameters.map((one) => [one.name, z.string().describe(one.meaning)]))),
    }),
    ...(query.length > 0 && {
      querystring: z.object(Object.fromEntries(query.map((one) => [one.name, z.string().optional().describe(one.meaning)]))),
    }),
    ...(body !== null && { body, consumes: endpoint.bodyTypes.map((type) => contentTypes[type]) }),
    response: Object.fromEntries(
      statuses.map(({ status, meaning }) => [
        status,
        response !== null && status < 300 && status !== 204
          ? response
          : status === 204
            ? z.null().describe(meaning)
            : z.looseObject({}).describe(meaning),
      ]),
    ),
  };
}
