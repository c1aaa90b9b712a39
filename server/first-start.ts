import { createInterface } from 'node:readline/promises';
import { emailSchema, requiredText } from '../shared/entities/values.ts';
import type { Clock } from '../shared/lib/clock.ts';
import { hashPassword } from './auth/passwords.ts';
import { createOrganisation, firstOrganisation } from './store/organisations.ts';
import type { Store } from './store/tenant.ts';

export const shortestPassword = 10;

/** The organisation served; the first start makes it, with its administrator. */
export async function ensureOrganisation(store: Store, env: NodeJS.ProcessEnv, clock: Clock): Promise<string> {
  const known = await firstOrganisation(store.db);
  if (known !== null) return known;
  const name = requiredText(300).safeParse(await ask(env, 'FIELDBOOK_ORG', 'Name of the organisation'));
  const email = emailSchema.safeParse(await ask(env, 'FIELDBOOK_ADMIN_EMAIL', 'E-mail of the administrator'));
  const password = await ask(env, 'FIELDBOOK_ADMIN_PASSWORD', 'Password of the administrator');
  if (!name.success) throw new Error(`The organisation has no name that can be kept (FIELDBOOK_ORG): ${name.error.issues[0]?.message}`);
  if (!email.success)
    throw new Error(`The administrator needs an e-mail address (FIELDBOOK_ADMIN_EMAIL): ${email.error.issues[0]?.message}`);
  if (password.length < shortestPassword || password.length > 1000)
    throw new Error(
      `The administrator's password (FIELDBOOK_ADMIN_PASSWORD) needs ${shortestPassword} characters or more. Choose a longer one.`,
    );
  const administrator = { email: email.data, passwordHash: await hashPassword(password), role: 'admin' } as const;
  return createOrganisation(store, name.data, administrator, clock);
}

async function ask(env: NodeJS.ProcessEnv, variable: string, question: string): Promise<string> {
  const given = env[variable] ?? '';
  if (given !== '') return given;
  if (!process.stdin.isTTY) throw new Error(`The first start needs ${variable}: ${question.toLowerCase()}. Set it and start again.`);
  // stdout carries the ready line and nothing else.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(`${question}: `);
  } finally {
    terminal.close();
  }
}
