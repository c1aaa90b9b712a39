import { describe, expect, it } from 'vitest';
import { mayBeMissing, planCycle, type PlanInput, shrinkage } from '../../../remotes/plan.ts';
import type { ReadRows } from '../../../remotes/read-whole.ts';
import { hashOf, openShadow, type ShadowEntry } from '../../../remotes/shadow-store.ts';
import { summitManifest } from '../../../shared/dialects/summit.manifest.ts';
import type { Wire } from '../../../shared/dialects/wire.ts';
import { type Client, clientFieldsSchema } from '../../../shared/nouns/client/client.ts';

/** The list of a cycle, from nothing but what both sides say: no server, no disk, no book. */

const at = '2026-03-01T10:00:00.000Z';
const key = 'summit@crm.example.com';

function client(id: string, fields: Record<string, unknown> = {}): Client {
  return {
    ...clientFieldsSchema.parse({ name: id, ...fields }),
    id,
    createdAt: at,
    createdBy: 'Ada',
    updatedAt: at,
    updatedBy: 'Ada',
    deletedAt: (fields['deletedAt'] as string | undefined) ?? null,
    mergedInto: (fields['mergedInto'] as string | undefined) ?? null,
    notDuplicateOf: [],
    ...(typeof fields['remote'] === 'string' && { externalIds: { [key]: fields['remote'] } }),
  };
}

const row = (id: number, fields: Wire = {}): Wire => ({
  id,
  name: `r${id}`,
  email: null,
  phone: null,
  address: null,
  paymentTerms: null,
  softDelete: false,
  updatedAt: at,
  createdAt: at,
  ...fields,
});
const entry = (bookId: string, remoteId: string | null, base: Wire | null, more: Partial<ShadowEntry> = {}): ShadowEntry => ({
  resource: 'clients',
  bookId,
  remoteId,
  base,
  intent: null,
  unsure: [],
  refused: null,
  isKeptThere: false,
  ...more,
});

function input(
  of: { here?: Client[]; there?: Wire[]; known?: ShadowEntry[]; asked?: Record<string, Wire | 'gone' | 'hidden'> } & Omit<
    Partial<PlanInput>,
    'known' | 'asked'
  >,
): PlanInput {
  const { here = [], there = [], known = [], asked = {}, ...more } = of;
  const shadow = openShadow(
    { read: () => new Map(), remember: async () => undefined },
    () => [],
    (text) => text,
  );
  for (const one of known) shadow.put(one);
  const rows: ReadRows = { rows: new Map(there.map((one) => [String(one['id']), one])), unreadable: 0, isWhole: true, isDelta: false };
  const all = new Map(here.map((one) => [one.id, one]));
  return {
    manifest: summitManifest,
    direction: 'both',
    reads: new Map([['clients', rows]]),
    asked: new Map(Object.entries(asked).map(([id, answer]): [string, Wire | 'gone' | 'hidden'] => [`clients/${id}`, answer])),
    shadow,
    digest: (text) => text,
    book: {
      get: ((noun: string, id: string) => (noun === 'clients' ? all.get(id) : undefined)) as PlanInput['book']['get'],
      all: ((noun: string) => (noun === 'clients' ? all.values() : [])) as PlanInput['book']['all'],
      children: () => [],
    },
    key,
    today: '2026-03-04',
    skewMs: 0,
    known: {},
    ...more,
  };
}

const told = (of: PlanInput) =>
  planCycle(of).actions.map(({ kind, bookId, remoteId, paths }) =>
    [kind, bookId, remoteId, ...paths].filter((part) => part !== null).join(' '),
  );

describe('the list of a cycle', () => {
  it('is empty where both say what they said', () => {
    expect(planCycle(input({ here: [client('r1')], there: [row(1)], known: [entry('r1', '1', row(1))] }))).toEqual({
      stop: null,
      actions: [],
      held: [],
      conflicts: [],
    });
  });

  it.each([
    ['sends what is only here', { here: [client('a')] }, ['sendNew a']],
    [
      'receives what is only there',
      { there: [row(1)] },
      ['receiveNew 1 name email phone address.freeform paymentTermsDays createdAt updatedAt'],
    ],
    [
      'sends what changed here',
      { here: [client('r1', { name: 'new' })], there: [row(1)], known: [entry('r1', '1', row(1))] },
      ['sendChange r1 1 name'],
    ],
    [
      'receives what changed there',
      { here: [client('r1')], there: [row(1, { phone: '5' })], known: [entry('r1', '1', row(1))] },
      ['receiveChange r1 1 phone'],
    ],
    [
      'does both where both changed something else',
      { here: [client('r1', { name: 'new' })], there: [row(1, { phone: '5' })], known: [entry('r1', '1', row(1))] },
      ['receiveChange r1 1 phone', 'sendChange r1 1 name'],
    ],
    [
      'does nothing where both changed it alike',
      { here: [client('r1', { name: 'new' })], there: [row(1, { name: 'new' })], known: [entry('r1', '1', row(1))] },
      [],
    ],
    [
      'deletes there what was deleted here',
      { here: [client('r1', { deletedAt: at })], there: [row(1), row(2)], known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))] },
      ['sendDelete r1 1'],
    ],
    [
      'deletes here what is marked as deleted there',
      {
        here: [client('r1'), client('r2')],
        there: [row(1, { softDelete: true }), row(2)],
        known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))],
      },
      ['receiveDelete r1 1'],
    ],
    [
      'deletes here what is gone there, when it was asked for',
      {
        here: [client('r1'), client('r2')],
        there: [row(2)],
        known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))],
        asked: { 1: 'gone' as const },
      },
      ['receiveDelete r1 1'],
    ],
    [
      'makes anew there what was changed here and is gone there',
      {
        here: [client('r1', { name: 'new' }), client('r2')],
        there: [row(2)],
        known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))],
        asked: { 1: 'gone' as const },
      },
      ['sendNew r1 1'],
    ],
    [
      'brings back what was deleted here and changed there',
      { here: [client('r1', { deletedAt: at })], there: [row(1, { phone: '5' })], known: [entry('r1', '1', row(1))] },
      ['receiveBack r1 1 phone'],
    ],
    [
      'forgets what is deleted on both sides',
      {
        here: [client('r1', { deletedAt: at }), client('r2')],
        there: [row(1, { softDelete: true }), row(2)],
        known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))],
      },
      ['forget r1 1'],
    ],
    [
      'finds by a natural key what nobody has told to be the same',
      { here: [client('acme', { email: 'A@x.example' })], there: [row(1, { name: 'acme', email: 'a@x.example' })] },
      ['link acme 1'],
    ],
    ['finds by the id in the book what its memory has lost', { here: [client('r1', { remote: '1' })], there: [row(1)] }, []],
    [
      'finds what was sent without an answer, by what was sent',
      { here: [client('renamed')], there: [row(1, { name: 'old' })], known: [entry('renamed', null, null, { intent: { name: 'old' } })] },
      ['link renamed 1 sent', 'sendChange renamed 1 name'],
    ],
    [
      'sends again what never came',
      { here: [client('a')], known: [entry('a', null, null, { intent: { name: 'a' } })] },
      ['sendNew a again'],
    ],
    ['leaves leads where they are', { here: [client('a', { kind: 'lead' })] }, []],
    ['leaves what was merged into another', { here: [client('a', { deletedAt: at, mergedInto: 'b' }), client('b')] }, ['sendNew b']],
  ])('%s', (_, of, lines) => {
    expect(told(input(of))).toEqual(lines);
  });

  it('believes no absence that nobody could confirm, and says so', () => {
    const plan = planCycle(
      input({
        here: [client('r1'), client('r2')],
        there: [row(2)],
        known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))],
        asked: { 1: 'hidden' },
      }),
    );
    expect(plan.actions).toEqual([]);
    expect(plan.held).toMatchObject([{ bookId: 'r1', reason: 'gone' }]);
  });

  it('believes a row that is there when it is asked for, whatever the list says', () => {
    expect(
      told(
        input({
          here: [client('r1'), client('r2')],
          there: [row(2)],
          known: [entry('r1', '1', row(1)), entry('r2', '2', row(2))],
          asked: { 1: row(1) },
        }),
      ),
    ).toEqual([]);
  });

  it('does not send again what was refused, until it reads otherwise', () => {
    const refused = { hash: hashOf({ name: 'bad' }), path: 'name', message: 'No.' };
    const known = [entry('r1', '1', row(1), { refused })];
    const plan = planCycle(input({ here: [client('r1', { name: 'bad' })], there: [row(1)], known }));
    expect(plan.actions).toEqual([]);
    expect(plan.held).toMatchObject([{ bookId: 'r1', path: 'name', reason: 'refused', message: 'No.' }]);
    expect(told(input({ here: [client('r1', { name: 'better' })], there: [row(1)], known }))).toEqual(['sendChange r1 1 name']);
  });

  it.each(['read', 'write'] as const)('goes one way only: %s', (direction) => {
    const of = {
      here: [client('r1', { name: 'new' }), client('a')],
      there: [row(1, { phone: '5' }), row(2)],
      known: [entry('r1', '1', row(1))],
      direction,
    };
    const kinds = planCycle(input(of)).actions.map(({ kind }) => kind.slice(0, 4));
    expect(new Set(kinds)).toEqual(new Set([direction === 'read' ? 'rece' : 'send']));
    expect(kinds).toHaveLength(2);
  });

  it('lists a field that both changed, and lets the later stand where both say when', () => {
    const stamps = { '*': '019cb81356680000-device', name: '019cb81356690000-device' };
    const mine = { ...client('r1', { name: 'mine' }), stamps };
    const late = new Date(Number.parseInt('019cb8135669', 16) + 60_000).toISOString();
    const early = new Date(Number.parseInt('019cb8135669', 16) - 60_000).toISOString();
    const stands = (updatedAt: string, skewMs = 0) =>
      planCycle(
        input({ here: [mine], there: [row(1, { name: 'theirs', updatedAt })], known: [entry('r1', '1', row(1))], skewMs }),
      ).conflicts.map((one) => one.stands);
    expect(stands(late)).toEqual(['theirs']);
    expect(stands(early)).toEqual(['mine']);
    // A server whose clock is two minutes ahead is no later for it.
    expect(stands(late, 120_000)).toEqual(['mine']);
  });
});

describe('a remote that has less than before', () => {
  const many = (count: number, gone: number) =>
    input({
      there: Array.from({ length: count - gone }, (_, id) => row(id + gone)),
      known: Array.from({ length: count }, (_, id) => entry(`b${id}`, String(id), row(id))),
    });

  it.each([
    [1, 1, 'emptied'],
    [50, 50, 'emptied'],
    [4, 3, 'shrunken'],
    [20, 6, 'shrunken'],
    [1000, 101, 'shrunken'],
    [4, 2, undefined],
    [20, 5, undefined],
    [1000, 100, undefined],
    [3, 0, undefined],
  ])('of %i records, %i missing: %s', (count, gone, reason) => {
    expect(shrinkage(many(count, gone))?.reason).toBe(reason);
  });

  it('counts those that are marked as deleted, too', () => {
    const of = input({
      there: [1, 2, 3].map((id) => row(id, { softDelete: true })),
      known: [1, 2, 3].map((id) => entry(`b${id}`, String(id), row(id))),
    });
    expect(planCycle(of)).toMatchObject({ stop: { reason: 'emptied' }, actions: [] });
  });

  it('goes on when a person says that it is right', () => {
    expect(shrinkage({ ...many(4, 3), mayShrink: true })).toBeNull();
  });

  it('may miss a few of few and a tenth of many', () => {
    expect([0, 1, 2, 5, 10, 11, 50, 100, 12_345].map(mayBeMissing)).toEqual([0, 0, 1, 2, 5, 5, 5, 10, 1234]);
  });
});
