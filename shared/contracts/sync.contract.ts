import { z } from 'zod';
import {
  disconnectSchema,
  dismissSchema,
  needsSchema,
  pageSchema,
  receiptPageSchema,
  receiptQuerySchema,
  settleSchema,
  syncPageStateSchema,
  waitingPageSchema,
} from '../sync/sync-view.ts';
import { dialectNames, type DialectName, foreignSystems, type HowToSignIn } from '../dialects/foreign-systems.ts';
import { command, defineContract, query } from './contract.ts';
import { ruleErrors } from './history.contract.ts';
import { nounNameSchema } from './noun-name.ts';
import { schemaWords } from '../words/words.ts';

/** The kinds of servers a book can be kept equal with, as people call them. */
export type ServerKind = 'fieldbook' | DialectName;
export const serverKinds: Readonly<Record<ServerKind, string>> = {
  fieldbook: 'Fieldbook server',
  ...perSystem(({ label }) => label),
};
const kindSchema = z.enum(Object.keys(serverKinds) as [ServerKind, ...ServerKind[]]);

export const directions = { both: 'Both ways', read: 'Only read', write: 'Only write' } as const;
export type Direction = keyof typeof directions;
const directionSchema = z.enum(Object.keys(directions) as [Direction, ...Direction[]]);

/** How each kind can be signed in to, the likeliest first, and where its organisation is named. */
export const howToSignIn: Readonly<Record<ServerKind, HowToSignIn>> = {
  fieldbook: { ways: ['password', 'token'], organisation: 'maybe' },
  ...foreignSystems,
};

function perSystem<T>(of: (system: (typeof foreignSystems)[DialectName]) => T): Record<DialectName, T> {
  return Object.fromEntries(dialectNames.map((name) => [name, of(foreignSystems[name])])) as Record<DialectName, T>;
}

const id = z.string().min(1).max(100);
const counts = z.object({ created: z.int(), changed: z.int(), deleted: z.int() });

/** Two records that may be one: one of this book, and one of the server's. */
const sideOfPair = z.object({ id: z.string(), title: z.string(), facts: z.array(z.string()) });
const pairSchema = z.object({
  noun: nounNameSchema,
  here: sideOfPair,
  there: sideOfPair,
  /** What both have. */
  same: z.enum(['email', 'phoneAndName', 'accountCode']),
});
export type Pair = z.output<typeof pairSchema>;

/** Pairs that are shown to be decided; those beyond are found on the page of duplicates afterwards. */
export const mostPairs = 200;

/** What a foreign system does with each kind of record. */
export const canSchema = z.array(
  z.object({ of: nounNameSchema, comes: z.boolean(), creates: z.boolean(), changes: z.boolean(), deletes: z.boolean() }),
);

/** A field that a system does not store, of how many records, and why. */
export const staysSchema = z.object({ noun: nounNameSchema, field: z.string(), records: z.int(), says: z.string() });

const rehearsalSchema = z.object({
  /** What answered, as people call it: of a system with editions, the one that it is. */
  system: z.string(),
  sent: counts,
  received: counts,
  /** Records of both sides per noun, of those that have any. */
  perNoun: z.array(z.object({ noun: nounNameSchema, goes: z.int(), comes: z.int() })),
  pairs: z.array(pairSchema),
  morePairs: z.int(),
  /** Empty for our own server, which does all with every kind. */
  can: canSchema,
  /** What the server cannot do, in sentences. */
  limits: z.array(z.string()),
  /** What it does not store of the records that would go, or that are on both sides: it stays in the book. */
  stays: z.array(staysSchema),
});
export type Rehearsal = z.output<typeof rehearsalSchema>;

export const connectFields = ['url', 'organisation', 'email', 'password', 'token', 'session'] as const;
export type ConnectField = (typeof connectFields)[number];

/** A connection on its way: signed in to and looked at, and not agreed to yet. Nothing of the book was sent. */
const joiningSchema = z.object({
  kind: kindSchema,
  host: z.string(),
  direction: directionSchema,
  account: z.string().nullable(),
  step: z.enum(['signIn', 'looking', 'ready', 'joining', 'failed']),
  /** Records read so far. */
  read: z.int(),
  rehearsal: rehearsalSchema.nullable(),
  /** Why it failed, and the field it is about. */
  problem: z
    .object({
      message: z.string(),
      field: z.enum(connectFields).nullable(),
      /** The system that answered, where another one was chosen. */
      offers: kindSchema.nullable(),
    })
    .nullable(),
});
export type Joining = z.output<typeof joiningSchema>;

export const syncStateSchema = syncPageStateSchema.extend({
  joining: joiningSchema.nullable(),
  /** Records that the server was said to have when this laptop was connected, less those that have come; null where that is not known. */
  left: z.int().nullable(),
});
export type SyncState = z.output<typeof syncStateSchema>;

/** What is to be known of a record on screen: the worst of it, and its fields. */
const markKind = z.enum(['unsent', 'refused', 'conflict', 'stays']);
export type MarkKind = z.output<typeof markKind>;
const markSchema = z.object({
  id: z.string(),
  mark: markKind,
  /** `says`: why, where the mark alone does not tell. What stays is told by its whole path, all else by the top-level field. */
  fields: z.array(z.object({ field: z.string(), mark: markKind, says: z.string().nullable() })),
});
export type RecordMark = z.output<typeof markSchema>;

const secretText = (max: number, empty: string) =>
  z
    .string()
    .min(1, { message: empty })
    .max(max)
    .refine((value) => !/[\u0000-\u001f\u007f]/.test(value), { message: schemaWords('values.unfit') });

const signInSchema = z.union([
  z.strictObject({
    email: z
      .string()
      .trim()
      .min(1, { message: schemaWords('sync.writeEmail') })
      .max(254),
    password: secretText(1000, schemaWords('sync.writePassword')),
  }),
  z.strictObject({ token: secretText(10_000, schemaWords('sync.pasteToken')) }),
  z.strictObject({ session: secretText(10_000, schemaWords('sync.pasteCookie')) }),
]);

/** What is typed to connect. Secrets go in and never come out again. */
export const lookSchema = z.strictObject({
  kind: kindSchema,
  url: z.string().trim().max(2000),
  organisation: z
    .string()
    .trim()
    .max(200)
    .transform((value) => (value === '' ? null : value))
    .nullable(),
  signIn: signInSchema,
  direction: directionSchema,
});
export type LookInput = z.output<typeof lookSchema>;

const deviceSchema = z.object({ id: z.string(), device: z.string(), createdAt: z.string(), usedAt: z.string(), isThisOne: z.boolean() });
export type Device = z.output<typeof deviceSchema>;

const done = z.object({ operationId: z.string().nullable() });

export const syncContract = defineContract('sync', {
  state: query({ input: z.object({}), output: syncStateSchema }),
  waiting: query({ input: pageSchema, output: waitingPageSchema }),
  needs: query({ input: z.object({}), output: needsSchema }),
  /** Answers conflicts: at once, undoable, without a network. */
  settle: command({ input: settleSchema, output: done, errors: [...ruleErrors, 'PRIMARY_NEEDED'] }),
  /** Somebody has seen what was refused or set aside. Undo brings it back. */
  dismiss: command({ input: dismissSchema, output: done }),
  marks: query({ input: z.object({ noun: nounNameSchema, ids: z.array(id).max(500) }), output: z.object({ marks: z.array(markSchema) }) }),
  /** Begins a sync, and answers at once; the event tells how it goes. */
  syncNow: command({ input: z.object({}), output: z.object({}), errors: ['NOT_CONNECTED'] }),
  workOffline: command({ input: z.object({ isOffline: z.boolean() }), output: z.object({}) }),
  /** Asks what would go and come, and answers at once; the event tells. Sends nothing of the book. */
  rehearse: command({ input: z.object({}), output: z.object({}), errors: ['NOT_CONNECTED', 'WORKS_OFFLINE'] }),
  /** Holds every record against the server and puts right what differs. Answers at once; the event tells how it goes. */
  compare: command({ input: z.object({}), output: z.object({}), errors: ['NOT_CONNECTED', 'WORKS_OFFLINE'] }),
  /** Says that as many deletions as wait are meant. */
  confirmDeletions: command({ input: z.object({}), output: z.object({}), errors: ['NOT_CONNECTED'] }),
  /** Says of a system that stopped that it is right as it is: the next sync, which begins at once, goes on. */
  goOn: command({ input: z.strictObject({ remoteId: id }), output: z.object({}), errors: ['NOT_CONNECTED'] }),
  receipts: query({ input: receiptQuerySchema, output: receiptPageSchema }),
  /** As a CSV file, all that are found. */
  exportReceipts: command({
    input: z.object({ search: z.string().max(200).default('') }),
    output: z.object({ fileId: z.string(), rows: z.int() }),
  }),
  /** Signs in and looks at both sides. Answers at once; `joining` tells how it goes. Nothing of the book is sent. */
  look: command({ input: lookSchema, output: syncStateSchema, errors: ['ALREADY_JOINING'] }),
  /** Connects what was looked at. `same` names the pairs that are one record; a kind goes with those it hangs on. */
  join: command({
    input: z.object({
      same: z.array(z.object({ noun: nounNameSchema, here: id, there: id })).max(mostPairs),
      /** The kinds of records that are kept equal with a foreign system; null for all it knows. */
      nouns: z.array(nounNameSchema).min(1).max(50).nullable().default(null),
    }),
    output: syncStateSchema,
    errors: ['NOTHING_TO_JOIN'],
  }),
  /** Forgets what was looked at, with its sign-in. */
  leave: command({ input: z.object({}), output: syncStateSchema }),
  /** Signs this laptop out, as `disconnectSchema` says. */
  disconnect: command({ input: disconnectSchema, output: syncStateSchema, errors: ['UNSENT_WORK', 'NOT_CONNECTED'] }),
  devices: query({
    input: z.object({ remoteId: id }),
    output: z.object({ devices: z.array(deviceSchema) }),
    errors: ['NOT_CONNECTED', 'NOT_REACHED'],
  }),
  signOutDevice: command({ input: z.object({ remoteId: id, id }), output: z.object({}), errors: ['NOT_CONNECTED', 'NOT_REACHED'] }),
});
