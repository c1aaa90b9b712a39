import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { errorAnswers } from '../shared/dialects/error-body.ts';
import { type Clock, instantOf } from '../shared/lib/clock.ts';
import { authRoutes } from './auth/auth.routes.ts';
import { createPasswords } from './auth/passwords.ts';
import { createSessions, serverSecret } from './auth/sessions.ts';
import { bottlecrmFacade } from './dialects/bottlecrm.facade.ts';
import { caseworkFacade } from './dialects/casework.facade.ts';
import { dialectRoutes } from './dialects/dialect.routes.ts';
import { programsFacade } from './dialects/programs.facade.ts';
import { skhokhoFacade } from './dialects/skhokho.facade.ts';
import { summitFacade } from './dialects/summit.facade.ts';
import { recipientsPerHour } from './mail/mail-settings.ts';
import type { OutboxWorker } from './mail/outbox-worker.ts';
import { answer, answerTo } from './routes/answer.ts';
import { attachmentRoutes } from './routes/attachment.routes.ts';
import { bodyLimit, takeJson } from './routes/bodies.ts';
import type { ContentOptions } from './routes/send-content.ts';
import { openApi } from './routes/open-api.ts';
import { operatorDoor } from './routes/operator-door.ts';
import { createPiecesSender, type PiecesOptions } from './routes/send-pieces.ts';
import { endSlowRequests, headersMs, requestMs, type SlowRequestTimes, slowRequestTimes } from './routes/slow-requests.ts';
import { isSound } from './routes/sound-body.ts';
import { refuse, SyncRefusal } from './sync/desk.ts';
import { type SyncOptions, syncRoutes } from './sync/sync.routes.ts';
import { createLimits } from './store/limits.ts';
import type { Store } from './store/tenant.ts';
import { unreachable } from './store/unreachable.ts';

export interface AppOptions extends ContentOptions, PiecesOptions {
  store: Store;
  /** Sends e-mails; null where no mail server is set up. */
  mail: OutboxWorker | null;
  clock: Clock;
  /** Requests a minute, by address. */
  requestsPerMinute: number;
  /** Wrong passwords a minute, by address and by e-mail. */
  attemptsPerMinute: number;
  /** Recipients of one person's e-mails in an hour. */
  recipientsPerHour?: number;
  /** Opens what is for whoever runs the server from other machines; null where it is open on this one only. */
  operatorToken?: string | null;
  slowRequests?: SlowRequestTimes;
  /** Told of faults of ours, with nothing that anybody typed. */
  onFault: (what: { method: string; route: string; error: Error }) => void;
  /** Told of every answer, in the same way. */
  onAnswered?: (what: { at: string; method: string; route: string; status: number; ms: number }) => void;
  /** Addresses of proxies whose word counts for who is asking, and whether by HTTPS; null where requests come directly. */
  trustProxy?: string | null;
  sync?: Pick<SyncOptions, 'devicePerMinute' | 'version' | 'eventTimes' | 'fileLimits' | 'places'>;
}

const facades = [skhokhoFacade, programsFacade, summitFacade, caseworkFacade, bottlecrmFacade];

/** The whole server but for its port. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { store, clock, onFault } = options;
  const { db } = store;
  const app = fastify({
    bodyLimit,
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs },
    // An address that cannot even be read is one that nothing is at.
    frameworkErrors: (_error, request, reply) =>
      void (request.url.startsWith('/sync/') ? refuse(reply, new SyncRefusal('not_found')) : answer(reply, errorAnswers.notFound())),
    trustProxy: options.trustProxy ?? false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    // Addresses have ids in them, and headers have tokens: what is logged is written by hand, below.
    logger: false,
  });
  // The codecs check bodies and queries with the dialect's own errors; schemas on routes are for the OpenAPI document.
  app.setValidatorCompiler(() => (value) => ({ value }));
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  takeJson(app);
  endSlowRequests(app, options.slowRequests ?? slowRequestTimes);
  // Customers' data, and who may see it changes: no cache on the way keeps any of it.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const [method, route, status] = [request.method, request.routeOptions.url ?? 'none', reply.statusCode];
    seconds.observe({ method, route, status }, reply.elapsedTime / 1000);
    options.onAnswered?.({ at: instantOf(clock), method, route, status, ms: Math.round(reply.elapsedTime) });
  });
  app.addHook('preHandler', async (request) => {
    // Answered by the error handler, in the words of whoever serves the address.
    if (!isSound(request.body)) throw Object.assign(new Error('A body that cannot be worked on'), { statusCode: 400 });
  });

  const faultIn = (request: FastifyRequest, error: Error) =>
    onFault({ method: request.method, route: request.routeOptions.url ?? 'none', error });
  app.setErrorHandler((error: Parameters<typeof answerTo>[0], request, reply) => {
    const known = answerTo(error, request.headers['content-type'] ?? '');
    if (known !== null) return answer(reply, known);
    faultIn(request, error);
    return answer(reply, unreachable(error) === null ? errorAnswers.unexpected() : errorAnswers.unavailable(5));
  });
  app.setNotFoundHandler((_request, reply) => answer(reply, errorAnswers.notFound()));

  await app.register(helmet, { contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } } });
  await app.register(cookie);
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    // An office full of laptops is one address: each has an allowance of its own, and what is refused there is counted by address (sync/desk.ts).
    allowList: ({ routeOptions }) => /^\/sync(?:\/|$)/.test(routeOptions.url ?? ''),
  });
  await app.register(swagger, openApi);
  const operators = operatorDoor(options.operatorToken ?? null);
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiHooks: { onRequest: operators } });

  const sessions = createSessions(db, await serverSecret(db), () => clock.now());
  const limits = createLimits(db, () => clock.now());
  const auth = { passwords: createPasswords(db, () => clock.now(), limits, options.attemptsPerMinute), sessions };
  const shared = {
    ...options,
    recipientsPerHour: options.recipientsPerHour ?? recipientsPerHour,
    auth,
    pieces: createPiecesSender(options),
    onFault: faultIn,
  };
  await app.register(authRoutes, { auth, attemptsPerMinute: options.attemptsPerMinute });
  await app.register(attachmentRoutes, { ...options, auth });
  for (const facade of facades) await app.register(dialectRoutes, { ...shared, facade });
  await app.register(syncRoutes, { ...shared, ...options.sync, onFault, prefix: '/sync' });

  const hidden = { schema: { hide: true }, config: { rateLimit: false as const } };
  app.get('/healthz', hidden, async () => ({ status: 'ok' }));
  app.get('/readyz', hidden, async (_request, reply) => {
    const isReady = await sql`select 1`.execute(db).then(
      () => true,
      () => false,
    );
    return reply.status(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'The database does not answer.' });
  });
  app.get('/metrics', { ...hidden, onRequest: operators }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  await app.ready();
  return app;
}
