import { contracts } from '../../../shared/contracts/api.ts';
import { duplicateNouns } from '../../../shared/contracts/duplicate.contract.ts';
import type { ActivityRecord } from '../../../shared/nouns/activity/activity.ts';
import { type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import { tagNouns } from '../../../shared/contracts/tag.contract.ts';
import { waitingFile } from '../../support/book-backend.ts';
import type { TestBook } from '../../support/opened-book.ts';
import { type Seeded, seededFrom } from '../../support/seeded.ts';

/** Commands that change no record: there is nothing of them to sync. Whoever adds a command says here, or generates it. */
export const notOfTheBook: ReadonlySet<string> = new Set([
  'app.dismissNotice',
  'app.changeSettings',
  'app.quit',
  'favourites.put',
  'imports.preview',
  'imports.dryRun',
  'imports.pause',
  'imports.resume',
  'imports.cancel',
  'imports.drop',
  'imports.report',
  'imports.errorFile',
  'exports.create',
  'safety.exportBook',
  'safety.look',
  'safety.cancel',
  'safety.check',
  'attachments.open',
  'invoices.pdf',
  'invoices.setPrefix',
  'duplicates.scan',
  'duplicates.cancelScan',
  'outbox.wake',
  'outbox.changeAccount',
  'outbox.removeAccount',
  'outbox.test',
  'sync.syncNow',
  'sync.workOffline',
  'sync.rehearse',
  'sync.compare',
  'sync.confirmDeletions',
  'sync.goOn',
  'sync.exportReceipts',
  'sync.look',
  'sync.leave',
  'sync.signOutDevice',
  // Ask for a server or a conflict to begin with: sync-desk.test.ts and conflicts.test.ts.
  'sync.settle',
  'sync.dismiss',
  'sync.join',
  'sync.disconnect',
]);

export const commandNames: readonly string[] = contracts.flatMap(({ name, methods }) =>
  Object.entries(methods).flatMap(([method, { kind }]) => (kind === 'command' ? [`${name}.${method}`] : [])),
);

type Inputs = Readonly<Record<string, (laptop: TestBook, random: Seeded) => unknown>>;

const isLive = ({ deletedAt }: { deletedAt: string | null }) => deletedAt === null;
const words = ['North', 'Depot', 'Grace', 'Hill', 'Foods', 'Valley', 'Sam', 'Line'] as const;
const word = (random: Seeded) => `${random.pick(words)} ${random.below(100)}`;
const oneOf = (random: Seeded, choices: readonly Record<string, unknown>[]) => choices[random.below(choices.length)] ?? {};
const someText = (random: Seeded) => Array.from({ length: 1 + random.below(4) }, () => word(random)).join('\n');

/** One of the newest records that are so, so that laptops meet in the same ones. */
function idOf(
  laptop: TestBook,
  noun: NounName,
  random: Seeded,
  isWanted: (record: { deletedAt: string | null }) => boolean = isLive,
): string {
  const ids = [...laptop.book.all(noun)].filter(isWanted).map(({ id }) => id);
  return ids[ids.length - 1 - random.below(Math.min(6, ids.length))] ?? 'nobody';
}

const unique = (ids: readonly string[]) => [...new Set(ids)];

/** Who a record can belong to; nobody in one of three. Who is in a team with them sees it too, where they are a manager. */
function owners(laptop: TestBook, random: Seeded): string[] {
  const all = [...laptop.book.all('directory')].filter((one) => isLive(one) && one.kind === 'user').map(({ id }) => id);
  return random.oneIn(3) ? [] : unique([all, all].flatMap((some) => some[random.below(some.length)] ?? []));
}

const members = (laptop: TestBook, random: Seeded) =>
  [...laptop.book.all('directory')].filter((one) => isLive(one) && one.kind === 'user' && random.oneIn(2)).map(({ id }) => id);

const made: Record<NounName, (laptop: TestBook, random: Seeded) => Record<string, unknown>> = {
  clients: (laptop, random) => ({
    name: word(random),
    ...(random.oneIn(3) && { email: `office-${random.below(40)}@b.example` }),
    tags: [random.pick(words)],
    ...(random.oneIn(3) && { assignedToIds: owners(laptop, random) }),
  }),
  contacts: (laptop, random) => ({ clientId: idOf(laptop, 'clients', random), firstName: word(random), isPrimary: random.oneIn(3) }),
  locations: (laptop, random) => ({ clientId: idOf(laptop, 'clients', random), name: word(random), isPrimary: random.oneIn(3) }),
  itemPrices: (_laptop, random) => ({
    itemCode: `DS-${random.below(30)}`,
    invoiceItem: word(random),
    defaultPrice: `${random.below(90)}.50`,
  }),
  opportunities: (laptop, random) => ({ clientId: idOf(laptop, 'clients', random), name: word(random) }),
  cases: (laptop, random) => ({ clientId: idOf(laptop, 'clients', random), name: word(random) }),
  tasks: (laptop, random) => ({ clientId: idOf(laptop, 'clients', random), title: word(random) }),
  invoices: (laptop, random) => ({
    clientId: idOf(laptop, 'clients', random),
    lines: [{ description: word(random), quantity: '2', unitPrice: '40.00', taxRate: '0.0775' }],
  }),
  directory: (laptop, random) =>
    random.oneIn(3) ? { kind: 'team', name: word(random), memberIds: members(laptop, random) } : { kind: 'user', fullName: word(random) },
  ownFields: (_laptop, random) => ({ noun: 'clients', label: word(random), fieldKind: 'text' }),
  locationContacts: (laptop, random) => ({ locationId: idOf(laptop, 'locations', random), contactId: idOf(laptop, 'contacts', random) }),
  locationItemPrices: (laptop, random) => ({
    locationId: idOf(laptop, 'locations', random),
    itemPriceId: idOf(laptop, 'itemPrices', random),
    customPrice: `${random.below(90)}.25`,
  }),
  activities: (laptop, random) => ({ kind: 'comment', about: 'clients', aboutId: idOf(laptop, 'clients', random), body: someText(random) }),
};

const changed: Partial<Record<NounName, (laptop: TestBook, random: Seeded) => Record<string, unknown>>> = {
  clients: (laptop, random) =>
    oneOf(random, [
      { assignedToIds: owners(laptop, random) },
      { phone: `+1 ${random.below(1000)}` },
      { name: word(random) },
      { notes: someText(random) },
      { tags: [random.pick(words), random.pick(words)].filter((tag, at, all) => all.indexOf(tag) === at) },
      { custom: { [random.pick(words)]: random.below(100) } },
      { address: { city: word(random) } },
      { banking: { accountNumber: `00012345${random.below(10_000)}` } },
    ]),
  contacts: (_laptop, random) => oneOf(random, [{ firstName: word(random) }, { isPrimary: true }, { generalNote: someText(random) }]),
  locations: (_laptop, random) => oneOf(random, [{ name: word(random) }, { isPrimary: true }, { notes: someText(random) }]),
  itemPrices: (_laptop, random) => ({ defaultPrice: `${random.below(90)}.75` }),
  tasks: (laptop, random) => oneOf(random, [{ title: word(random) }, { status: 'completed' }, { assignedToIds: owners(laptop, random) }]),
  invoices: (_laptop, random) => ({ notes: someText(random) }),
  locationContacts: (_laptop, random) => ({ startDate: `2026-03-0${1 + random.below(8)}` }),
  locationItemPrices: (_laptop, random) => ({ customPrice: `${random.below(90)}.00` }),
  ownFields: (_laptop, random) => ({ label: word(random) }),
  directory: (laptop, random) =>
    oneOf(random, [{ fullName: word(random) }, { name: word(random) }, { memberIds: members(laptop, random) }]),
  activities: (_laptop, random) => ({ body: someText(random) }),
};

const ofNoun = (noun: NounName): Inputs => ({
  [`${noun}.create`]: made[noun],
  [`${noun}.change`]: (laptop, random) => ({
    id: idOf(laptop, noun, random),
    changes: changed[noun]?.(laptop, random) ?? { name: word(random) },
  }),
  [`${noun}.changeMany`]: (laptop, random) => ({
    ids: [idOf(laptop, noun, random), idOf(laptop, noun, random)],
    changes: changed[noun]?.(laptop, random) ?? { name: word(random) },
  }),
  [`${noun}.remove`]: (laptop, random) => ({ ids: [idOf(laptop, noun, random)] }),
  [`${noun}.restore`]: (laptop, random) => ({ ids: [idOf(laptop, noun, random, (one) => !isLive(one))] }),
});

const pair = (laptop: TestBook, random: Seeded) => ({
  locationId: idOf(laptop, 'locations', random),
  itemPriceId: idOf(laptop, 'itemPrices', random),
});
const invoice = (laptop: TestBook, random: Seeded) => idOf(laptop, 'invoices', random);
const email = (laptop: TestBook, random: Seeded, status: ActivityRecord['status'] | null = null) =>
  idOf(
    laptop,
    'activities',
    random,
    (record) =>
      isLive(record) &&
      'kind' in record &&
      record.kind === 'email' &&
      (status === null || ('status' in record && record.status === status)),
  );
const two = (laptop: TestBook, random: Seeded) => {
  const noun = random.pick(duplicateNouns);
  return { noun, ids: [idOf(laptop, noun, random), idOf(laptop, noun, random)] };
};

/** An input for each command, from a number: mostly right, about records that are there. */
const inputs: Inputs = {
  ...Object.assign({}, ...nounNames.map(ofNoun)),
  'app.addSample': () => ({}),
  'app.removeSample': () => ({}),
  'invoices.addLine': (laptop, random) => ({ id: invoice(laptop, random), line: { description: word(random), unitPrice: '10.00' } }),
  'invoices.issue': (laptop, random) => ({ id: invoice(laptop, random) }),
  'invoices.cancel': (laptop, random) => ({ id: invoice(laptop, random) }),
  'invoices.addPayment': (laptop, random) => ({ id: invoice(laptop, random), payment: { date: '2026-03-05', amount: '10' } }),
  'invoices.removePayment': (laptop, random) => {
    const paid = [...laptop.book.all('invoices')].filter((one) => isLive(one) && one.payments.length > 0).at(-1);
    return { id: paid?.id ?? invoice(laptop, random), paymentId: paid?.payments[0]?.id ?? 'none' };
  },
  'tags.put': (laptop, random) => {
    const collection = random.pick(tagNouns);
    return { collection, ids: [idOf(laptop, collection, random)], add: [random.pick(words)], remove: [random.pick(words)] };
  },
  'tags.rename': (_laptop, random) => ({ from: random.pick(words), to: random.oneIn(2) ? null : random.pick(words) }),
  'today.logCall': (laptop, random) => ({
    clientId: idOf(laptop, 'clients', random),
    outcome: random.pick(['reached', 'no_answer', 'wrong_number']),
    body: random.oneIn(2) ? null : word(random),
    next: random.oneIn(3) ? null : `2026-03-${10 + random.below(20)}`,
  }),
  'calendar.move': (laptop, random) => ({
    items: (['clients', 'tasks'] as const).map((noun) => ({ noun, id: idOf(laptop, noun, random) })),
    day: `2026-03-${10 + random.below(20)}`,
  }),
  'attachments.add': (laptop, random) => ({
    fileId: waitingFile(laptop, `${word(random)}.txt`),
    about: 'clients',
    aboutId: idOf(laptop, 'clients', random),
  }),
  'locationPrices.set': (laptop, random) => ({ ...pair(laptop, random), customPrice: `${random.below(100)}.50` }),
  'locationPrices.clear': pair,
  'locationPrices.setMany': (laptop, random) => ({
    locations: { kind: 'chosen', ids: [pair(laptop, random).locationId] },
    items: { kind: 'all' },
    price: { kind: 'set', value: `${random.below(50)}.25` },
  }),
  'history.undo': () => ({ target: null }),
  'history.redo': () => ({}),
  'history.restoreTo': (laptop, random) => ({
    collection: 'clients',
    id: idOf(laptop, 'clients', random),
    day: '2026-03-04',
    field: 'name',
  }),
  'history.restoreField': (laptop, random) => {
    const id = idOf(laptop, 'clients', random);
    const history = laptop.book.historyOf('clients', id);
    return {
      collection: 'clients',
      id,
      operationId: history[random.below(Math.max(1, history.length))] ?? 'none',
      path: random.pick(['phone', 'name', 'notes']),
    };
  },
  'duplicates.merge': two,
  'duplicates.keepApart': two,
  'duplicates.takeApart': (laptop, random) => {
    const merged = [...laptop.book.all('clients')].filter(({ mergedInto }) => mergedInto !== null);
    const one = merged[random.below(Math.max(1, merged.length))];
    return {
      noun: 'clients',
      id: one?.mergedInto ?? 'nobody',
      operationId: laptop.book.historyOf('clients', one?.id ?? '').at(-1) ?? 'none',
    };
  },
  'outbox.save': (laptop, random) => ({
    id: random.oneIn(3) ? email(laptop, random) : null,
    about: 'clients',
    aboutId: idOf(laptop, 'clients', random),
    recipients: ['grace@b.example'],
    subject: word(random),
    text: someText(random),
    send: random.pick(['draft', 'now']),
    scheduledFor: null,
  }),
  'outbox.cancel': (laptop, random) => ({ id: email(laptop, random, 'scheduled') }),
  'outbox.sendAgain': (laptop, random) => ({ id: email(laptop, random, 'draft') }),
};

/** Carried out by world-desk.ts, which waits for the end of what they begin. */
export const jobs: ReadonlySet<string> = new Set([
  'imports.start',
  'imports.undo',
  'outbox.markSent',
  'safety.backUp',
  'safety.mend',
  'safety.restore',
]);

const openers: Readonly<Record<string, readonly string[]>> = {
  'app.removeSample': ['app.addSample'],
  'history.redo': ['clients.change', 'history.undo'],
  'history.restoreField': ['clients.change', 'clients.change'],
  'invoices.cancel': ['invoices.issue'],
  'invoices.addPayment': ['invoices.issue'],
  'invoices.removePayment': ['invoices.issue', 'invoices.addPayment'],
  'outbox.cancel': ['outbox.save'],
  'outbox.sendAgain': ['outbox.save', 'outbox.cancel'],
  'outbox.markSent': ['outbox.save'],
  'safety.mend': ['attachments.add'],
  'locationItemPrices.restore': ['locations.create', 'locationItemPrices.create', 'locationItemPrices.remove'],
  'duplicates.takeApart': ['duplicates.merge'],
  'imports.undo': ['imports.start'],
  'safety.restore': ['safety.backUp', 'clients.change'],
};

/** What has to be done first for a command to have anything to do. */
export function before(method: string): readonly string[] {
  const [noun, what] = method.split('.');
  const known = openers[method];
  return known !== undefined ? known : what === 'restore' ? [`${noun}.create`, `${noun}.remove`] : [];
}

export const inputFor = (method: string, laptop: TestBook, seed: number): unknown => inputs[method]?.(laptop, seededFrom(seed));

/** Commands that are neither generated nor said to be none of the book's. */
export const forgotten = commandNames.filter((name) => inputs[name] === undefined && !jobs.has(name) && !notOfTheBook.has(name));
export const generated = commandNames.filter((name) => inputs[name] !== undefined || jobs.has(name));
