import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { answeredAlready } from '../../remotes/open-questions.ts';
import { connectRequestSchema, type RemoteReceipt } from '../../remotes/remote.ts';
import { type Clock, instantOf } from '../../shared/lib/clock.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { withoutEnd } from '../../shared/lib/text.ts';
import { emailSchema } from '../../shared/nouns/values.ts';
import { say } from '../../shared/words/say.ts';
import { Refused } from '../refused.ts';
import { findLogins } from '../store/organisations.ts';
import {
  addRemote,
  claimRemote,
  listRemotes,
  type RemoteClaim,
  releaseRemote,
  removeRemote,
  type RemoteRow,
  renewRemote,
} from '../store/remote-claims.ts';
import { inOrganisation, type Store } from '../store/tenant.ts';
import { forgetMemory } from './server-book.ts';
import { keptKey, mayAct, meetSystem, openRemote, sealSignIn } from './remote-cycle.ts';
import { meetRemote } from './remote-worker.ts';

const organisation = z.uuid({ message: 'An organisation is named by its id, like "organisation list" shows it.' }).optional();
const one = { organisation, id: z.string().optional() };
const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const every = z
  .string()
  .regex(/^[1-9]\d{0,5}[smh]$/, { message: 'How often is written like 90s, 5m or 1h.' })
  .transform((text) => Number(text.slice(0, -1)) * units[text.at(-1) as keyof typeof units])
  // A cycle reads all that both sides have, so one that follows on the last leaves no time for anything else.
  .refine((ms) => ms >= units.m, { message: 'A foreign system is met once a minute at most: write 1m or more.' });

/** What an operator can have done with the foreign systems of an organisation. */
export const remoteTasks = [
  z.object({
    do: z.literal('remote connect'),
    organisation,
    email: emailSchema,
    every: every.default(5 * units.m),
    request: connectRequestSchema,
  }),
  z.object({ do: z.literal('remote list'), organisation }),
  z.object({ do: z.literal('remote rehearse'), ...one }),
  z.object({ do: z.literal('remote run'), ...one }),
  z.object({ do: z.literal('remote accept'), ...one }),
  z.object({ do: z.literal('remote questions'), ...one }),
  z.object({
    do: z.literal('remote answer'),
    ...one,
    question: z.string({ message: 'Say which question, as "remote questions" shows it.' }),
    take: z.enum(['mine', 'theirs', 'both', 'asItIs', 'seen'], {
      message: 'Take one of mine, theirs, both or asItIs; or seen, of what was refused.',
    }),
  }),
  z.object({ do: z.literal('remote remove'), ...one }),
] as const;
export type RemoteTask = z.output<(typeof remoteTasks)[number]>;

interface TaskDeps {
  store: Store;
  clock: Clock;
  /** The organisation that is meant. Throws `Refused` where that is not clear. */
  organisationOf: (named: string | undefined) => Promise<string>;
  columns: (names: string[], rows: string[][]) => string;
}

/** Does it, in whatever process was asked; answers what to say. */
export async function doRemoteTask(task: RemoteTask, deps: TaskDeps): Promise<string> {
  try {
    return await doTask(task, deps);
  } catch (error) {
    if (error instanceof ProblemError) throw new Refused(say(error.problem), { cause: error });
    throw error;
  }
}

async function doTask(task: RemoteTask, deps: TaskDeps): Promise<string> {
  const { store, clock } = deps;
  const company = await deps.organisationOf(task.organisation);
  switch (task.do) {
    case 'remote connect':
      return connect(task, company, deps);
    case 'remote list':
      return list(await listRemotes(store.db, company), deps);
    case 'remote rehearse': {
      const remote = await openRemote(store, await meant(store, company, task.id), null, clock);
      return told(await remote.rehearse(AbortSignal.timeout(longestMs)));
    }
    case 'remote run':
    case 'remote accept': {
      const row = await meant(store, company, task.id);
      const receipt = await meetRemote({ store, clock, log: () => undefined, onFault: () => undefined }, row, await inHand(store, row), {
        signal: AbortSignal.timeout(longestMs),
        accepts: task.do === 'remote accept',
      });
      if (receipt === 'lost')
        throw new Refused(
          'It came into the hands of another server process meanwhile, or was connected anew or removed: this cycle has ended.',
        );
      if (receipt === 'stopped')
        throw new Refused('The cycle took longer than an hour and has ended. The next one goes on from what was done.');
      if (receipt.state === 'failed') throw new Refused(told(receipt));
      return told(receipt);
    }
    case 'remote questions': {
      const { questions, stopped } = await openRemote(store, await meant(store, company, task.id), null, clock);
      const stop = stopped.why();
      const open = [
        ...questions
          .conflicts()
          .map(({ id, title, label, mine, theirs, kept }) => [
            id,
            'changed on both sides',
            `${title ?? ''}: ${label}. mine ${shown(mine.value)}, theirs ${shown(theirs.value)}; now ${kept}`,
          ]),
        ...questions
          .refused()
          .map(({ id, kind, title, message }) => [id, kind === 'unkept' ? 'not taken over' : 'refused', `${title ?? ''}: ${message}`]),
      ];
      const lines = open.length === 0 ? 'Nothing waits for an answer.' : deps.columns(['question', 'what', ''], open);
      return stop === null ? lines : `${stop.message}\nIf that is right: remote accept\n\n${lines}`;
    }
    case 'remote answer':
      return answer(task, await meant(store, company, task.id), deps);
    case 'remote remove': {
      const row = await meant(store, company, task.id);
      await removeRemote(store.db, row);
      await inOrganisation(store, company, (tenant) => forgetMemory(tenant, row.id));
      return `${row.url} is not spoken to any more. The records stay as they are on both sides.`;
    }
  }
}

const longestMs = 3_600_000;

async function connect(task: RemoteTask & { do: 'remote connect' }, company: string, { store, clock }: TaskDeps): Promise<string> {
  const { request, email, every: everyMs } = task;
  if (request.kind === 'fieldbook')
    throw new Refused('This is about systems that were there before. Laptops connect to this server by themselves.');
  const found = (await findLogins(store.db, email)).find(({ organisation_id }) => organisation_id === company);
  if (found === undefined) throw new Refused(`Nobody signs in with ${email} there. "user list" shows who does, "user add" makes somebody.`);
  await mayAct(store, company, found.user_id);
  const url = withoutEnd(request.url, '/');
  const system = await meetSystem({ ...request, url }, clock);
  const known = (await listRemotes(store.db, company)).find(
    (row) => row.kind === request.kind && row.url === url && row.remote_organisation === system.organisation,
  );
  const id = known?.id ?? randomUUID();
  const { account, settings, secrets } = system;
  if (known !== undefined) {
    const kept = { ...secrets, ...keptKey(store.secrets, known) };
    await renewRemote(store.db, {
      organisation_id: company,
      id,
      account,
      direction: request.direction,
      secrets: sealSignIn(store.secrets, { id, url }, kept),
      user_id: found.user_id,
      every_ms: everyMs,
    });
    return `${url} is signed in to anew.`;
  }
  await addRemote(store.db, {
    organisation_id: company,
    id,
    kind: request.kind,
    url,
    remote_organisation: system.organisation,
    account,
    direction: request.direction,
    settings,
    secrets: sealSignIn(store.secrets, { id, url }, secrets),
    user_id: found.user_id,
    connected_at: instantOf(clock),
    every_ms: everyMs,
  });
  return `${String(settings['label'])} at ${url} is connected as ${id}. A running server meets it by itself.`;
}

async function answer(task: RemoteTask & { do: 'remote answer' }, row: RemoteRow, { store, clock }: TaskDeps): Promise<string> {
  const claim = await inHand(store, row);
  try {
    const { questions } = await openRemote(store, row, claim, clock);
    const { question: id, take } = task;
    if (take === 'seen') {
      if (questions.conflicts().some((one) => one.id === id))
        throw new Refused('Only what was refused is taken as seen. Of what both sides changed take mine, theirs, both or asItIs.');
      if (!questions.refused().some((one) => one.id === id)) throw new ProblemError(answeredAlready);
      await questions.dismiss([id]);
    } else await questions.settle([{ id, take }]);
    return take === 'seen' ? 'It is off the list, and still waits.' : 'It is answered. The next cycle sends what follows of it.';
  } finally {
    await releaseRemote(store.db, claim, { dueInMs: 0 });
  }
}

async function inHand({ db }: Store, row: RemoteRow): Promise<RemoteClaim> {
  const taken = await claimRemote(db, row);
  if (taken !== null) return taken.claim;
  const [now] = (await listRemotes(db, row.organisation_id)).filter(({ id }) => id === row.id);
  throw new Refused(`${row.url} is in the hands of ${now?.holder ?? 'another process'}. Try again when that is done with it.`);
}

/** The one that is named, by its id or the beginning of it; the only one without a name. */
async function meant({ db }: Store, company: string, named: string | undefined): Promise<RemoteRow> {
  const all = (await listRemotes(db, company)).filter(({ id }) => named === undefined || id.startsWith(named));
  if (all.length > 1) throw new Refused('Several foreign systems are connected. Say which one with --id; "remote list" shows them.');
  if (all[0] === undefined)
    throw new Refused(
      named === undefined ? 'No foreign system is connected. "remote connect" does that.' : `No foreign system has the id ${named}.`,
    );
  return all[0];
}

function list(rows: readonly RemoteRow[], { columns }: TaskDeps): string {
  return columns(
    ['id', 'system', 'address', 'direction', 'state', 'last', 'in the hands of'],
    rows.map(({ id, kind, url, direction, receipt, last_at, holder }) => [
      id,
      kind,
      url,
      direction,
      [receipt?.['state'] ?? 'not met yet', receipt?.['problem'] ?? ''].join(' ').trim(),
      last_at === null ? '' : new Date(last_at).toISOString(),
      holder ?? '',
    ]),
  );
}

const mostLines = 200;

function told(receipt: RemoteReceipt): string {
  const { url, state, sent, received, merged, conflicts, refused, waiting, requests, problem, records = [] } = receipt;
  const counts = ({ created, changed, deleted }: typeof sent) => `${created} new, ${changed} changed, ${deleted} deleted`;
  return [
    `${url}: ${state}. Sent ${counts(sent)}. Received ${counts(received)}. Put together ${merged}. Conflicts ${conflicts}, refused ${refused}, waiting ${waiting}. Requests ${requests}.`,
    ...(problem === undefined ? [] : [problem]),
    ...records
      .slice(0, mostLines)
      .map(({ how, collection, title, reason }) => `${how}  ${collection}  ${title}${reason === null ? '' : `  (${reason})`}`),
    ...(records.length > mostLines ? [`and ${records.length - mostLines} more`] : []),
  ].join('\n');
}

const shown = (value: unknown) => JSON.stringify(value);
