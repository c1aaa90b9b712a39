import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { instantOf } from '../../shared/lib/clock.ts';
import {
  digestAnswerSchema,
  digestRequestSchema,
  type Hello,
  helloSchema,
  limits,
  pullAnswerSchema,
  pullRequestSchema,
  pushAnswerSchema,
  pushRequestSchema,
  recordsAnswerSchema,
  recordsRequestSchema,
} from '../../shared/sync/wire.ts';
import type { ContentOptions } from '../routes/send-content.ts';
import { type Admission, createAdmission } from './admission.ts';
import { bodyOf, createDesk, type Desk, described, type DeskOptions, refusalFor, refuse, SyncRefusal, versionsServed } from './desk.ts';
import { digests, records } from './compare.ts';
import { createEventHub, type EventTimes } from './events.ts';
import { type FileLimits, fileLimits, fileRoutes } from './file.routes.ts';
import { sendJson } from './packed-json.ts';
import { pull } from './pull.ts';
import { push, readPush } from './push.ts';
import { createTurns } from './turns.ts';

export interface SyncOptions extends DeskOptions, ContentOptions {
  eventTimes?: EventTimes;
  fileLimits?: Partial<FileLimits>;
  /** Recipients of one person's e-mails in an hour. */
  recipientsPerHour: number;
  /** Devices that long work is done for at once; the others are told when to return. */
  places?: Partial<typeof places>;
  onFault: (what: { method: string; route: string; error: Error }) => void;
}

/** First syncs, and whoever was away for long, keep every core busy. */
const places = {
  /** Of this process. */
  manyPages: 4,
  /** Of these for one organisation while another waits. */
  manyPagesOfOne: 2,
  /** Of one organisation. They wait for each other's transactions, which is well below the 30 s that a laptop waits. */
  manyPushes: 40,
};
/** A place is kept for a device between its requests. */
const placeMs = 2_000;
/** Longest a device has one for its pages while another waits. */
const longestPagesMs = 60_000;
/** Pushes of fewer rows are what somebody did just now: they never wait for a herd. */
const manyRows = limits.pushRows / 2;

/** Writers of one organisation that wait for each other; more than that would wait longer than a device does. */
const mostWaiting = 100;

/** Our own protocol, for laptops (docs/sync-protocol.md). */
export async function syncRoutes(app: FastifyInstance, options: SyncOptions): Promise<void> {
  const { store, files, clock, onFault } = options;
  const desk = createDesk(options);
  const mostBytes = { ...fileLimits, ...options.fileLimits };
  const turns = createTurns(mostWaiting);
  const inPlace = createPlaces(desk, { ...places, ...options.places });
  const events = createEventHub(store.db, store.changes, options.eventTimes);
  app.addHook('preClose', () => events.close());
  // Before a body is read: who may not ask costs next to nothing.
  app.addHook('onRequest', (request) => desk.admit(request));

  app.setErrorHandler((error: FastifyError | SyncRefusal, request, reply) => {
    const refusal = error instanceof SyncRefusal ? error : refusalFor(error);
    if (refusal.answer.code === 'unexpected') onFault({ method: request.method, route: request.routeOptions.url ?? 'none', error });
    return refuse(reply, refusal);
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, new SyncRefusal('not_found')));

  // Names that people choose may be any; the usual parser refuses some of them with the whole body.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
    try {
      const json: unknown = JSON.parse(bytes.toString('utf8'));
      done(null, { json, size: bytes.length });
    } catch {
      done(new SyncRefusal('unreadable'));
    }
  });

  await app.register(fileRoutes, { ...options, desk, limits: mostBytes, prefix: '/files' });

  app.get(
    '/',
    { prefixTrailingSlash: 'no-slash', schema: described('syncHello', 'Who is asking, and what this server takes', {}, helloSchema, []) },
    async (request, reply) => {
      const hello = await desk.reads(
        request,
        async (tenant, device): Promise<Hello> => ({
          organisationId: device.organisation,
          userId: device.userId,
          role: device.role,
          schema: { current: desk.version, ...versionsServed(desk.version) },
          epoch: tenant.entered.epoch,
          seq: tenant.entered.seq,
          limits: { ...limits, fileBytes: mostBytes.fileBytes },
          serverTime: instantOf(clock),
        }),
      );
      return reply.send(hello);
    },
  );

  app.post(
    '/pull',
    {
      schema: described('syncPull', 'What changed in one collection since a checkpoint', { body: pullRequestSchema }, pullAnswerSchema, [
        'resync_required',
      ]),
    },
    async (request, reply) => {
      const asked = bodyOf(request, pullRequestSchema).body;
      const page = () => desk.reads(request, (tenant, device) => pull(tenant, store.secrets, device, asked, instantOf(clock)));
      // From the beginning, or amid many pages.
      const isLong = asked.checkpoint === null || asked.checkpoint.seq !== asked.checkpoint.from;
      const result = await (isLong ? inPlace.pages(request, page, (done) => 'more' in done && done.more) : page());
      if ('resync' in result) throw new SyncRefusal('resync_required', { reason: result.resync });
      return sendJson(request, reply, result.body);
    },
  );

  app.post(
    '/digests',
    {
      schema: described(
        'syncDigests',
        'By what a device tells whether it has what its person sees',
        { body: digestRequestSchema },
        digestAnswerSchema,
        ['resync_required'],
      ),
    },
    async (request, reply) => {
      const asked = bodyOf(request, digestRequestSchema).body;
      const result = await desk.reads(request, (tenant, device) => digests(tenant, store.secrets, device, asked));
      if ('resync' in result) throw new SyncRefusal('resync_required', { reason: result.resync });
      return reply.send(result.answer);
    },
  );

  app.post(
    '/records',
    {
      schema: described('syncRecords', 'Records by their ids, as they are now', { body: recordsRequestSchema }, recordsAnswerSchema, [
        'resync_required',
      ]),
    },
    async (request, reply) => {
      const asked = bodyOf(request, recordsRequestSchema).body;
      const result = await desk.reads(request, (tenant, device) => records(tenant, store.secrets, device, asked));
      if ('resync' in result) throw new SyncRefusal('resync_required', { reason: result.resync });
      return sendJson(request, reply, result.body);
    },
  );

  app.post(
    '/push',
    {
      bodyLimit: limits.rowBytes + 64 * 1024,
      schema: described('syncPush', 'Changes of a device, with a verdict on each', { body: pushRequestSchema }, pushAnswerSchema, [
        'batch_reused',
        'resync_required',
        'too_large',
        'busy',
      ]),
    },
    async (request, reply) => {
      const { body, size } = bodyOf(request, pushRequestSchema);
      if (body.rows.length > 1 && size > limits.pushBytes) throw new SyncRefusal('too_large');
      if (new Set(body.rows.map(({ collection, record }) => `${collection} ${record.id}`)).size < body.rows.length)
        throw new SyncRefusal('invalid_request', { message: 'A record may stand in a push once.' });
      const written = async () => {
        const read = readPush(body, clock.now());
        const turn = turns.take(desk.entranceOf(request).organisation, () =>
          desk.writes(request, (tenant, device) =>
            push(tenant, device, read, { secrets: store.secrets, files, clock, recipientsPerHour: options.recipientsPerHour }),
          ),
        );
        if (turn === null) throw new SyncRefusal('busy', {}, { 'retry-after': '2' });
        return turn;
      };
      const isLong = body.rows.length >= manyRows;
      const result = await (isLong ? inPlace.pushes(request, written, () => true) : written());
      if (!('refused' in result)) return reply.send({ verdicts: result.verdicts, serverTime: instantOf(clock) });
      const { refused, ...more } = result;
      throw new SyncRefusal(refused, more);
    },
  );

  const stream = z.string().describe('Server-sent events "poke"; comments in between keep the line open');
  app.get(
    '/events',
    {
      schema: described('syncEvents', 'Says that there is something new, and never what', { produces: ['text/event-stream'] }, stream, [
        'busy',
      ]),
    },
    async (request, reply) => {
      const device = await desk.reads(request, async (_tenant, one) => one);
      const { raw } = reply;
      const send = (text: string) => {
        if (!raw.headersSent) raw.writeHead(200, streamHeaders);
        return raw.write(text) || raw.writableLength < mostUnsent;
      };
      const close = events.open(device, { send, end: () => raw.end() });
      if (close === null) throw new SyncRefusal('busy', {}, { 'retry-after': '30' });
      reply.hijack();
      raw.once('close', close);
      return reply;
    },
  );
}

/** Runs long work where there is a place for it. `goesOn`: whether the device comes again at once. */
function createPlaces(desk: Desk, { manyPages, manyPagesOfOne, manyPushes }: typeof places) {
  const inPlaceOf =
    (admission: Admission, groupOf: (organisation: string) => string) =>
    async <T>(request: FastifyRequest, work: () => Promise<T>, goesOn: (done: T) => boolean): Promise<T> => {
      const device = desk.entranceOf(request);
      const group = groupOf(device.organisation);
      const seconds = admission.enter(group, device);
      if (seconds > 0) throw new SyncRefusal('too_many', { message: manyAtOnce }, { 'retry-after': String(seconds) });
      let comesAgain = false;
      try {
        const done = await work();
        comesAgain = goesOn(done);
        return done;
      } finally {
        admission.leave(group, device, comesAgain);
      }
    };
  return {
    pages: inPlaceOf(createAdmission({ most: manyPages, mostOfOne: manyPagesOfOne, idleMs: placeMs, longestMs: longestPagesMs }), () => ''),
    pushes: inPlaceOf(createAdmission({ most: manyPushes, idleMs: placeMs }), (organisation) => organisation),
  };
}

const manyAtOnce = 'Many devices sync at once. Nothing was written. Try again after the time in the header "retry-after".';

/** Bytes of a stream that nobody takes in. */
const mostUnsent = 64 * 1024;

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // What ends with its stream keeps no server from stopping.
  connection: 'close',
  // Proxies that gather an answer before they pass it on would keep every poke back.
  'x-accel-buffering': 'no',
};
