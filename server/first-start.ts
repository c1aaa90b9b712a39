import { emailSchema, requiredText } from '../shared/nouns/values.ts';
import type { Clock } from '../shared/lib/clock.ts';
import { hashPassword } from './auth/passwords.ts';
import { ask, askNewPassword } from './operations/ask.ts';
import { newPassword } from './operations/administration.ts';
import { Refused } from './refused.ts';
import { createOrganisation, firstOrganisation } from './store/organisations.ts';
import type { Store } from './store/tenant.ts';
import { saySchema } from '../shared/words/say.ts';

/** The organisation served; the first start makes it, with its administrator. */
export async function ensureOrganisation(store: Store, env: NodeJS.ProcessEnv, clock: Clock): Promise<string> {
  const known = await firstOrganisation(store.db);
  if (known !== null) return known;
  const name = requiredText(300).safeParse(await ask(env, 'FIELDBOOK_ORG', 'Name of the organisation'));
  if (!name.success)
    throw new Refused(`The organisation has no name that can be kept (FIELDBOOK_ORG): ${saySchema(name.error.issues[0]?.message ?? '')}`);
  const email = emailSchema.safeParse(await ask(env, 'FIELDBOOK_ADMIN_EMAIL', 'E-mail of the administrator'));
  if (!email.success)
    throw new Refused(
      `The administrator needs an e-mail address (FIELDBOOK_ADMIN_EMAIL): ${saySchema(email.error.issues[0]?.message ?? '')}`,
    );
  const password = newPassword.safeParse(await askNewPassword(env, 'FIELDBOOK_ADMIN_PASSWORD', 'Password of the administrator'));
  if (!password.success) throw new Refused(`FIELDBOOK_ADMIN_PASSWORD: ${saySchema(password.error.issues[0]?.message ?? '')}`);
  const administrator = { email: email.data, passwordHash: await hashPassword(password.data), role: 'admin' } as const;
  return createOrganisation(store, name.data, administrator, clock);
}
