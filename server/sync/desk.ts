import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../shared/lib/clock.ts';
import { schemaHeader, schemaVersion, type SyncError, type SyncErrorCode, syncErrors, syncErrorSchema } from '../../shared/sync/wire.ts';
import { type Auth, credentialsOf } from '../auth/identify.ts';
import type { Person } from '../auth/sessions.ts';
import { securityOf } from '../routes/open-api.ts';
import { type Entrance, inOrganisation, type Store, type Tenant } from '../store/tenant.ts';
import { unreachable } from '../store/unreachable.ts';
import { createAllowance } from './allowance.ts';

export interface DeskOptions {
  store: Store;
  auth: Auth;
  clock: Clock;
  /** Requests a minute from one address that are not let in. */
  requestsPerMinute: number;
  /** Requests of one device a minute. */
  devicePerMinute?: number;
  /** The version of records that this server is of. */
  version?: number;
}

export type Device = Person & { sessionId: string };
type DeviceEntrance = Entrance & { sessionId: string };

/** What every request of a device passes: its version, its token, how often it asks. */
export interface Desk {
  version: number;
  /** Checks what can be told without the database. Throws `SyncRefusal`. */
  admit(request: FastifyRequest): Promise<void>;
  /** The session that the token of an admitted request names; whether it is good still is asked inside the transaction. */
  entranceOf(request: FastifyRequest): DeviceEntrance;
  /** Work that only reads: in fewer ways to the database and back, and possibly run twice (`inOrganisation`). */
  reads: AsDevice;
  writes: AsDevice;
}

type AsDevice = <T>(request: FastifyRequest, work: (tenant: Tenant, device: Device) => Promise<T>) => Promise<T>;

const ways = ['bearer'] as const;
const perMinute = 1_200;

export function createDesk({
  store,
  auth,
  clock,
  requestsPerMinute,
  devicePerMinute = perMinute,
  version = schemaVersion,
}: DeskOptions): Desk {
  const allowance = createAllowance(devicePerMinute, () => clock.now());
  const refusals = createAllowance(requestsPerMinute, () => clock.now());
  const entrances = new WeakMap<FastifyRequest, DeviceEntrance>();
  const notSignedIn = () => new SyncRefusal('not_signed_in', {}, { 'www-authenticate': 'Bearer' });

  const asDevice =
    (access: 'reads' | 'writes'): AsDevice =>
    (request, work) => {
      const entrance = desk.entranceOf(request);
      const one = (tenant: Tenant) => {
        const { userId, role } = tenant.entered;
        if (userId === null || role === null) throw notSignedIn();
        return work(tenant, { organisation: tenant.organisation, userId, role, sessionId: entrance.sessionId });
      };
      return inOrganisation(store, entrance, one, access);
    };

  async function entranceFor(request: FastifyRequest): Promise<DeviceEntrance> {
    checkVersion(request, version);
    const found = await credentialsOf(auth, request, ways, null);
    if (!('claims' in found)) throw notSignedIn();
    return found.claims;
  }

  const desk: Desk = {
    version,
    async admit(request) {
      const entrance = await entranceFor(request).catch((refusal: unknown) => {
        // Only what is refused counts for the address: whoever is signed in there goes on while somebody else beside them floods.
        within(refusals.take(request.ip));
        throw refusal;
      });
      within(allowance.take(entrance.sessionId));
      entrances.set(request, entrance);
    },
    entranceOf(request) {
      const entrance = entrances.get(request);
      if (entrance === undefined) throw new Error('A request that was not admitted');
      return entrance;
    },
    reads: asDevice('reads'),
    writes: asDevice('writes'),
  };
  return desk;
}

function within(waitSeconds: number): void {
  if (waitSeconds > 0) throw new SyncRefusal('too_many', {}, { 'retry-after': String(waitSeconds) });
}

/** Ends a request with a refusal, and its transaction without a trace. */
export class SyncRefusal extends Error {
  readonly answer: SyncError;
  readonly headers: Record<string, string>;
  constructor(code: SyncErrorCode, more: Partial<SyncError> = {}, headers: Record<string, string> = {}) {
    super(code);
    this.answer = { code, message: messages[code], ...more };
    this.headers = headers;
  }
}

const messages: Readonly<Record<SyncErrorCode, string>> = {
  invalid_request: 'The request is not in the form of docs/sync-protocol.md.',
  unreadable: 'The body could not be read. It has to be JSON in UTF-8, complete, and not nested without end.',
  server_too_old: 'This server is older than the device. Bring the server up to date; until then the device keeps what it has.',
  not_signed_in: 'This needs an access token in the header "authorization: Bearer …". Refresh it, or sign in again.',
  not_found: 'There is nothing at this address.',
  batch_reused: 'This batch id was used for another push. Nothing was written. Send the rows under a new one.',
  mass_delete: 'So many deletions at once have to be confirmed by a person. Nothing was written.',
  offset_mismatch: 'The server has another part of this file than was assumed. Go on from where it says.',
  resync_required: 'The device cannot go on from where it was. It has to pull every collection from the beginning.',
  file_gone: 'The content of this file was lost or damaged on the server. A backup, or the device it came from, may still have it.',
  too_large: 'The request is larger than the server takes. Send fewer rows at once.',
  unsupported_media_type: 'The body is of another kind than this address takes.',
  range_not_satisfiable: 'The file has no such part.',
  hash_mismatch: 'What arrived is not the file that was announced, so it was thrown away. Send it again from the beginning.',
  client_too_old: 'This version is too old for the server. Update Fieldbook on the device; nothing on it is lost until then.',
  too_many: 'Too many requests came from here. Try again after the time in the header "retry-after".',
  unexpected: 'Something went wrong on the server. Nothing was written. Try again later.',
  busy: 'The server is busy. Nothing was written. Try again after the time in the header "retry-after".',
  disk_full: 'There is no space left on the server. Tell who runs it.',
  quota_exceeded: 'The organisation has used up its space for files. Tell who runs the server.',
};

/** Each side takes in what is one version older or newer. */
export function versionsServed(version: number): { oldest: number; newest: number } {
  return { oldest: Math.max(1, version - 1), newest: version + 1 };
}

function checkVersion(request: FastifyRequest, version: number): void {
  const said = request.headers[schemaHeader];
  const { oldest, newest } = versionsServed(version);
  if (typeof said !== 'string' || !/^[1-9]\d{0,5}$/.test(said))
    throw new SyncRefusal('invalid_request', {
      message: `The header "${schemaHeader}" says which version of records the device is of, like "1".`,
    });
  if (Number(said) < oldest) throw new SyncRefusal('client_too_old', { oldest, newest }, { upgrade: `fieldbook/${oldest}` });
  if (Number(said) > newest) throw new SyncRefusal('server_too_old', { oldest, newest });
}

export function bodyOf<T>(request: FastifyRequest, schema: z.ZodType<T>): { body: T; size: number } {
  const { json, size = 0 } = (request.body ?? {}) as { json?: unknown; size?: number };
  const parsed = schema.safeParse(json);
  if (parsed.success) return { body: parsed.data, size };
  const at = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new SyncRefusal('invalid_request', { message: `${messages.invalid_request}${at === '' ? '' : ` At "${at}".`}` });
}

export function refusalFor(error: FastifyError): SyncRefusal {
  switch (error.statusCode) {
    case 413:
      return new SyncRefusal('too_large');
    case 415:
      return new SyncRefusal('unsupported_media_type');
    case 429:
      return new SyncRefusal('too_many', {}, { 'retry-after': '60' });
    default:
      if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return new SyncRefusal('unreadable');
      return unreachable(error) === null ? new SyncRefusal('unexpected') : new SyncRefusal('busy', {}, { 'retry-after': '5' });
  }
}

export function refuse(reply: FastifyReply, { answer, headers }: SyncRefusal): FastifyReply {
  return reply.status(syncErrors[answer.code]).headers(headers).send(answer);
}

const everywhere: readonly SyncErrorCode[] = ['invalid_request', 'not_signed_in', 'client_too_old', 'too_many', 'unexpected'];

/** For the OpenAPI document. */
export const versionHeader = { [schemaHeader]: z.string().describe('The version of records that the device is of, like "1"') };

export function described(operationId: string, summary: string, what: object, ok: z.ZodType, codes: readonly SyncErrorCode[]) {
  const statuses = new Set([...everywhere, ...codes].map((code) => syncErrors[code]));
  return {
    tags: ['sync'],
    operationId,
    security: securityOf(ways),
    headers: z.object(versionHeader),
    summary,
    ...what,
    response: { 200: ok, ...Object.fromEntries([...statuses].map((status) => [status, syncErrorSchema])) },
  };
}
