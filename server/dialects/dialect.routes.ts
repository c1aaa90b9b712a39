import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Dialect, type Endpoint, resourceOf } from '../../shared/dialects/dialect.ts';
import { type ErrorAnswer, errorAnswers, errorBody } from '../../shared/dialects/error-body.ts';
import { bodyOfForm } from '../../shared/dialects/form-body.ts';
import type { RawQuery } from '../../shared/dialects/query-parameter.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { type Auth, type Credentials, credentialsOf, goodNoMore } from '../auth/identify.ts';
import type { Person } from '../auth/sessions.ts';
import { sightOf } from '../auth/visibility.ts';
import { answer, Refusal } from '../routes/answer.ts';
import { operationIdOf, pathParameterOf, queryParameterOf, securityOf } from '../routes/open-api.ts';
import { FormBody, readParts, takeForms, type UploadedFile } from '../routes/bodies.ts';
import type { PiecesSender } from '../routes/send-pieces.ts';
import { isSound } from '../routes/sound-body.ts';
import { inOrganisation, type Store, type Tenant } from '../store/tenant.ts';
import { untilChanged } from '../store/until-changed.ts';
import { act, type Services } from './calls.ts';
import type { Facade } from './facade.ts';

export interface DialectRouteOptions extends Services {
  facade: Facade;
  pieces: PiecesSender;
  store: Store;
  auth: Auth;
  clock: Clock;
  /** Told of a fault that came when half of the answer had been sent. */
  onFault: (request: FastifyRequest, error: Error) => void;
}

/** Characters of one answer that is kept to be given again, and of all of them together. */
const longestAnswer = 256 * 1024;
const mostKept = 32 * 1024 * 1024;

/** Serves a dialect's endpoint table. What a dialect does its own way is in its facade. */
export async function dialectRoutes(app: FastifyInstance, options: DialectRouteOptions): Promise<void> {
  const { facade, store, files, mail, recipientsPerHour, auth, clock, pieces } = options;
  const { dialect } = facade;
  const answers = untilChanged<string>({ most: mostKept, mostOne: longestAnswer }, (body) => body.length);
  const takesForms = dialect.endpoints.some(({ bodyTypes }) => bodyTypes.some((type) => type !== 'json'));
  if (takesForms) await takeForms(app);
  const paths = Map.groupBy(dialect.endpoints, ({ path }) => urlOf(path));
  for (const [url, endpoints] of paths) {
    for (const endpoint of endpoints)
      app.route({
        method: endpoint.method,
        url,
        schema: schemaOf(dialect, endpoint),
        handler: (request, reply) => serve(endpoint, request, reply),
      });
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
    const named = (parameters['org_uid'] ?? headerOf(request, 'organization-id'))?.toLowerCase() ?? null;
    const { auth: ways, headers } = dialect.capabilities;
    const found = await credentialsOf(auth, request, ways, named);
    if ('refused' in found) return answer(reply, found.refused);
    if (headers.includes('organization-id') && !endpoint.spares.includes('organization-id') && named === null)
      return answer(reply, { status: 400, body: { detail: 'The header "organization-id" is missing.' } });
    const resource = resourceOf(dialect, endpoint.resource);
    let done = async () => {};
    try {
      const { organisation } = 'person' in found ? found.person : found.claims;
      const asked = await bodyOf(endpoint, request, reply, organisation);
      if ('refused' in asked) return answer(reply, asked.refused);
      ({ done } = asked);
      const answered = await inOrganisation(
        store,
        'person' in found ? { ...found.person, sessionId: null } : found.claims,
        async (tenant) => {
          const person = personIn(found, tenant);
          if (person === null) throw new Refusal(goodNoMore(ways));
          const { number, seq } = tenant.entered;
          const today = clock.today();
          const query = request.query as RawQuery;
          const services = { files, mail, recipientsPerHour };
          const work = async () => {
            const organisation = { id: tenant.organisation, number };
            const speaker = { tenant, seq, facade, sight: await sightOf(tenant, person), today, organisation };
            return act({ endpoint, resource, speaker, person, parameters, query, clock, services, ...asked });
          };
          if (endpoint.method !== 'GET') return work();
          // Nothing is written, so nothing can still go wrong: whoever reads does not wait for the transaction to end.
          const who = person.role === 'admin' ? person.role : `${person.role} ${person.userId}`;
          const key = JSON.stringify([tenant.organisation, dialect.name, who, today, request.url]);
          const known = answers.get(key, seq);
          const answered = known === null ? await work() : { status: 200, body: known };
          // Where all was known beforehand the database has not said yet whether it holds.
          await tenant.settled();
          if ('pieces' in answered) {
            await pieces.send(reply, answered.status, tenant.organisation, answered.pieces);
            return null;
          }
          const { status, body } = 'after' in answered ? await answered.after() : answered;
          const text = typeof body === 'string' ? body : JSON.stringify(body);
          if (known === null && status === 200) answers.put(key, seq, text);
          void reply.status(status).type('application/json; charset=utf-8').send(text);
          return null;
        },
        endpoint.method === 'GET' ? 'reads' : 'writes',
      );
      if (answered === null || 'pieces' in answered) return reply;
      const { status, body } = 'after' in answered ? await answered.after() : answered;
      return await reply.status(status).send(body ?? undefined);
    } catch (error) {
      // Whoever is told no finds nothing left of what was sent.
      await done();
      if (error instanceof Refusal) return answer(reply, error.answer);
      if (error instanceof ProblemError)
        return answer(reply, facade.problems[error.problem.code]?.() ?? errorBody(error.problem, resource.answer));
      if (!reply.sent) throw error;
      // The answer to a read had been sent, or half of it, and nothing was written.
      options.onFault(request, error as Error);
      return reply;
    } finally {
      await done();
    }
  }

  /** The body as the JSON it stands for, and the files that came with it; `done` takes away what is left of those. */
  async function bodyOf(
    endpoint: Endpoint,
    request: FastifyRequest,
    reply: FastifyReply,
    organisation: string,
  ): Promise<{ body: unknown; files: readonly UploadedFile[]; done: () => Promise<void> } | { refused: ErrorAnswer }> {
    const nothing = { files: [], done: async () => {} };
    if (endpoint.body === null) return { body: undefined, ...nothing };
    // No body at all is an object without members, as at Django.
    if (!hasBody(request)) return { body: {}, ...nothing };
    const isMultipart = takesForms && request.isMultipart();
    const type = isMultipart ? 'multipart' : request.body instanceof FormBody ? 'form' : 'json';
    if (!endpoint.bodyTypes.includes(type)) return { refused: errorAnswers.unsupportedMediaType(request.headers['content-type'] ?? '') };
    if (type === 'json') return { body: request.body, ...nothing };
    let form = request.body as FormBody;
    let { done } = nothing;
    if (isMultipart) {
      reply.header('connection', 'close');
      const stage = (bytes: AsyncIterable<Uint8Array>) => files.stage(organisation, bytes);
      ({ form, done } = await readParts(request, endpoint.files, { stage, discard: files.discard }));
      reply.removeHeader('connection');
    }
    const read = bodyOfForm(endpoint.body, form.texts, { sent: form.misplaced, taken: endpoint.files });
    if (read.ok && isSound(read.wire)) return { body: read.wire, files: form.files, done };
    await done();
    return { refused: read.ok ? errorAnswers.unreadable() : read.answer };
  }
}

/** Who the transaction is for, when their session is good still. */
function personIn(found: Credentials, { organisation, entered: { userId, role } }: Tenant): Person | null {
  if ('person' in found) return found.person;
  return userId === null || role === null ? null : { organisation, userId, role, sessionId: found.claims.sessionId };
}

const hasBody = ({ headers }: FastifyRequest) => headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

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
function schemaOf({ name: dialect, label, capabilities: { headers, auth } }: Dialect, endpoint: Endpoint): object {
  const { pathParameters, query, files, response, statuses, name } = endpoint;
  const file = z.string().optional().meta({ format: 'binary', description: 'A file; in a multipart body only' });
  const body =
    endpoint.body instanceof z.ZodObject && files.length > 0
      ? endpoint.body.extend(Object.fromEntries(files.map((part) => [part, file])))
      : endpoint.body;
  return {
    tags: [label],
    operationId: operationIdOf(dialect, name),
    security: securityOf(auth),
    ...(pathParameters.length > 0 && {
      params: z.object(Object.fromEntries(pathParameters.map((one) => [one.name, pathParameterOf(one)]))),
    }),
    ...(query.length > 0 && {
      querystring: z.object(Object.fromEntries(query.map((one) => [one.name, queryParameterOf(one)]))),
    }),
    ...(headers.length > 0 && {
      headers: z.object(
        Object.fromEntries(headers.map((one) => [one, endpoint.spares.includes(one) ? z.string().optional() : z.string()])),
      ),
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
