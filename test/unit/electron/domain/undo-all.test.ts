import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Book } from '../../../../electron/domain/book.ts';
import { createOutboxService, type OutboxService } from '../../../../electron/domain/outbox.service.ts';
import type { Fared } from '../../../../shared/mail/outbox.ts';
import { contracts } from '../../../../shared/contracts/api.ts';
import type { Method } from '../../../../shared/contracts/contract.ts';
import { duplicateNouns } from '../../../../shared/contracts/duplicate.contract.ts';
import { tagNouns } from '../../../../shared/contracts/tag.contract.ts';
import { activityAbout } from '../../../../shared/nouns/activity/activity.ts';
import { isIssued } from '../../../../shared/nouns/invoice/invoice.ts';
import { type NounName, nounNames, parentsOf } from '../../../../shared/nouns/nouns.ts';
import { isUnordered } from '../../../../shared/sync/field-state.ts';
import type { Result } from '../../../../shared/lib/result.ts';
import { backendOf, waitingFile } from '../../../support/book-backend.ts';
import { fieldInputs } from '../../../support/field-inputs.ts';
import { contentOf, openLaptop } from '../../../support/opened-book.ts';
import { type Seeded, seeded } from '../../../support/seeded.ts';
import { openDesk, type TransferDesk } from '../../../support/transfer-desk.ts';

/**
 * Whatever was done is taken back step by step to where it began, and done again to where it ended, also across
 * restarts: every command of every contract that changes records. What has left the house does not come back: the paper
 * of issued invoices (docs/decisions/0009) and e-mails that were sent stay, and only that is not held to what it was.
 * FIELDBOOK_SEED and FIELDBOOK_RUNS repeat and lengthen a run.
 */
const sequences = Number(process.env['FIELDBOOK_RUNS'] ?? 4);
const stepsEach = 150;

/** Commands that change no record, so that there is nothing to take back. */
const besideTheBook = new Set(
  [
    'app.dismissNotice app.changeSettings app.quit favourites.put invoices.pdf invoices.setPrefix attachments.open',
    'duplicates.scan duplicates.cancelScan imports.pause imports.resume imports.cancel imports.errorFile imports.drop',
    'exports.create safety.backUp safety.exportBook safety.cancel safety.check',
    'outbox.wake outbox.changeAccount outbox.removeAccount outbox.test',
    'sync.syncNow sync.workOffline sync.rehearse sync.compare sync.confirmDeletions sync.goOn sync.exportReceipts sync.look sync.leave sync.signOutDevice',
  ].flatMap((names) => names.split(' ')),
);
/**
 * They begin with a fault or with a server, or end in another book: book-check.test.ts, backup-restore.test.ts and
 * test/sync/conflicts.test.ts take them back.
 */
const elsewhere = new Set(['safety.mend', 'safety.restore', 'sync.settle', 'sync.dismiss', 'sync.join', 'sync.disconnect']);

const drawn = contracts
  .flatMap((contract) =>
    (Object.entries(contract.methods) as [string, Method][]).flatMap(([name, { kind }]) =>
      kind === 'command' ? [`${contract.name}.${name}`] : [],
    ),
  )
  .filter((method) => !besideTheBook.has(method) && !elsewhere.has(method));

type Content = Record<string, Record<string, unknown>>;
interface Moment {
  places: ReadonlySet<string>;
  content: Content;
}

/** Everything in the book, without what every operation moves on. */
function momentOf(book: Book): Moment {
  const { records } = contentOf(book);
  const content: Content = {};
  for (const noun of nounNames) {
    for (const { stamps: _, updatedAt: __, updatedBy: ___, deletedAt, ...rest } of records[noun] as Record<string, unknown>[]) {
      // The order of a list of records says nothing.
      const fields = Object.entries(rest).map(([field, value]) => [
        field,
        isUnordered(field) && Array.isArray(value) ? new Set(value) : value,
      ]);
      content[`${noun}/${rest['id']}`] = { ...Object.fromEntries(fields), isDeleted: deletedAt !== null };
    }
  }
  return { places: new Set(Object.keys(content)), content };
}

const paper = ['number', 'status', 'clientId', 'locationId', 'currency', 'lines', 'taxRounding', 'issueDate', 'dueDate'];
const letter = ['fromAccount', 'recipients', 'subject', 'html', 'scheduledFor', 'status', 'sentAt', 'failure', 'outbox'];

/** What stays as it is by now whatever is taken back: per place its fields. `handled`: e-mails that the worker had in hand. */
function heldIn(book: Book, handled: ReadonlySet<string>): Map<string, readonly string[]> {
  const held = new Map<string, readonly string[]>();
  for (const invoice of book.all('invoices')) if (isIssued(invoice)) held.set(`invoices/${invoice.id}`, paper);
  for (const id of handled) {
    held.set(`activities/${id}`, letter);
    // An invoice that left with it is sent from that day on.
    const place = `invoices/${book.get('activities', id)?.aboutId}`;
    const issued = held.get(place);
    if (issued !== undefined) held.set(place, [...issued, 'sentOn']);
  }
  // The worker moved the last contact on when an e-mail left.
  if (handled.size > 0) {
    for (const { id } of book.all('clients')) held.set(`clients/${id}`, ['firstContactDate', 'lastContactDate']);
  }
  return held;
}

/** Holds the book to a moment. A record that was made since is deleted by now, unless it has left the house. */
function expectMoment(book: Book, handled: ReadonlySet<string>, { places, content }: Moment, what: string): void {
  const held = heldIn(book, handled);
  const now = momentOf(book).content;
  // What has left the house and is there by now stays there.
  const stays = (place: string) => held.has(place) && !place.startsWith('clients/') && now[place]?.['isDeleted'] === false;
  const without = (place: string, record: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(record).filter(([field]) => !held.get(place)?.includes(field) && !(field === 'isDeleted' && stays(place))),
    );
  const shown = (from: Content) =>
    Object.fromEntries(
      Object.entries(from)
        .filter(
          ([place, { isDeleted }]) => places.has(place) || (isDeleted === false && (place.startsWith('clients/') || !held.has(place))),
        )
        .map(([place, record]) => [place, without(place, record)]),
    );
  expect(shown(now), what).toEqual(shown(content));
}

type Call = [method: string, input: unknown];

/** Calls that a person could make on the book as it is; many are refused, as they are on screen. */
function callsOn({ laptop }: TransferDesk, random: Seeded, values: (noun: NounName) => Record<string, unknown>) {
  const { book } = laptop;
  const some = <T>(list: readonly T[]): T | undefined => list[random.below(list.length)];
  const idOf = (
    noun: NounName,
    isWanted: (record: never) => boolean = ({ deletedAt }: { deletedAt: string | null }) => deletedAt === null,
  ) => some([...book.all(noun)].filter((record) => isWanted(record as never)).map(({ id }) => id)) ?? 'nobody';
  /** Deleted by itself, so that it can come back. */
  const isGone = (noun: NounName) => (record: { deletedAt: string | null; mergedInto: string | null }) =>
    record.deletedAt !== null &&
    record.mergedInto === null &&
    parentsOf(noun, record).every(({ of, id }) => of !== null && book.get(of, id)?.deletedAt === null);
  const isThere = (noun: NounName) => book.counts(noun).live > 0;
  const about = () => some((Object.keys(activityAbout) as NounName[]).filter(isThere)) ?? 'clients';
  const day = (days: number) => new Date(laptop.clock.now() - days * 86_400_000).toISOString().slice(0, 10);

  const needed: Record<NounName, () => Record<string, unknown>> = {
    clients: () => ({ name: random.pick(['Harbor Bakery', 'North Depot', 'Old Mill']) }),
    contacts: () => ({ clientId: idOf('clients'), firstName: 'Grace', isPrimary: random.below(2) === 0 }),
    locations: () => ({ clientId: idOf('clients'), name: 'Depot', isPrimary: random.below(2) === 0 }),
    itemPrices: () => ({ invoiceItem: 'Drug screen', itemCode: `DS-${random.below(9)}`, defaultPrice: '12.50' }),
    opportunities: () => ({ clientId: idOf('clients'), name: 'New ovens', contactIds: [idOf('contacts')] }),
    cases: () => ({ clientId: idOf('clients'), name: 'The door sticks' }),
    tasks: () => ({ clientId: idOf('clients'), title: 'Call back', caseId: random.below(2) === 0 ? idOf('cases') : null }),
    invoices: () => ({
      clientId: idOf('clients'),
      lines: [{ description: 'Visit', quantity: '2', unitPrice: '40.00', taxRate: '0.0775' }],
    }),
    directory: () => (random.below(2) === 0 ? { fullName: 'Ada' } : { kind: 'team', name: 'North', memberIds: [idOf('directory')] }),
    ownFields: () => ({ noun: 'clients', label: random.pick(['Founded', 'Route', 'Size']) }),
    locationContacts: () => ({ locationId: idOf('locations'), contactId: idOf('contacts') }),
    locationItemPrices: () => ({ locationId: idOf('locations'), itemPriceId: idOf('itemPrices'), customPrice: '9.50' }),
    activities: () => {
      const on = about();
      return {
        about: on,
        aboutId: idOf(on),
        ...random.pick<[object, object, object][number]>([
          { kind: 'comment', body: 'Called back' },
          { kind: 'call', occurredAt: '2026-03-01T09:00:00.000Z' },
          { kind: 'visit', durationMinutes: 30 },
        ]),
      };
    },
  };
  /** Moving an invoice to another client and then issuing it cannot be taken back: left to the tests of invoices. */
  const changes = (noun: NounName) =>
    random.pick([values, () => ({ custom: { Route: `R${random.below(9)}` } }), noun === 'invoices' ? values : needed[noun]])(noun);

  const invoice = (isWanted: (one: { isIssued: boolean; isCancelled: boolean; payments: number }) => boolean) =>
    some(
      [...book.all('invoices')].filter((one) => {
        const facts = { isIssued: isIssued(one), isCancelled: one.status === 'cancelled', payments: one.payments.length };
        return one.deletedAt === null && isWanted(facts);
      }),
    );
  // Where there is none in the state a command needs, one is made, and the command comes another time.
  const onDraft = (make: (id: string) => Call): Call => {
    const draft = invoice((one) => !one.isIssued);
    return draft === undefined ? call('create', 'invoices') : make(draft.id);
  };
  const email = (statuses: readonly string[]): string | undefined =>
    some(
      [...book.all('activities')].flatMap(({ id, kind, status, deletedAt }) =>
        kind === 'email' && deletedAt === null && statuses.includes(status ?? '') ? [id] : [],
      ),
    );
  const later = () => ({ send: 'later', scheduledFor: new Date(laptop.clock.now() + 10 * 86_400_000).toISOString() });
  const written = (id: string | null, send: object): Call => {
    const on = about();
    const words = { subject: `Offer ${random.below(9)}`, text: 'Hello', recipients: ['grace@bakery.example'] };
    return ['outbox.save', { id, about: on, aboutId: idOf(on), ...words, ...send }];
  };
  const onEmail = (verb: string, statuses: readonly string[], send: object): Call => {
    const id = email(statuses);
    return id === undefined ? written(null, send) : [`outbox.${verb}`, { id }];
  };
  const pair = () => ({ locationId: idOf('locations'), itemPriceId: idOf('itemPrices') });
  const withHistory = async () => {
    const noun = some(nounNames.filter(isThere)) ?? 'clients';
    const id = idOf(noun);
    const history = await book.operations(book.historyOf(noun, id));
    const once = some(history);
    const fields = Object.keys(once?.changes.find((change) => change.id === id)?.after ?? {});
    return { collection: noun, id, operationId: once?.id, path: some(fields) ?? 'name' };
  };
  const merging = () => some(duplicateNouns) ?? 'clients';
  const tagged = () => some(tagNouns) ?? 'clients';

  const own: Record<string, () => Call | Promise<Call>> = {
    'invoices.addLine': () =>
      onDraft((id) => [
        'invoices.addLine',
        { id, line: isThere('itemPrices') ? { itemPriceId: idOf('itemPrices') } : { description: 'Visit' } },
      ]),
    'invoices.issue': () => onDraft((id) => ['invoices.issue', { id }]),
    'invoices.addPayment': () => {
      const one = invoice((facts) => facts.isIssued && !facts.isCancelled);
      return one === undefined
        ? (own['invoices.issue'] as () => Call)()
        : ['invoices.addPayment', { id: one.id, payment: { date: '2026-03-04', amount: '1.00' } }];
    },
    'invoices.removePayment': () => {
      const one = invoice((facts) => facts.payments > 0);
      return one === undefined
        ? (own['invoices.addPayment'] as () => Call)()
        : ['invoices.removePayment', { id: one.id, paymentId: one.payments[0]?.id }];
    },
    'invoices.cancel': () => {
      const one = invoice((facts) => facts.isIssued && !facts.isCancelled && facts.payments === 0);
      return one === undefined ? (own['invoices.issue'] as () => Call)() : ['invoices.cancel', { id: one.id }];
    },
    'outbox.save': () => {
      const known = random.below(2) === 0 ? email(['draft', 'scheduled', 'failed']) : undefined;
      return written(known ?? null, random.pick<[object, object, object][number]>([{ send: 'draft' }, { send: 'now' }, later()]));
    },
    'outbox.cancel': () => onEmail('cancel', ['scheduled'], later()),
    'outbox.sendAgain': () => onEmail('sendAgain', ['failed', 'sending', 'draft'], { send: 'draft' }),
    'outbox.markSent': () => onEmail('markSent', ['sending'], { send: 'now' }),
    'attachments.add': () => {
      const on = about();
      return ['attachments.add', { fileId: waitingFile(laptop, 'offer.pdf'), about: on, aboutId: idOf(on) }];
    },
    'duplicates.merge': () => {
      const noun = merging();
      return ['duplicates.merge', { noun, ids: [...new Set([idOf(noun), idOf(noun), idOf(noun)])] }];
    },
    'duplicates.takeApart': async () => {
      const noun = merging();
      const id = idOf(noun, ({ mergedInto }: { mergedInto: string | null }) => mergedInto !== null);
      const past = id === 'nobody' ? [] : await laptop.merges.mergesOf(noun, id);
      return ['duplicates.takeApart', { noun, id, operationId: some(past)?.operationId ?? 'none' }];
    },
    'duplicates.keepApart': () => {
      const noun = merging();
      return ['duplicates.keepApart', { noun, ids: [idOf(noun), idOf(noun)] }];
    },
    'tags.put': () => {
      const noun = tagged();
      return ['tags.put', { collection: noun, ids: [idOf(noun), idOf(noun)], add: [random.pick(['vip', 'north'])], remove: ['VIP'] }];
    },
    'tags.rename': () => ['tags.rename', { from: 'vip', to: random.pick(['VIP', 'north', null]) }],
    'locationPrices.set': () => ['locationPrices.set', { ...pair(), customPrice: `${random.below(90)}.50` }],
    'locationPrices.clear': () => ['locationPrices.clear', pair()],
    'locationPrices.setMany': () => [
      'locationPrices.setMany',
      {
        locations: { kind: 'chosen', ids: [idOf('locations'), idOf('locations')] },
        items: { kind: 'chosen', ids: [idOf('itemPrices')] },
        price: random.pick<object>([
          { kind: 'set', value: '7.00' },
          { kind: 'percent', value: '12.5' },
          { kind: 'amount', value: '-0.50' },
          { kind: 'each', values: [['8.00', null]] },
        ]),
      },
    ],
    'today.logCall': () => [
      'today.logCall',
      {
        clientId: idOf('clients'),
        outcome: random.pick(['reached', 'no_answer', 'wrong_number']),
        contactId: random.below(2) === 0 && isThere('contacts') ? idOf('contacts') : null,
        next: random.pick([null, day(random.below(5))]),
      },
    ],
    'calendar.move': () => [
      'calendar.move',
      {
        items: [
          { noun: 'clients', id: idOf('clients') },
          { noun: 'tasks', id: idOf('tasks') },
        ],
        day: day(random.below(5)),
      },
    ],
    'history.restoreField': async () => ['history.restoreField', await withHistory()],
    'history.restoreTo': async () => {
      const { collection, id } = await withHistory();
      return ['history.restoreTo', { collection, id, day: day(random.below(5)) }];
    },
    'history.undo': () => ['history.undo', { target: null }],
    'history.redo': () => ['history.redo', {}],
    'app.addSample': () => ['app.addSample', {}],
    'app.removeSample': () => ['app.removeSample', {}],
  };
  // Where nothing is there to be changed, deleted or restored, it is made first.
  const ofNoun: Record<string, (noun: NounName) => Call> = {
    create: (noun) => [`${noun}.create`, { ...(random.below(3) === 0 ? values(noun) : {}), ...needed[noun]() }],
    change: (noun) => (isThere(noun) ? [`${noun}.change`, { id: idOf(noun), changes: changes(noun) }] : call('create', noun)),
    changeMany: (noun) =>
      isThere(noun) ? [`${noun}.changeMany`, { ids: [idOf(noun), idOf(noun)], changes: changes(noun) }] : call('create', noun),
    remove: (noun) => (isThere(noun) ? [`${noun}.remove`, { ids: [idOf(noun), idOf(noun)] }] : call('create', noun)),
    restore: (noun) => {
      const id = idOf(noun, isGone(noun));
      return id === 'nobody' ? call('remove', noun) : [`${noun}.restore`, { ids: [id] }];
    },
  };
  const call = (verb: string, noun: NounName): Call => (ofNoun[verb] as (noun: NounName) => Call)(noun);
  return async (method: string): Promise<Call> => {
    const mine = own[method];
    if (mine !== undefined) return mine();
    const [noun = '', verb = ''] = method.split('.');
    if (ofNoun[verb] === undefined || !(nounNames as string[]).includes(noun)) throw new Error(`Nothing here says how ${method} is called`);
    return call(verb, noun as NounName);
  };
}

/** Sends the e-mail that is due, or tries to: what the worker does is not a step of a person's. */
async function sendOne(outbox: OutboxService, random: Seeded, now: number): Promise<string | null> {
  const due = outbox.next(now);
  const claimed = due === null ? null : await outbox.claim(due.id, 'ada@bakery.example');
  if (claimed === null) return null;
  const fared: Fared[] = [
    { kind: 'sent', why: null },
    { kind: 'permanent', why: 'The server does not know the recipient.', forAll: false },
    { kind: 'unsure', why: 'The connection ended.' },
    { kind: 'unsure', why: 'The connection ended.' },
  ];
  await outbox.settle(claimed, fared[random.below(fared.length)] as Fared);
  return claimed.email.id;
}

it(`takes ${sequences} × ${stepsEach} random commands back to the start and does them again to the end, across restarts`, async () => {
  const random = seeded('undo all');
  const samples = new Map(nounNames.map((noun) => [noun, fc.sample(fieldInputs(noun), { seed: random.seed, numRuns: 200 })]));
  // What only main says of a mail or an invoice is no value that a person gives.
  const values = (noun: NounName) => {
    const fields = Object.entries(samples.get(noun)?.[random.below(200)] ?? {}).filter(
      ([field]) => !['status', 'kind', 'number', ...(noun === 'invoices' ? ['clientId', 'locationId'] : [])].includes(field),
    );
    return Object.fromEntries(fields.slice(0, 1 + random.below(2)));
  };
  const answers: Record<string, { ok: number; refused: number }> = {};
  let sent = 0;
  let keptAtAll = 0;

  for (let sequence = 0; sequence < sequences; sequence += 1) {
    let desk = await openDesk(await openLaptop());
    let backend = backendOf(desk.laptop, undefined, desk.imports);
    const outboxOf = ({ laptop }: TransferDesk) =>
      createOutboxService({ book: laptop.book, clock: laptop.clock, device: laptop.files.opened.deviceId });
    let outbox = outboxOf(desk);
    const reopen = async () => {
      desk = await desk.reopen();
      backend = backendOf(desk.laptop, undefined, desk.imports);
      outbox = outboxOf(desk);
    };
    const counted = (method: string, answer: Result<unknown>, what: string) => {
      const known = (answers[method] ??= { ok: 0, refused: 0 });
      known[answer.ok ? 'ok' : 'refused'] += 1;
      if (!answer.ok) expect(answer.error.code, what).not.toBe('UNEXPECTED');
    };
    const handled = new Set<string>();
    const depth = () => desk.laptop.book.stacks().undo.length;
    // The book after so many steps that can be taken back, and what the last of them was.
    const moments = new Map<number, Moment>([[0, momentOf(desk.laptop.book)]]);
    const names = new Map<number, string>();
    const remember = (what: string) => {
      moments.set(depth(), momentOf(desk.laptop.book));
      names.set(depth(), what);
    };
    /** What a step keeps must be of what has left the house. */
    const mayKeep = async (operationIds: readonly string[]) => {
      const held = heldIn(desk.laptop.book, handled);
      const operations = await desk.laptop.book.operations(operationIds);
      return operations.some(({ changes }) => changes.some(({ collection, id }) => held.has(`${collection}/${id}`)));
    };
    for (const name of ['Harbor Bakery', 'Harbour Bakery', 'North Depot']) {
      const { record } = await desk.laptop.clients.create({ name, tags: ['vip'] });
      remember('a first client');
      await desk.laptop.locations.create({ clientId: record.id, name: 'Shop' });
      remember('a first location');
      await desk.laptop.contacts.create({ clientId: record.id, firstName: 'Grace', isPrimary: true });
      remember('a first contact');
    }
    await desk.laptop.itemPrices.create({ invoiceItem: 'Visit', itemCode: 'V', defaultPrice: '80.00' });
    remember('a first item');

    /** An import, as a job that ends; `unbring` takes the last one back where nothing came after it. */
    const bring = async (step: number) => {
      const file = `Name,Phone,Note\nHarbor Bakery,${step},from file\nImported ${step},1,\nNorth Depot,,again\n`;
      const { plan } = await desk.look(`${step}.csv`, file, { matchBy: ['name'], onMatch: 'update' });
      const answer = await backend.call('imports.start', plan);
      if (answer.ok) await desk.ended((answer.value as { id: string }).id);
      return answer;
    };
    const unbring = async () => {
      const [job] = (await desk.imports.list()).filter(({ state }) => state === 'done');
      const top = desk.laptop.book.stacks().undo.at(-1);
      if (job === undefined || top?.target !== job.id) return null;
      const answer = await backend.call('imports.undo', { id: job.id });
      if (answer.ok) await desk.ended(job.id);
      return answer;
    };

    let next: string | null = null;
    const rest = () => drawn.filter((method) => answers[method] === undefined || answers[method].ok === 0);
    // The last sequence goes on until every command was carried out; others go between, so that there is something to restore.
    for (let step = 0; step < stepsEach || (sequence === sequences - 1 && step < 5 * stepsEach && rest().length > 0); step += 1) {
      const before = depth();
      const { clock } = desk.laptop;
      clock.moveTo(new Date(clock.now() + 7 * 3_600_000).toISOString());
      const due = drawn.filter((method) => (answers[method]?.ok ?? 0) <= sequence);
      const often = ['duplicates.merge', 'tags.put', 'history.undo', 'history.undo', 'history.redo', 'imports.start', 'imports.undo'];
      const wanted = step >= stepsEach && step % 2 === 0 ? rest() : ([due, due, drawn, often][random.below(4)] ?? drawn);
      const method: string = next ?? wanted[random.below(wanted.length)] ?? 'clients.create';
      next = null;
      let what = `step ${step} of sequence ${sequence}, seed ${random.seed}: ${method}`;
      if (method === 'imports.start') counted(method, await bring(step), what);
      else if (method === 'imports.undo') {
        const answer = await unbring();
        if (answer !== null) counted(method, answer, what);
        else {
          counted('imports.start', await bring(step), what);
          next = method;
        }
      } else {
        const [called, input] = await callsOn(desk, random, values)(method);
        what += ` ${JSON.stringify(input)}`;
        counted(called, await backend.call(called, input), what);
      }
      if (depth() < before || (method === 'history.redo' && depth() > before)) {
        expectMoment(desk.laptop.book, handled, moments.get(depth()) as Moment, what);
      } else if (depth() > before) remember(what);
      const letter = random.below(3) === 0 ? await sendOne(outbox, random, clock.now()) : null;
      if (letter !== null) {
        handled.add(letter);
        sent += 1;
      }
      if (step % 30 === 29) await reopen();
    }

    const end = momentOf(desk.laptop.book);
    const { undo, redo } = desk.laptop.book.stacks();
    for (const direction of ['undo', 'redo'] as const) {
      for (let step = 0; ; step += 1) {
        const before = depth();
        const what = `${direction} of ${names.get(direction === 'undo' ? before : before + 1)}`;
        const entry = desk.laptop.book.stacks()[direction].at(-1);
        const answer = await backend.call(`history.${direction}`, {});
        if (!answer.ok) {
          expect(answer.error.code, what).toBe(`NOTHING_TO_${direction.toUpperCase()}`);
          break;
        }
        const { kept } = answer.value as { kept: number };
        if (kept > 0) {
          keptAtAll += 1;
          expect(await mayKeep(entry?.operationIds ?? []), `${what}: kept ${kept}`).toBe(true);
        }
        expectMoment(desk.laptop.book, handled, moments.get(depth()) as Moment, what);
        if (step % 25 === 12) await reopen();
        if (direction === 'redo' && depth() === undo.length) {
          // To where it ended: now everything is there again, also what stayed all the time.
          expect(momentOf(desk.laptop.book).content, what).toEqual(end.content);
        }
      }
      // What had been taken back when the sequence ended can be done again too.
      expect(depth()).toBe(direction === 'undo' ? 0 : undo.length + redo.length);
    }
  }

  process.stdout.write(`${JSON.stringify({ ...answers, sent, keptAtAll })}\n`);
  expect(drawn.filter((method) => (answers[method]?.ok ?? 0) === 0)).toEqual([]);
  expect(sent).toBeGreaterThan(sequences);
}, 600_000);
