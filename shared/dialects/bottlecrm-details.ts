import { accountDetailIn, type DetailList, detailLists } from './bottlecrm.ts';
import type { BookRecord } from './book-view.ts';
import { type NaturalKey, readOnlyResource, type RemoteResource } from './manifest.ts';
import { valueAt } from '../nouns/field.ts';
import { isWire, type Wire } from './wire.ts';

/**
 * What hangs on an account of BottleCRM and is shown only with that account: it comes, and is changed there. Files and e-mails do
 * not come: their contents are behind other doors. Invoices do not either: their sums are not ours to copy.
 */
const hanging = ['opportunities', 'cases', 'tasks', 'comments'] as const satisfies readonly DetailList[];

/** An id where a server in the wild answers the whole object. */
const idOf = (value: unknown): unknown => (isWire(value) ? (value['id'] ?? null) : value);

/** In every edition the account that was asked for is the one they hang on, whatever they say of it themselves. */
function hangingIn(body: unknown, remoteId: string): Readonly<Record<string, Wire[]>> | null {
  const { account, lists } = accountDetailIn(body);
  if (String(account['id']) !== remoteId) return null;
  return Object.fromEntries(
    hanging.map((name) => [
      name,
      lists[name].map((item) => ({
        ...item,
        account: remoteId,
        ...(Object.hasOwn(item, 'commented_by') && { commented_by: idOf(item['commented_by']) }),
        ...(Object.hasOwn(item, 'created_by') && { created_by: idOf(item['created_by']) }),
      })),
    ]),
  );
}

const resource = (name: (typeof hanging)[number], of: RemoteResource['of'], keys: readonly NaturalKey[]) =>
  readOnlyResource({ name, of, shape: detailLists[name], keys });

export const accountDetails = { of: hanging, in: hangingIn };

export const hangingOnAccounts: readonly RemoteResource[] = [
  resource('opportunities', 'opportunities', [{ members: ['name', 'account'], isUnique: false }]),
  resource('cases', 'cases', [{ members: ['name', 'account'], isUnique: false }]),
  resource('tasks', 'tasks', [{ members: ['title', 'account'], isUnique: false, unless: ['due_date'] }]),
  {
    ...resource('comments', 'activities', [{ members: ['comment', 'account'], isUnique: false }]),
    isHere: { kind: 'comment', about: 'clients' },
    isMatchable: (record: BookRecord) => valueAt(record, 'kind') === 'comment' && valueAt(record, 'about') === 'clients',
  },
];
