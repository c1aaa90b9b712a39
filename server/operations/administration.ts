import { z } from 'zod';
import { emailSchema, requiredText } from '../../shared/nouns/values.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { hashPassword } from '../auth/passwords.ts';
import { Refused } from '../refused.ts';
import { doRemoteTask, remoteTasks } from '../remotes/remote-tasks.ts';
import { type Engine, openDatabase, openEngine, schemaOf, schemas, type Where } from '../store/engine.ts';
import { askHolder } from '../store/folder-hold.ts';
import {
  addLogin,
  createOrganisation,
  findLogins,
  type FoundLogin,
  listLogins,
  listOrganisations,
  setActive,
  setPassword,
} from '../store/organisations.ts';
import { saySchema } from '../../shared/words/say.ts';

const roles = ['admin', 'manager', 'member'] as const;
export const newPassword = z
  .string()
  .min(10, { message: 'A password needs 10 characters or more. Choose a longer one.' })
  .max(1000, { message: 'A password has 1000 characters at most. Choose a shorter one.' });
const organisation = z.uuid({ message: 'An organisation is named by its id, like "organisation list" shows it.' }).optional();
const somebody = { email: emailSchema, organisation };

/** What an operator can have done with the people who sign in, whether a server runs or not. */
export const taskSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('user add'),
    ...somebody,
    role: z.enum(roles, { message: `A role is one of ${roles.join(', ')}.` }),
    name: requiredText(300).optional(),
    password: newPassword,
  }),
  z.object({ do: z.literal('user list'), organisation }),
  z.object({ do: z.literal('user password'), ...somebody, password: newPassword }),
  z.object({ do: z.literal('user disable'), ...somebody }),
  z.object({ do: z.literal('user enable'), ...somebody }),
  z.object({ do: z.literal('organisation add'), name: requiredText(300), email: emailSchema, password: newPassword }),
  z.object({ do: z.literal('organisation list') }),
  ...remoteTasks,
]);
export type Task = z.output<typeof taskSchema>;

/** A task as it was asked for; a sentence where it is none. */
export function readTask(asked: unknown): Task {
  const parsed = taskSchema.safeParse(asked);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refused(`${issue?.path.join('.') ?? ''}: ${saySchema(issue?.message ?? 'Something in it is wrong.')}`);
}

const answerSchema = z.union([z.object({ said: z.string() }), z.object({ refused: z.string() })]);

/** Has a task done, by the running server where one holds the embedded database. Answers what to say. */
export async function administer(where: Where, asked: Record<string, unknown>, clock: Clock): Promise<string> {
  const task = readTask(asked);
  if (where.databaseUrl === null) {
    const found = await askHolder(where.folder, asked);
    if (found.from === 'holder') {
      const answer = answerSchema.parse(found.answer);
      if ('refused' in answer) throw new Refused(answer.refused);
      return answer.said;
    }
  }
  await refuseOtherTables(where);
  const engine = await openEngine(where, { whenMissing: 'refuse' });
  try {
    return await doTask(engine, task, clock);
  } finally {
    await engine.close();
  }
}

/** Tables that running servers use are theirs to bring up to date. */
async function refuseOtherTables(where: Where): Promise<void> {
  if (where.databaseUrl === null) return;
  const { db, close } = await openDatabase(where);
  try {
    if ((await schemaOf(db)) !== schemas().at(-1))
      throw new Refused('The tables of this database are those of another version, or not made yet. Start a server of this version once.');
  } finally {
    await close();
  }
}

export async function doTask(engine: Engine, task: Task, clock: Clock): Promise<string> {
  const { db } = engine;
  switch (task.do) {
    case 'user add': {
      const id = await organisationOf(engine, task.organisation);
      const login = { email: task.email, passwordHash: await hashPassword(task.password), role: task.role };
      await addLogin(engine, id, { ...login, ...(task.name !== undefined && { fullName: task.name }) }, clock);
      return `${task.email} can sign in to ${id} as ${task.role}.`;
    }
    case 'user list': {
      const only = task.organisation === undefined ? null : await organisationOf(engine, task.organisation);
      const rows = (await listLogins(db, only)).map(({ organisation_id, email, role, is_active }) => [
        organisation_id,
        role,
        is_active ? 'active' : 'disabled',
        email,
      ]);
      return columns(['organisation', 'role', '', 'e-mail'], rows);
    }
    case 'user password': {
      await setPassword(engine, await somebodyOf(engine, task), await hashPassword(task.password), clock);
      return `The password of ${task.email} is changed. Every device of theirs has to sign in again.`;
    }
    case 'user disable':
    case 'user enable': {
      const isActive = task.do === 'user enable';
      await setActive(engine, await somebodyOf(engine, task), isActive, clock);
      return isActive
        ? `${task.email} can sign in again.`
        : `${task.email} cannot sign in any more, and every device of theirs is signed out.`;
    }
    case 'organisation add': {
      const administrator = { email: task.email, passwordHash: await hashPassword(task.password), role: 'admin' } as const;
      const id = await createOrganisation(engine, task.name, administrator, clock);
      return `The organisation is ${id}. ${task.email} can sign in to it as admin.`;
    }
    case 'remote connect':
    case 'remote list':
    case 'remote rehearse':
    case 'remote run':
    case 'remote accept':
    case 'remote questions':
    case 'remote answer':
    case 'remote remove':
      return doRemoteTask(task, { store: engine, clock, organisationOf: (named) => organisationOf(engine, named), columns });
    case 'organisation list':
      return columns(
        ['organisation', 'name'],
        (await listOrganisations(db)).map(({ organisation_id, name }) => [organisation_id, name]),
      );
  }
}

async function organisationOf({ db }: Engine, named: string | undefined): Promise<string> {
  const all = await listOrganisations(db);
  if (named !== undefined) {
    if (all.some(({ organisation_id }) => organisation_id === named.toLowerCase())) return named.toLowerCase();
    throw new Refused(`There is no organisation ${named}. "organisation list" shows those that are there.`);
  }
  if (all.length > 1)
    throw new Refused('There are several organisations. Say which one with --organisation; "organisation list" shows them.');
  if (all[0] === undefined) throw new Refused('There is no organisation yet. Start the server once, or use "organisation add".');
  return all[0].organisation_id;
}

async function somebodyOf(
  { db }: Engine,
  { email, organisation: named }: { email: string; organisation?: string | undefined },
): Promise<FoundLogin> {
  const found = await findLogins(db, email);
  const meant = named === undefined ? found : found.filter(({ organisation_id }) => organisation_id === named.toLowerCase());
  if (meant.length > 1)
    throw new Refused(`${email} signs in to several organisations. Say which one with --organisation; "user list" shows them.`);
  if (meant[0] === undefined)
    throw new Refused(`Nobody signs in with ${email}${named === undefined ? '' : ' there'}. "user list" shows who does.`);
  return meant[0];
}

function columns(names: string[], rows: string[][]): string {
  const widths = names.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [names, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
