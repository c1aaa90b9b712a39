import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BookSnapshot } from '../../electron/domain/ports.ts';
import { tagNouns } from '../../shared/contracts/tag.contract.ts';
import { duplicateNouns } from '../../shared/contracts/duplicate.contract.ts';
import { type ActivityKind, activityHas, activityKinds } from '../../shared/nouns/activity/activity.ts';
import { type NounName, nounNames, parentNounsOf } from '../../shared/nouns/nouns.ts';
import { staysWithoutParent } from '../../shared/nouns/record-rules.ts';
import { itemCodeKey } from '../../shared/nouns/item-price/item-price.ts';
import { locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { emailKey } from '../../shared/lib/text.ts';
import { createOutboxService } from '../../electron/domain/outbox.service.ts';
import { backendOf, waitingFile } from '../support/book-backend.ts';
import { contractAnswers, methods, needsWholeBook, plainMethods } from '../support/contract-answers.ts';
import { anyInput, fieldInputs } from '../support/field-inputs.ts';
import { contentOf, openLaptop, type TestBook } from '../support/opened-book.ts';

/**
 * Thousands of inputs, from nonsense to nearly right, at the door that screens use: no exception, nothing half done,
 * and every answer as the contract says. FIELDBOOK_SEED and FIELDBOOK_RUNS repeat and lengthen a run.
 */
const runs = Number(process.env['FIELDBOOK_RUNS'] ?? 10_000);

/** A call whose ids are numbers of records that will be there by then. */
interface Call {
  method: string;
  input: (laptop: TestBook) => unknown;
}

function idOf(
  laptop: TestBook,
  noun: NounName,
  number: number,
  isWanted: (record: { deletedAt: string | null }) => boolean = () => true,
): string {
  const ids = [...laptop.book.all(noun)].filter(isWanted).map(({ id }) => id);
  // Mostly one of the newest, so that calls meet the same records; sometimes one that is not there.
  return number % 13 === 0 ? `nobody-${number}` : (ids[ids.length - 1 - (number % Math.min(12, ids.length))] ?? 'nobody');
}

const isLive = ({ deletedAt }: { deletedAt: string | null }) => deletedAt === null;

const operationOf = (laptop: TestBook, number: number): string => {
  const ids = [...laptop.database.kept.keys()];
  return number % 11 === 0 ? `nobody-${number}` : (ids[ids.length - 1 - (number % Math.min(20, ids.length))] ?? 'nobody');
};

/** Mostly a field that an operation of the record did change. */
function restoreInput(laptop: TestBook, collection: NounName, at: number, which: number, path: string) {
  const id = idOf(laptop, collection, at, isLive);
  const history = laptop.book.historyOf(collection, id);
  const operationId = history[which % Math.max(1, history.length)] ?? operationOf(laptop, which);
  const fields = Object.keys(laptop.database.kept.get(operationId)?.changes.find((change) => change.id === id)?.after ?? {});
  return { collection, id, operationId, path: which % 4 === 0 ? path : (fields[which % Math.max(1, fields.length)] ?? path) };
}

const noun = fc.constantFrom(...nounNames);
/** Nouns with a value no two may share, made often enough to meet. */
const madeNoun = fc.oneof(noun, fc.constantFrom<NounName>('clients', 'itemPrices'));
const number = fc.nat({ max: 10_000 });
const amount = fc.constantFrom('10', '80.00', '6.20', '86.20', '-10', '0', '0.005', '1e3', '999999', '');
const day = fc.constantFrom('2026-03-04', '2026-03-05', '2020-01-01', '2026-02-30', '');
const duplicateNoun = fc.constantFrom(...duplicateNouns);
const path = fc.constantFrom(
  'status',
  'number',
  'lines',
  'payments',
  'name',
  'email',
  'address.city',
  'isPrimary',
  'clientId',
  'tags',
  'banking.accountNumber',
  'deletedAt',
  'custom',
  '__proto__',
  '',
);
const condition = fc.record({
  path,
  operator: fc.constantFrom('contains', 'is', 'isNot', 'before', 'atLeast', 'isEmpty', 'within'),
  value: fc.oneof(fc.string(), fc.constantFrom('past', 'last 30')),
});
const match = fc.constantFrom('all', 'any');
const list = fc.record(
  {
    filters: fc.array(condition, { maxLength: 2 }),
    where: fc.option(
      fc.record({
        match,
        of: fc.array(fc.oneof(condition, fc.record({ match, of: fc.array(condition, { maxLength: 2 }) })), { maxLength: 2 }),
      }),
    ),
    search: fc.oneof(fc.string(), fc.constantFrom('06 2', 'a', '((', '\\', 'harb bak')),
    parentId: fc.option(fc.string()),
    sort: fc.array(fc.record({ path, descending: fc.boolean() }), { maxLength: 3 }),
    show: fc.constantFrom('live', 'deleted'),
  },
  { requiredKeys: [] },
);

const ownKeys = ['Founded', 'Size [m].', '_', 'constructor'];
const ownValue = fc.oneof(fc.constantFrom('1987', 'A', 'b', 'yes', '2026-03-04', '', null, true, 12.5, -0), fc.string(), fc.double());
const someTag = fc.oneof(fc.constantFrom('vip', 'VIP', 'north', ''), fc.string());
const tags = fc.array(someTag, { maxLength: 2 });

/** What each noun cannot do without. */
const needed: Record<NounName, Record<string, unknown>> = {
  clients: {},
  contacts: { firstName: 'Grace' },
  locations: { name: 'Depot' },
  opportunities: { name: 'New ovens' },
  cases: { name: 'The door sticks' },
  tasks: { title: 'Call back' },
  invoices: { lines: [{ description: 'Visit', quantity: '2', unitPrice: '40.00', taxRate: '0.0775' }] },
  directory: { fullName: 'Ada Lovelace' },
  ownFields: { noun: 'clients', label: 'Founded' },
  activities: { kind: 'call' },
  itemPrices: { invoiceItem: 'Drug screen' },
  locationContacts: {},
  locationItemPrices: {},
};

const kinds = Object.keys(activityKinds);
const hangsOn = nounNames.filter((name) => parentNounsOf('activities').includes(name));

/** Something to be about that is there, most of the time. */
const onSomething = (fields: Record<string, unknown>, at: number) => (laptop: TestBook) => {
  const about = hangsOn[at % hangsOn.length] as NounName;
  return {
    kind: kinds[at % kinds.length],
    ...(at % kinds.length === 0 ? { body: 'Called back' } : at % kinds.length === 4 ? { fileName: 'offer.pdf' } : {}),
    ...Object.fromEntries(Object.entries(fields).filter(([field]) => activityHas(kinds[at % kinds.length] as ActivityKind, field))),
    about: at % 17 === 0 ? 'invoices' : about,
    aboutId: idOf(laptop, about, at, at % 5 === 0 ? undefined : isLive),
  };
};

const isPriced = (name: NounName) => name === 'itemPrices' || name === 'locationContacts' || name === 'locationItemPrices';

/** What it hangs on, beside a client: a record that is there, most of the time. */
function withParents(laptop: TestBook, name: NounName, fields: Record<string, unknown>, at: number): Record<string, unknown> {
  const parent = (of: NounName) => idOf(laptop, of, at, at % 5 === 0 ? undefined : isLive);
  switch (name) {
    case 'itemPrices':
      return { ...needed[name], itemCode: `DS-${at % 6}`, ...fields };
    case 'locationContacts':
      return { ...fields, locationId: parent('locations'), contactId: parent('contacts') };
    default:
      return { ...fields, locationId: parent('locations'), itemPriceId: parent('itemPrices') };
  }
}

const isInDirectory = (name: NounName) => name === 'directory' || name === 'ownFields';

/** Teams of people who are there, most of the time, and own fields with names that meet again as keys of values. */
function withPeople(laptop: TestBook, name: NounName, fields: Record<string, unknown>, at: number): Record<string, unknown> {
  if (name === 'ownFields') {
    const fieldKind = (['text', 'number', 'date', 'boolean', 'choice'] as const)[at % 5];
    return { ...needed[name], label: ownKeys[at % ownKeys.length], fieldKind, choices: ['A', 'B'], ...fields };
  }
  return at % 2 === 0
    ? { ...needed[name], ...fields }
    : { kind: 'team', name: 'North', memberIds: [idOf(laptop, 'directory', at, isLive)], ...fields };
}

/** For what hangs on a client one that is there, most of the time; for a task also what it is about. */
const withClient = (name: NounName, fields: Record<string, unknown>, at: number) => (laptop: TestBook) =>
  name === 'activities' && at % 7 !== 0
    ? onSomething(fields, at)(laptop)
    : name === 'clients' || at % 7 === 0
      ? fields
      : isInDirectory(name)
        ? withPeople(laptop, name, fields, at)
        : isPriced(name)
          ? withParents(laptop, name, fields, at)
          : {
              ...needed[name],
              ...fields,
              clientId: idOf(laptop, 'clients', at, at % 5 === 0 ? undefined : isLive),
              ...(name === 'tasks'
                ? {
                    opportunityId: at % 2 === 0 ? null : idOf(laptop, 'opportunities', at, isLive),
                    caseId: at % 3 === 0 ? null : idOf(laptop, 'cases', at, isLive),
                  }
                : {}),
            };

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 8,
    arbitrary: madeNoun.chain((name) =>
      fc.tuple(fieldInputs(name), number, fc.string({ minLength: 1 })).map(
        ([fields, at, title]): Call => ({
          method: `${name}.create`,
          input: (laptop) =>
            withClient(
              name,
              name === 'clients' && at % 3 !== 0
                ? { name: title, email: at % 2 === 0 ? null : `office-${at % 5}@b.example`, ...fields }
                : fields,
              at,
            )(laptop),
        }),
      ),
    ),
  },
  {
    weight: 8,
    arbitrary: noun.chain((name) =>
      fc.tuple(fieldInputs(name), number, number).map(
        ([changes, at, client]): Call => ({
          method: `${name}.change`,
          input: (laptop) => ({
            id: idOf(laptop, name, at, at % 5 === 0 ? undefined : isLive),
            changes: client % 5 === 0 ? withClient(name, changes, client)(laptop) : changes,
          }),
        }),
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: noun.chain((name) =>
      fc.tuple(fieldInputs(name), number, number).map(
        ([changes, at, other]): Call => ({
          method: `${name}.changeMany`,
          // A change of nothing is one that every record may have.
          input: (laptop) => ({
            ids: [idOf(laptop, name, at, isLive), idOf(laptop, name, other, other % 5 === 0 ? undefined : isLive)],
            changes: at % 3 === 0 ? {} : changes,
          }),
        }),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(noun, number, number, fc.constantFrom(...ownKeys), ownValue).map(
      ([name, at, which, key, value]): Call => ({
        method: `${name}.change`,
        input: (laptop) => ({
          id: idOf(laptop, name, at, isLive),
          changes: {
            custom: { [key]: value },
            ...(name === 'clients'
              ? { accountOwnerId: idOf(laptop, 'directory', which), assignedToIds: [idOf(laptop, 'directory', which, isLive)] }
              : {}),
          },
        }),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...tagNouns), fc.array(number, { minLength: 1, maxLength: 3 }), tags, tags).map(
      ([collection, at, add, remove]): Call => ({
        method: 'tags.put',
        input: (laptop) => ({ collection, ids: at.map((one) => idOf(laptop, collection, one)), add, remove }),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Call>({ method: 'today.queue', input: () => ({}) }) },
  {
    weight: 2,
    arbitrary: fc.tuple(number, number, fc.constantFrom('reached', 'left_message', 'nobody'), fc.option(fc.string())).map(
      ([at, contact, outcome, body]): Call => ({
        method: 'today.logCall',
        input: (laptop) => ({
          clientId: idOf(laptop, 'clients', at, isLive),
          outcome,
          contactId: contact % 2 === 0 ? null : idOf(laptop, 'contacts', contact),
          body,
          next: contact % 3 === 0 ? null : '2026-03-09',
        }),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Call>({ method: 'calendar.file', input: () => ({ from: '2026-03-02', days: 60, kinds: ['followUp'] }) }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Call>({ method: 'calendar.days', input: () => ({ from: '2026-03-02', days: 7, kinds: ['followUp', 'visit'] }) }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('pipeline', 'closing', 'wonLost', 'followUps', 'activity', 'revenue', 'stages', 'industries', 'regions')
      .map((report): Call => ({ method: 'reports.get', input: () => ({ report }) })),
  },
  { weight: 1, arbitrary: fc.constant<Call>({ method: 'reports.file', input: () => ({ report: 'revenue', currency: 'EUR' }) }) },
  {
    weight: 1,
    arbitrary: fc.tuple(number, number).map(
      ([at, day]): Call => ({
        method: 'calendar.move',
        input: (laptop) => ({ items: [{ noun: 'clients', id: idOf(laptop, 'clients', at) }], day: `2026-03-${10 + (day % 20)}` }),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(someTag, fc.option(someTag)).map(([from, to]): Call => ({ method: 'tags.rename', input: () => ({ from, to }) })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(noun, fc.constantFrom('remove', 'restore'), fc.array(number, { maxLength: 3 }))
      .map(
        ([name, verb, at]): Call => ({ method: `${name}.${verb}`, input: (laptop) => ({ ids: at.map((one) => idOf(laptop, name, one)) }) }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .option(number)
      .map((at): Call => ({ method: 'history.undo', input: (laptop) => ({ target: at === null ? null : operationOf(laptop, at) }) })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(number, number, fc.string(), fc.string(), fc.constantFrom('draft', 'now', 'later')).map(
      ([at, email, subject, text, send]): Call => ({
        method: 'outbox.save',
        input: (laptop) => ({
          id: email % 3 === 0 ? idOf(laptop, 'activities', email) : null,
          about: 'clients',
          aboutId: idOf(laptop, 'clients', at, isLive),
          recipients: at % 5 === 0 ? [] : [`grace-${at % 7}@b.example`],
          subject,
          text,
          send,
          scheduledFor: email % 4 === 0 ? null : '2026-03-05T09:00:00.000Z',
        }),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('get', 'cancel', 'sendAgain', 'markSent'), number).map(
      ([verb, at]): Call => ({
        method: `outbox.${verb}`,
        input: (laptop) => {
          const isOnItsWay = (record: object) => 'status' in record && record.status === 'sending';
          const isEmail = (record: object) => 'kind' in record && record.kind === 'email';
          return { id: idOf(laptop, 'activities', at, verb === 'markSent' && at % 2 === 0 ? isOnItsWay : isEmail) };
        },
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('set', 'set', 'clear', 'previewMany', 'setMany', 'get', 'block', 'list', 'count'),
        fieldInputs('locationItemPrices'),
        number,
      )
      .map(
        ([verb, { customPrice, customTaxRate }, at]): Call => ({
          method: `locationPrices.${verb}`,
          input: (laptop) => {
            const locationId = idOf(laptop, 'locations', at);
            const pair = { locationId, itemPriceId: idOf(laptop, 'itemPrices', at + 1) };
            if (verb === 'get' || verb === 'clear') return pair;
            if (verb === 'block') return { locationIds: [locationId, 'nobody'], itemPriceIds: [pair.itemPriceId] };
            const own = { ...pair, ...(customPrice === undefined ? {} : { customPrice }), ...(at % 3 === 0 ? { customTaxRate } : {}) };
            if (verb === 'set') return { customPrice: `${at}.50`, ...own };
            if (verb === 'setMany' || verb === 'previewMany') {
              const some = { kind: 'chosen', ids: [locationId, idOf(laptop, 'locations', at + 2)] };
              const steps = [
                { kind: 'set', value: at % 2 === 0 ? `${at}.25` : customPrice },
                { kind: 'percent', value: `${at - 100}.5` },
                { kind: 'default' },
                { kind: 'amount', value: `${100 - at}.5` },
                { kind: 'each', values: [[`${at}.75`, customPrice ?? null]] },
              ];
              return {
                locations: at % 4 === 0 ? { kind: 'all' } : some,
                items: at % 3 === 0 ? { kind: 'all' } : { kind: 'chosen', ids: [pair.itemPriceId] },
                price: steps[at % 5],
                ...(at % 5 === 0 ? { taxRate: { kind: 'set', value: customTaxRate } } : {}),
              };
            }
            return { ...(at % 2 === 0 ? pair : {}), ownOnly: at % 3 === 0, search: at % 5 === 0 ? 'D' : '' };
          },
        }),
      ),
  },
  { weight: 2, arbitrary: fc.constant<Call>({ method: 'history.redo', input: () => ({}) }) },
  {
    weight: 3,
    arbitrary: fc.tuple(noun, number, number, path).map(
      ([collection, at, which, field]): Call => ({
        method: 'history.restoreField',
        input: (laptop) => restoreInput(laptop, collection, at, which, field),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(noun, number)
      .map(
        ([collection, at]): Call => ({ method: 'history.ofRecord', input: (laptop) => ({ collection, id: idOf(laptop, collection, at) }) }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        duplicateNoun,
        fc.constantFrom('merge', 'merge', 'preview', 'keepApart'),
        fc.array(number, { minLength: 2, maxLength: 4 }),
        path,
      )
      .map(
        ([name, verb, at, field]): Call => ({
          method: `duplicates.${verb}`,
          input: (laptop) => {
            const ids = at.map((one) => idOf(laptop, name, one, one % 5 === 0 ? undefined : isLive));
            const [first = 0] = at;
            if (verb === 'keepApart') return { noun: name, ids };
            return {
              noun: name,
              ids,
              ...(first % 3 === 0 ? { keepId: ids[first % ids.length] } : {}),
              ...(first % 2 === 0 ? { choices: { [field]: ids[first % ids.length] } } : {}),
            };
          },
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(duplicateNoun, number).map(
      ([name, at]): Call => ({
        method: 'duplicates.takeApart',
        input: (laptop) => {
          const merged = [...laptop.book.all(name)].filter(({ mergedInto }) => mergedInto !== null);
          const { id, mergedInto } = merged[merged.length - 1 - (at % Math.max(1, Math.min(5, merged.length)))] ?? {
            id: 'nobody',
            mergedInto: 'nobody',
          };
          const operations = laptop.book.historyOf(name, id);
          return { noun: name, id: mergedInto, operationId: at % 7 === 0 ? operationOf(laptop, at) : (operations.at(-1) ?? 'nobody') };
        },
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(duplicateNoun, number)
      .map(([name, at]): Call => ({ method: 'duplicates.mergesOf', input: (laptop) => ({ noun: name, id: idOf(laptop, name, at) }) })),
  },
  { weight: 2, arbitrary: fc.tuple(noun, list).map(([name, input]): Call => ({ method: `${name}.list`, input: () => input })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(noun, number)
      .map(([name, at]): Call => ({ method: `${name}.goingAlong`, input: (laptop) => ({ ids: [idOf(laptop, name, at)] }) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(noun, number)
      .map(([name, at]): Call => ({ method: `${name}.get`, input: (laptop) => ({ id: idOf(laptop, name, at) }) })),
  },
  {
    weight: 4,
    arbitrary: number.map(
      (at): Call => ({
        method: 'invoices.create',
        input: (laptop) => ({ ...needed.invoices, clientId: idOf(laptop, 'clients', at, isLive) }),
      }),
    ),
  },
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom('issue', 'cancel', 'addLine', 'addPayment', 'addPayment', 'addPayment', 'removePayment'), number, amount)
      .map(
        ([verb, at, money]): Call => ({
          method: `invoices.${verb}`,
          input: (laptop) => {
            const id = idOf(laptop, 'invoices', at, at % 9 === 0 ? undefined : isLive);
            const [payment] = laptop.book.get('invoices', id)?.payments ?? [];
            if (verb === 'addLine') return { id, line: { description: at % 5 === 0 ? '' : 'Call-out', unitPrice: money } };
            if (verb === 'addPayment') return { id, payment: { date: at % 7 === 0 ? '2026-02-30' : '2026-03-05', amount: money } };
            return verb === 'removePayment' ? { id, paymentId: payment?.id ?? 'none' } : { id };
          },
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(noun, number, fc.string({ maxLength: 20 }), fc.boolean()).map(
      ([about, at, name, isThere]): Call => ({
        method: 'attachments.add',
        input: (laptop) => ({ fileId: isThere ? waitingFile(laptop, name) : `nobody-${at}`, about, aboutId: idOf(laptop, about, at) }),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(number, fc.boolean()).map(
      ([at, confirmed]): Call => ({
        method: 'attachments.open',
        input: (laptop) => ({ id: idOf(laptop, 'activities', at), confirmed }),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(noun, number, fc.boolean()).map(
      ([of, at, isFavourite]): Call => ({
        method: 'favourites.put',
        input: (laptop) => ({ noun: of, id: idOf(laptop, of, at), isFavourite }),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.string().map((text): Call => ({ method: 'search.find', input: () => ({ text }) })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...[...methods.keys()].filter((name) => !needsWholeBook(name))), anyInput)
      .map(([method, input]): Call => ({ method, input: () => input })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...plainMethods((name) => !needsWholeBook(name))).map((method): Call => ({ method, input: () => ({}) })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('at', 'restoreTo', 'timeline'), noun, number, day, fc.option(path)).map(
      ([verb, collection, at, when, field]): Call => ({
        method: verb === 'timeline' ? 'activities.timeline' : `history.${verb}`,
        input: (laptop) => ({
          collection,
          id: idOf(laptop, collection, at, at % 5 === 0 ? undefined : isLive),
          ...(verb === 'timeline' ? {} : { day: when }),
          ...(verb === 'restoreTo' ? { field } : {}),
        }),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(duplicateNoun, number, fc.string()).map(
      ([name, at, text]): Call => ({
        method: 'duplicates.like',
        input: (laptop) => ({
          noun: name,
          fields: { name: text, firstName: 'Grace', email: `office-${at % 5}@b.example` },
          exceptId: at % 2 === 0 ? null : idOf(laptop, name, at),
        }),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('clients.banking', 'invoices.pdf', 'invoices.document'), number, fc.constantFrom('de-AT', 'en', 'no one'))
      .map(
        ([method, at, locale]): Call => ({
          method,
          input: (laptop) => ({
            id: idOf(laptop, method.split('.')[0] as NounName, at, at % 5 === 0 ? undefined : isLive),
            ...(method === 'clients.banking' ? {} : { locale }),
          }),
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', 'a', 'OFFICE', 'K7M4X', 'x y', '1234567890')
      .map((prefix): Call => ({ method: 'invoices.setPrefix', input: () => ({ prefix }) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.oneof(noun, fc.constantFrom<NounName>('locationContacts', 'locationItemPrices')),
        fc.constantFrom('remove', 'restore', 'restore'),
        number,
      )
      .map(
        ([name, verb, at]): Call => ({
          method: `${name}.${verb}`,
          input: (laptop) => ({ ids: [idOf(laptop, name, at, (record) => isLive(record) === (verb === 'remove'))] }),
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(noun, list)
      .map(([name, input]): Call => ({ method: `${name}.ids`, input: () => ({ ...input, filters: [], sort: [] }) })),
  },
);

function isSameMoment(before: BookSnapshot, after: BookSnapshot): boolean {
  return (
    before.seq === after.seq &&
    before.undo === after.undo &&
    before.redo === after.redo &&
    nounNames.every(
      (name) =>
        before.records[name].length === after.records[name].length &&
        isDeepStrictEqual([...before.records[name]], [...after.records[name]]),
    )
  );
}

/** What must be true of a book at every moment, whatever was done to it. */
function brokenRules(laptop: TestBook): string[] {
  const broken: string[] = [];
  const emails = new Map<string, string>();
  for (const client of laptop.book.all('clients')) {
    const live = <N extends NounName>(name: N) => laptop.book.children(name, client.id).filter(({ deletedAt }) => deletedAt === null);
    if (client.deletedAt !== null) {
      // An issued invoice outlives its client.
      if (nounNames.some((name) => live(name).some((record) => !staysWithoutParent(name, record))))
        broken.push(`${client.id} is deleted and something hangs on it`);
      continue;
    }
    if (client.email !== null) {
      if (emails.has(emailKey(client.email))) broken.push(`${client.id} shares its e-mail`);
      emails.set(emailKey(client.email), client.id);
    }
    const count = (name: 'contacts' | 'locations') => live(name).filter(({ isPrimary }) => isPrimary).length;
    if (count('contacts') > 1) broken.push(`${client.id} has ${count('contacts')} primary contacts`);
    if (live('locations').length > 0 && count('locations') !== 1) broken.push(`${client.id} has ${count('locations')} primary locations`);
  }
  const codes = new Set<string>();
  for (const { itemCode, deletedAt } of laptop.book.all('itemPrices')) {
    if (deletedAt !== null) continue;
    if (codes.has(itemCodeKey(itemCode))) broken.push(`two items have the code ${itemCode}`);
    codes.add(itemCodeKey(itemCode));
  }
  for (const { id, locationId, itemPriceId } of laptop.book.all('locationItemPrices')) {
    if (id !== locationItemPriceId(locationId, itemPriceId)) broken.push(`${id} is not the own price of its pair`);
  }
  for (const { id, startDate, endDate, deletedAt } of laptop.book.all('locationContacts')) {
    if (deletedAt === null && startDate !== null && endDate !== null && endDate < startDate) broken.push(`${id} ends before it starts`);
  }
  for (const noun of ['locations', 'contacts', 'itemPrices'] as const) {
    for (const { id, deletedAt } of laptop.book.all(noun)) {
      const hanging = (['locationContacts', 'locationItemPrices'] as const).some((child) => laptop.book.children(child, id).some(isLive));
      if (deletedAt !== null && hanging) broken.push(`${id} is deleted and something hangs on it`);
    }
  }
  for (const noun of ['opportunities', 'cases'] as const) {
    for (const { id, deletedAt } of laptop.book.all(noun)) {
      if (deletedAt !== null && laptop.book.children('tasks', id).some(isLive)) broken.push(`${id} is deleted and a task hangs on it`);
    }
  }
  for (const { id, about, aboutId, deletedAt } of laptop.book.all('activities')) {
    const on = laptop.book.get(about as NounName, aboutId);
    if (deletedAt === null && on?.deletedAt !== null) broken.push(`${id} hangs on nothing that is there`);
  }
  for (const noun of nounNames) {
    for (const { id, deletedAt, mergedInto } of laptop.book.all(noun)) {
      if (mergedInto !== null && deletedAt === null) broken.push(`${id} is merged into another and live`);
      if (mergedInto !== null && laptop.book.get(noun, mergedInto) === undefined)
        broken.push(`${id} stands for a record that is not there`);
    }
  }
  for (const { id, stage, closedOn, deletedAt } of laptop.book.all('opportunities')) {
    if (deletedAt === null && stage.startsWith('closed') && closedOn === null) broken.push(`${id} is closed on no day`);
  }
  broken.push(...brokenNumbers(laptop));
  return broken;
}

/** Every number is there once, from 1 to as many as there are. */
function brokenNumbers(laptop: TestBook): string[] {
  const numbers = [...laptop.book.all('invoices')].flatMap(({ number }) => number ?? []).toSorted();
  const { prefix } = laptop.invoices.numbering();
  return numbers.every((number, at) => number === `${prefix}-${String(at + 1).padStart(6, '0')}`)
    ? []
    : [`the numbers of the invoices have gaps: ${numbers.join(', ')}`];
}

/** The program ends while an e-mail leaves: nobody knows then whether it did. */
async function leaveOneOnItsWay(laptop: TestBook): Promise<void> {
  const outbox = createOutboxService({ book: laptop.book, clock: laptop.clock, device: laptop.files.opened.deviceId });
  const email = outbox.next(laptop.clock.now());
  if (email !== null) await outbox.claim(email.id, 'ada@fieldbook.example');
}

it(
  `answers ${runs} inputs without an exception, without a partial effect, and as the contracts say`,
  async () => {
    let laptop = await openLaptop();
    let backend = backendOf(laptop);
    const seed = process.env['FIELDBOOK_SEED'] === undefined ? Date.now() & 0x7fffffff : Number(process.env['FIELDBOOK_SEED']);
    process.stdout.write(`commands at the contract: seed ${seed}, ${runs} runs\n`);
    const answers: Record<string, number> = {};
    const held = contractAnswers((method) => !needsWholeBook(method));
    let step = 0;

    function* calls(): Generator<Call> {
      // A prefix can be chosen only while no invoice is issued.
      yield { method: 'invoices.setPrefix', input: () => ({ prefix: 'OFFICE' }) };
      yield* held.sample(call, seed, runs);
    }
    for (const { method, input } of calls()) {
      step += 1;
      const given = input(laptop);
      const what = `step ${step} of seed ${seed}: ${method} ${JSON.stringify(given)}`;
      const before = laptop.book.snapshot();
      const answer = await backend.call(method, given);
      const verb = /^(history|search|favourites|duplicates|outbox)\./.test(method) ? method : `*.${method.split('.')[1]}`;
      const kind = `${verb} ${answer.ok ? 'ok' : answer.error.code}`;
      answers[kind] = (answers[kind] ?? 0) + 1;
      held.hold(method, answer, what);
      if (!answer.ok || methods.get(method)?.kind === 'query') expect(isSameMoment(before, laptop.book.snapshot()), what).toBe(true);
      if (step % 50 === 0) expect(brokenRules(laptop), what).toEqual([]);
      if (step % 1000 === 0) {
        await leaveOneOnItsWay(laptop);
        const content = contentOf(laptop.book);
        laptop = await laptop.reopen();
        backend = backendOf(laptop);
        expect(contentOf(laptop.book), `${what}, opened again`).toEqual(content);
      }
    }

    process.stdout.write(`${JSON.stringify(answers)}\n`);
    expect(held.neverDone()).toEqual([]);
    // The run is worth something only where commands were carried out as well as refused.
    for (const verb of ['create', 'change', 'remove', 'restore']) expect(answers[`*.${verb} ok`] ?? 0, verb).toBeGreaterThan(runs / 200);
    const refusals = [
      '*.create ITEM_CODE_TAKEN',
      '*.create INVALID_INPUT',
      '*.create EMAIL_TAKEN',
      '*.create CLIENT_NOT_FOUND',
      '*.change INVALID_INPUT',
      '*.change NOT_FOUND',
    ];
    const ofMail = ['save ok', 'save EMAIL_WITHOUT_RECIPIENT', 'cancel ok', 'cancel EMAIL_LEFT', 'sendAgain ok'];
    const ofInvoices = ['issue ok', 'issue INVOICE_ISSUED', 'addPayment ok', 'addPayment PAYMENT_REFUSED', 'cancel ok'];
    for (const kind of [
      ...refusals,
      ...ofInvoices.map((one) => `*.${one}`),
      ...ofMail.map((one) => `outbox.${one}`),
      'history.undo ok',
      'history.redo ok',
      'history.restoreField ok',
      'duplicates.merge ok',
      'duplicates.takeApart ok',
      'duplicates.keepApart ok',
      '*.restore PARENT_DELETED',
    ]) {
      expect(answers[kind] ?? 0, kind).toBeGreaterThan(0);
    }
  },
  Math.max(120_000, runs * 30),
);
