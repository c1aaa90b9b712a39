import { connectForeign, digestKey, manifestOf } from '../../remotes/connect.ts';
import { type ForeignRemote, openForeign } from '../../remotes/foreign-remote.ts';
import { type ConnectRequest, type KeptRemote, remoteKinds } from '../../remotes/remote.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { Refused } from '../refused.ts';
import { callMs, ClaimLost, keepClaim, type RemoteClaim, type RemoteRow } from '../store/remote-claims.ts';
import type { SecretSeal } from '../store/secret-seal.ts';
import type { Store } from '../store/tenant.ts';
import { openServerBook } from './server-book.ts';

/** Where the sign-in of a system is sealed: moved to another one's row it cannot be opened. */
const placeOf = ({ id, url }: Pick<RemoteRow, 'id' | 'url'>) => `remote/${id}/${url}`;

export const sealSignIn = (secrets: SecretSeal, of: Pick<RemoteRow, 'id' | 'url'>, signIn: Record<string, string>): string =>
  secrets.sealText(placeOf(of), JSON.stringify(signIn));

/** What was sealed; null where this server's key did not seal it. */
function openSignIn(secrets: SecretSeal, row: RemoteRow): Record<string, string> | null {
  const text = secrets.openText(placeOf(row), row.secrets);
  return text === null ? null : (JSON.parse(text) as Record<string, string>); // what sealSignIn wrote
}

/** The key by which secret values of a system are told from each other: it stays, however often somebody signs in. */
export function keptKey(secrets: SecretSeal, row: RemoteRow): Record<string, string> {
  const key = openSignIn(secrets, row)?.[digestKey];
  return key === undefined ? {} : { [digestKey]: key };
}

/** Looks whether the system is there and signs in to it; nothing is kept yet. */
export const meetSystem = (request: ConnectRequest, clock: Clock) =>
  connectForeign(request, { clock, signal: AbortSignal.timeout(120_000) });

/**
 * Opens a system of an organisation. With a claim it may be met: before each call that changes something there, and in each transaction that
 * writes here, the claim is asked for and `ClaimLost` ends the cycle; whether the account may still act is asked with it, and `Refused` ends
 * it as well. Without a claim it is looked at and rehearsed. Throws `Refused` where it cannot be spoken to as it is kept.
 */
export async function openRemote(store: Store, row: RemoteRow, claim: RemoteClaim | null, clock: Clock): Promise<ForeignRemote> {
  const { organisation_id: organisation, id, user_id: userId } = row;
  const kind = remoteKinds.find((one) => one === row.kind);
  if (kind === undefined || kind === 'fieldbook') throw new Refused(`This server knows no system "${row.kind}".`);
  const kept: KeptRemote = {
    id,
    kind,
    url: row.url,
    organisation: row.remote_organisation,
    account: row.account,
    direction: row.direction,
    connectedAt: row.connected_at,
    settings: row.settings,
  };
  const secrets = openSignIn(store.secrets, row);
  if (secrets === null) throw new Refused(`The sign-in of ${row.url} is sealed with another key. Connect it again.`);
  const mayBegin = () => mayAct(store, organisation, userId);
  await mayBegin();
  const book = await openServerBook({
    store,
    organisation,
    remoteId: id,
    manifest: manifestOf(kind),
    userId,
    clock,
    mayBegin,
    mayWrite: async ({ tx }) => {
      if (claim === null) throw new ClaimLost();
      await keepClaim(tx, claim);
    },
  });
  return openForeign(kept, {
    ...book,
    secret: (name) => secrets[name] ?? null,
    clock,
    log: { info: () => undefined },
    timeoutMs: callMs,
    beforeChange: async () => {
      if (claim === null) throw new ClaimLost();
      await keepClaim(store.db, claim);
      await mayBegin();
    },
  });
}

/** Whoever it is written by sees all of the company: what they did not see would be taken for what is not there. */
export async function mayAct({ db }: Pick<Store, 'db'>, organisation: string, userId: string): Promise<void> {
  const login = await db
    .selectFrom('logins')
    .select(['role', 'is_active'])
    .where('organisation_id', '=', organisation)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (login?.role !== 'admin' || !login.is_active)
    throw new Refused(
      'What comes from a foreign system is written in the name of somebody who sees all of the company: an administrator who can sign in. Connect it with --email of one.',
    );
}
