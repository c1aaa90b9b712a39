import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountShapes } from '../../../../shared/dialects/bottlecrm.ts';
import { type BookRecord, bookFields, collectionOf } from '../../../../shared/dialects/book-view.ts';
import { casework } from '../../../../shared/dialects/casework.ts';
import { resourceOf } from '../../../../shared/dialects/dialect.ts';
import { programs } from '../../../../shared/dialects/programs.ts';
import {
  decode,
  encode,
  type Member,
  readMember,
  sameValue,
  topLevelChanges,
  Unsayable,
  type ValueMember,
  writeMember,
} from '../../../../shared/dialects/shape.ts';
import { skhokho } from '../../../../shared/dialects/skhokho.ts';
import { summit } from '../../../../shared/dialects/summit.ts';
import { readPath, type Wire } from '../../../../shared/dialects/wire.ts';
import {
  advance,
  expressible,
  type ListEdit,
  type MergeShapes,
  mergeWire,
  requestedChanges,
  settle,
  shadowAfter,
} from '../../../../shared/dialects/wire-merge.ts';
import { valueAt } from '../../../../shared/nouns/field.ts';
import { checkProperty } from '../../../support/property.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';
import { valuesOf } from './schema-arbitrary.ts';
import { resources } from './shapes.ts';

/** A client of the book, and the remote's object for it as it was last seen. */
function met(shapes: MergeShapes, fields: Record<string, unknown> = {}) {
  const book = new MemoryBook();
  const record = book.put('clients', { ...blankRecord('clients', 'clients:1'), name: 'Acme', ...fields } as BookRecord);
  const shadow = encode(shapes.answer, record, book.context()).wire;
  return {
    book,
    record,
    shadow,
    merge: (mine: Record<string, unknown>, theirs: Wire) => {
      const changed = book.put('clients', { ...record, ...mine } as BookRecord);
      return mergeWire(shapes, changed, shadow, { ...shadow, ...theirs }, book.context());
    },
  };
}

const summitClient = resourceOf(summit, 'clients').merge;
const skhokhoClient = resourceOf(skhokho, 'clients').merge;
const caseworkClient = resourceOf(casework, 'clients').merge;
const account = accountShapes('closed');

describe('Merging with what a remote says', () => {
  it('sends only what changed here', () => {
    const merge = met(summitClient).merge({ name: 'Acme Depot' }, {});
    expect(merge).toMatchObject({ outgoing: { name: 'Acme Depot' }, sent: ['name'], conflicts: [], held: [] });
    expect(Object.keys(merge.outgoing as Wire)).toEqual(['name']);
    expect(merge.incoming).toEqual({ fields: {}, references: {}, lists: {} });
  });

  it('takes only what changed there', () => {
    const merge = met(summitClient).merge({}, { paymentTerms: 45 });
    expect(merge).toMatchObject({ outgoing: null, incoming: { fields: { paymentTermsDays: 45 } }, conflicts: [] });
  });

  it('does both at once where they touch different fields', () => {
    const merge = met(summitClient).merge({ name: 'Acme Depot' }, { paymentTerms: 45 });
    expect(merge).toMatchObject({ outgoing: { name: 'Acme Depot' }, incoming: { fields: { paymentTermsDays: 45 } }, conflicts: [] });
  });

  it('shows base, mine and theirs where both changed one field, and finds it again until it is decided', () => {
    const { merge, shadow, book } = met(summitClient, { phone: '555-0100' });
    const first = merge({ phone: '555-0101' }, { phone: '555-0102' });
    expect(first).toMatchObject({ outgoing: null, conflicts: [{ path: 'phone', base: '555-0100', mine: '555-0101', theirs: '555-0102' }] });
    expect(first.shadow['phone']).toBe('555-0100');
    const theirs = { ...shadow, phone: '555-0102' };
    const ours = book.get('clients', 'clients:1') as BookRecord;
    const again = mergeWire(summitClient, ours, first.shadow, theirs, book.context());
    expect(again.conflicts).toEqual(first.conflicts);

    // Ours is kept: it goes out. Theirs is taken: nothing is left to do.
    const settled = settle(summitClient.answer, first.shadow, theirs, ['phone']);
    expect(mergeWire(summitClient, ours, settled, theirs, book.context())).toMatchObject({
      conflicts: [],
      outgoing: { phone: '555-0101' },
    });
    expect(mergeWire(summitClient, { ...ours, phone: '555-0102' } as BookRecord, settled, theirs, book.context())).toMatchObject({
      conflicts: [],
      outgoing: null,
    });
  });

  it('is content where both changed a field alike', () => {
    expect(met(summitClient).merge({ phone: '555-0101' }, { phone: '555-0101' })).toMatchObject({
      outgoing: null,
      conflicts: [],
      incoming: { fields: {} },
    });
  });

  it('sees a record that was deleted over there, and one that came back', () => {
    expect(met(summitClient).merge({}, { softDelete: true }).deletion).toBe('deleted');
    const { book, record, shadow } = met(summitClient);
    expect(mergeWire(summitClient, record, { ...shadow, softDelete: true }, shadow, book.context()).deletion).toBe('restored');
    expect(met(summitClient).merge({}, {}).deletion).toBeNull();
  });

  it('does not mind how a remote spells what it has', () => {
    const { book, record, shadow } = met(skhokhoClient, {
      website: 'acme.com',
      annualRevenue: '12.5',
      address: { ...addressOf({}), phone: '(619) 555-5555' },
    });
    expect(readPath(shadow, 'address.phone')).toBe('6195555555');
    const respelled = { ...shadow, annual_revenue: '12.50', description: '', website: 'https://acme.com' };
    expect(mergeWire(skhokhoClient, record, shadow, respelled, book.context())).toMatchObject({
      outgoing: null,
      conflicts: [],
      held: [],
      incoming: { fields: {} },
    });
  });
});

describe('Two records that were matched and have never met', () => {
  const meet = (fields: Record<string, unknown>, theirs: Wire) => {
    const { book, record, shadow } = met(summitClient, fields);
    return mergeWire(summitClient, record, null, { ...shadow, email: null, phone: null, paymentTerms: null, ...theirs }, book.context());
  };

  it('fill each other where one says nothing', () => {
    const merge = meet({ email: 'office@acme.com' }, { phone: '555-0101' });
    expect(merge).toMatchObject({ outgoing: { email: 'office@acme.com' }, incoming: { fields: { phone: '555-0101' } }, conflicts: [] });
  });

  it('conflict where both say something else, with nothing to base it on', () => {
    expect(meet({ phone: '555-0100' }, { phone: '555-0101' }).conflicts).toEqual([
      { path: 'phone', base: null, mine: '555-0100', theirs: '555-0101' },
    ]);
    expect(meet({ phone: '555-0100' }, { phone: '555-0101' }).shadow).not.toHaveProperty('phone');
  });

  it('agree where they say the same', () => {
    expect(meet({ phone: '555-0100' }, { phone: '555-0100' })).toMatchObject({ outgoing: null, conflicts: [], incoming: { fields: {} } });
  });
});

describe('What a dialect cannot say', () => {
  it('is shown before sending and not cut: a phone with an extension at Skhokho', () => {
    const merge = met(skhokhoClient).merge({ address: addressOf({ phone: '+1 619 555 5555 ext. 12', city: 'San Diego' }) }, {});
    expect(merge.held).toMatchObject([{ path: 'address.phone', reason: 'unsayable', value: '+1 619 555 5555 ext. 12' }]);
    expect(merge.held[0]?.message).toMatch(/9 to 15 digits.*stays in the book/);
    expect(readPath(merge.outgoing as Wire, 'address.city')).toBe('San Diego');
    expect(readPath(merge.outgoing as Wire, 'address.phone')).toBeNull();
  });

  it('stays in the book when the remote changes something else', () => {
    const { merge, record } = met(summitClient, {
      industry: 'Drug screening',
      address: addressOf({ line1: '1 Main St', city: 'Denver' }),
      tags: ['vip'],
    });
    const { incoming } = merge({}, { phone: '555-0101' });
    expect({ ...record, ...topLevelChanges('clients', record, incoming.fields) }).toEqual({ ...record, phone: '555-0101' });
  });

  it('is never set back by a dialect that shows it as null', () => {
    const { book, record } = met(skhokhoClient, { industry: 'Drug screening' });
    const theirs = encode(skhokhoClient.answer, record, book.context()).wire;
    expect(theirs['industry']).toBeNull();
    expect(mergeWire(skhokhoClient, record, theirs, theirs, book.context())).toMatchObject({
      incoming: { fields: {} },
      outgoing: null,
      conflicts: [],
    });
    expect(requestedChanges(resourceOf(skhokho, 'clients').change as MergeShapes['answer'], theirs, record, book.context()).fields).toEqual(
      {},
    );
  });

  it('does not make an empty bank of a bank that says nothing', () => {
    const { record } = met(skhokhoClient);
    expect(topLevelChanges('clients', record, { 'banking.bankName': null, 'address.city': null })).toEqual({ address: addressOf({}) });
    expect(topLevelChanges('clients', record, { 'banking.bankName': 'First' })).toMatchObject({
      banking: { bankName: 'First', swiftCode: null },
    });
  });

  it('is a conflict when the remote changes it meanwhile', () => {
    const merge = met(skhokhoClient, { industry: 'legal' }).merge({ industry: 'Drug screening' }, { industry: 'health' });
    expect(merge.conflicts).toEqual([{ path: 'industry', base: 'legal', mine: 'Drug screening', theirs: 'health' }]);
  });

  it('is said where the book cannot keep what the remote has', () => {
    const merge = met(skhokhoClient).merge({}, { default_currency: 'R' });
    expect(merge.held).toMatchObject([{ path: 'defaultCurrency', reason: 'unkeepable', value: 'R' }]);
    expect(merge.incoming.fields).toEqual({});
    expect(merge.shadow['default_currency']).toBe('R');
  });

  it('is said where the remote keeps a field to itself', () => {
    const { book, shadow, record } = met(caseworkClient);
    book.put('directory', blankRecord('users', 'directory:9'));
    const merge = mergeWire(caseworkClient, { ...record, salespersonId: 'directory:9' } as BookRecord, shadow, shadow, book.context());
    expect(merge).toMatchObject({ outgoing: null, held: [{ path: 'salespersonId', reason: 'readOnly' }] });
  });
});

describe('Summit, which has one text for an address', () => {
  it('is sent the lines in one, and no lines are made from its text', () => {
    const { merge, shadow } = met(summitClient, {
      address: addressOf({ line1: '1 Main St', city: 'Denver', region: 'CO', postalCode: '80202' }),
    });
    expect(shadow['address']).toBe('1 Main St, Denver, CO 80202');
    expect(merge({ address: addressOf({ line1: '2 Main St', city: 'Denver' }) }, {})).toMatchObject({
      outgoing: { address: '2 Main St, Denver' },
    });
    expect(merge({}, { address: 'Elsewhere' }).incoming.fields).toEqual({ 'address.freeform': 'Elsewhere' });
    expect(merge({}, {})).toMatchObject({ outgoing: null, incoming: { fields: {} } });
  });

  it('is sent the first address a client gets here', () => {
    const { merge, shadow } = met(summitClient);
    expect(shadow['address']).toBeNull();
    expect(merge({ address: addressOf({ line1: '1 Main St' }) }, {})).toMatchObject({
      outgoing: { address: '1 Main St' },
      sent: ['address.freeform'],
    });
  });

  it('is sent the lines again when its text is emptied', () => {
    const { book, record, shadow } = met(summitClient, { address: addressOf({ line1: '1 Main St', freeform: 'Elsewhere' }) });
    const merge = mergeWire(summitClient, record, shadow, { ...shadow, address: null }, book.context());
    expect(merge.incoming.fields).toEqual({ 'address.freeform': null });
    const emptied = { ...record, ...topLevelChanges('clients', record, merge.incoming.fields) } as BookRecord;
    expect(mergeWire(summitClient, emptied, merge.shadow, merge.shadow, book.context()).outgoing).toEqual({ address: '1 Main St' });
  });
});

describe('Skhokho, whose address may replace the one it has', () => {
  it('is sent the address whole, with what it has in the parts that did not change here', () => {
    const { merge } = met(skhokhoClient, { address: addressOf({ line1: '1 Main St', city: 'Denver' }) });
    const { outgoing } = merge(
      { address: addressOf({ line1: '1 Main St', city: 'Boulder' }) },
      { address: { address_line_1: '9 Main St', city: 'Denver' } },
    );
    expect(outgoing).toEqual({
      address: {
        address_line_1: '9 Main St',
        address_line_2: null,
        city: 'Boulder',
        province_state: null,
        postal_code: null,
        country: null,
        phone: null,
      },
    });
  });
});

describe('BottleCRM, which clears the lists a PUT leaves out', () => {
  function withPeople() {
    const book = new MemoryBook();
    for (const one of ['ann', 'bo', 'cy']) book.put('directory', blankRecord('users', `directory:${one}`));
    book.put('directory', blankRecord('teams', 'directory:north'));
    const record = book.put('clients', {
      ...blankRecord('clients', 'clients:1'),
      name: 'Acme',
      assignedToIds: ['directory:ann'],
      teamIds: ['directory:north'],
      tags: ['vip'],
    } as BookRecord);
    book.put('contacts', { ...blankRecord('contacts', 'contacts:gabriel'), clientId: record.id } as BookRecord);
    const shadow = encode(account.answer, record, book.context()).wire;
    return { book, record, shadow };
  }

  it('is always sent its name and full lists', () => {
    const { book, record, shadow } = withPeople();
    const { outgoing } = mergeWire(account, { ...record, phone: '+1234567891' } as BookRecord, shadow, shadow, book.context());
    expect(outgoing).toEqual({
      name: 'Acme',
      phone: '+1234567891',
      contacts: ['gabriel'],
      assigned_to: ['ann'],
      teams: ['north'],
      tags: ['vip'],
    });
  });

  it('merges lists element by element, so that nobody is lost', () => {
    const { book, record, shadow } = withPeople();
    const mine = { ...record, assignedToIds: ['directory:ann', 'directory:bo'], tags: ['VIP', 'north'] } as BookRecord;
    const merge = mergeWire(account, mine, shadow, { ...shadow, assigned_to: ['cy'], tags: ['vip', 'health'] }, book.context());
    expect(merge.incoming.lists).toEqual({
      assignedToIds: { of: 'directory', add: ['cy'], remove: ['ann'] },
      tags: { of: null, add: ['health'], remove: [] },
    });
    expect(merge.outgoing).toMatchObject({ assigned_to: ['cy', 'bo'], tags: ['vip', 'health', 'north'] });
    expect(merge.conflicts).toEqual([]);
  });

  it('is sent nothing before its lists have been read, because a list of accounts leaves some out', () => {
    const { book, record, shadow } = withPeople();
    const { contacts: _, tags: __, ...inList } = shadow;
    const renamed = { ...record, name: 'Acme Depot', tags: ['vip', 'new'] } as BookRecord;
    const first = mergeWire(account, renamed, inList, inList, book.context());
    expect(first).toMatchObject({ outgoing: null, conflicts: [] });
    expect(first.unread.sort()).toEqual(['contacts', 'tags']);
    const second = mergeWire(
      account,
      renamed,
      inList,
      { ...shadow, contacts: ['gabriel', 'unseen'], tags: ['vip', 'theirs'] },
      book.context(),
    );
    expect(second).toMatchObject({
      unread: [],
      outgoing: { name: 'Acme Depot', contacts: ['gabriel', 'unseen'], tags: ['vip', 'theirs', 'new'] },
    });
  });

  it('is not sent a list in which something cannot be kept here', () => {
    const { book, record, shadow } = withPeople();
    const theirs = { ...shadow, tags: ['vip', 'x'.repeat(101)] };
    const merge = mergeWire(account, { ...record, tags: ['vip', 'new'] } as BookRecord, theirs, theirs, book.context());
    expect(merge).toMatchObject({ outgoing: null, held: [{ path: 'tags', reason: 'unkeepable' }] });
  });

  it('keeps the people it names whom this book does not have', () => {
    const { book, record, shadow } = withPeople();
    const theirs = { ...shadow, assigned_to: ['ann', 'stranger'], contacts: ['gabriel', 'of-another-account'] };
    const merge = mergeWire(account, { ...record, name: 'Acme Depot' } as BookRecord, theirs, theirs, book.context());
    expect(merge.incoming.lists).toEqual({});
    expect(merge.outgoing).toMatchObject({ assigned_to: ['ann', 'stranger'], contacts: ['gabriel', 'of-another-account'] });
  });

  it('takes a contact off an account only when it hangs on none here, because it may hang on two there', () => {
    const { book, record, shadow } = withPeople();
    const gabriel = book.get('contacts', 'contacts:gabriel') as BookRecord;
    book.put('contacts', { ...gabriel, clientId: 'clients:2' } as BookRecord);
    expect(mergeWire(account, record, shadow, shadow, book.context()).outgoing).toBeNull();
    book.put('contacts', { ...gabriel, clientId: null } as BookRecord);
    expect(mergeWire(account, record, shadow, shadow, book.context()).outgoing).toMatchObject({ contacts: [] });
  });

  it('waits with somebody the server has not got yet', () => {
    const { book, record, shadow } = withPeople();
    book.put('directory', blankRecord('users', 'not-sent-yet'));
    const merge = mergeWire(
      account,
      { ...record, assignedToIds: ['directory:ann', 'not-sent-yet'] } as BookRecord,
      shadow,
      shadow,
      book.context(),
    );
    expect(merge).toMatchObject({ outgoing: null, held: [{ path: 'assignedToIds', reason: 'waiting', value: 'not-sent-yet' }] });
  });

  it('speaks the word for closed that the server speaks', () => {
    const { book, record, shadow } = withPeople();
    const closed = { ...record, isActive: false } as BookRecord;
    expect(mergeWire(accountShapes('close'), closed, shadow, shadow, book.context()).outgoing).toMatchObject({ status: 'close' });
    expect(mergeWire(account, closed, { ...shadow, status: 'close' }, { ...shadow, status: 'close' }, book.context()).outgoing).toBeNull();
  });

  it('knows what a list says and a detail leaves out', () => {
    const { shadow } = withPeople();
    const { tags: _, ...withoutTags } = shadow;
    expect(advance(shadow, { ...withoutTags, phone: '1' }, account.answer)).toEqual({ ...shadow, phone: '1' });
  });
});

describe('Programs', () => {
  it('waits with a contact whose client has not been sent, and does not send the contact without it', () => {
    const { merge: shapes } = resourceOf(programs, 'client-contact');
    const book = new MemoryBook();
    const record = { ...blankRecord('contacts', 'contacts:5'), firstName: 'Gabriel' } as BookRecord;
    const shadow = encode(shapes.answer, record, book.context()).wire;
    const merge = mergeWire(
      shapes,
      { ...record, clientId: 'a-new-client', title: 'Director' } as BookRecord,
      shadow,
      shadow,
      book.context(),
    );
    expect(merge).toMatchObject({ outgoing: { title: 'Director' }, held: [{ path: 'clientId', reason: 'waiting' }] });
    expect(merge.outgoing).not.toHaveProperty('client');
  });

  it('does not take away a user it names whom this book does not have', () => {
    const { merge: shapes } = resourceOf(programs, 'client-contact');
    const book = new MemoryBook();
    const record = book.put('contacts', { ...blankRecord('contacts', 'contacts:5'), firstName: 'Gabriel' } as BookRecord);
    const theirs = { ...encode(shapes.answer, record, book.context()).wire, user_info: { id: 123, username: 'mirainuko' } };
    expect(mergeWire(shapes, record, theirs, theirs, book.context())).toMatchObject({
      outgoing: null,
      held: [],
      conflicts: [],
      incoming: { references: {} },
    });
    book.put('directory', blankRecord('users', 'directory:123'));
    expect(mergeWire(shapes, record, theirs, theirs, book.context()).outgoing).toEqual({ user: null });
  });

  it('takes over a client by its id there, and clears one that was cleared', () => {
    const { merge: shapes } = resourceOf(programs, 'client-contact');
    const book = new MemoryBook();
    book.put('clients', { ...blankRecord('clients', 'clients:1'), name: 'Acme' } as BookRecord);
    const record = book.put('contacts', { ...blankRecord('contacts', 'contacts:5'), clientId: 'clients:1' } as BookRecord);
    const shadow = encode(shapes.answer, record, book.context()).wire;
    expect(
      mergeWire(shapes, record, shadow, { ...shadow, client_info: { id: 2, name: 'Other', is_active: true } }, book.context()).incoming
        .references,
    ).toEqual({ clientId: { of: 'clients', id: '2' } });
    expect(mergeWire(shapes, record, shadow, { ...shadow, client_info: null }, book.context()).incoming.references).toEqual({
      clientId: { of: 'clients', id: null },
    });
  });
});

describe('The laws of merging lists of people', () => {
  const known = ['ann', 'bo', 'cy', 'di'];
  const strangers = ['stranger-1', 'stranger-2'];
  const unsent = ['not-sent-1', 'not-sent-2'];
  const someOf = (all: readonly string[]) => fc.uniqueArray(fc.constantFrom(...all));

  it('both sides end with everybody either named and nobody either took away, whoever the other does not know', () => {
    checkProperty(
      fc.property(
        someOf([...known, ...strangers]),
        someOf([...known, ...strangers]),
        someOf([...known, ...unsent]),
        (base, theirs, ours) => {
          const book = new MemoryBook();
          for (const one of known) book.put('directory', blankRecord('users', `directory:${one}`));
          for (const one of unsent) book.put('directory', blankRecord('users', one));
          const idOf = (one: string) => (known.includes(one) ? `directory:${one}` : one);
          const record = { ...blankRecord('clients', 'clients:1'), name: 'Acme', assignedToIds: ours.map(idOf) } as BookRecord;
          const shadow = { ...encode(account.answer, record, book.context()).wire, assigned_to: base };
          const merge = mergeWire(account, record, shadow, { ...shadow, assigned_to: theirs }, book.context());
          const edit: Pick<ListEdit, 'add' | 'remove'> = merge.incoming.lists['assignedToIds'] ?? { add: [], remove: [] };
          const here = new Set([...ours.filter((one) => !edit.remove.includes(one)), ...edit.add]);
          const there = new Set((merge.outgoing?.['assigned_to'] ?? theirs) as string[]);

          const taken = (one: string) => base.includes(one) && (!theirs.includes(one) || (known.includes(one) && !ours.includes(one)));
          const wanted = [...new Set([...base, ...theirs, ...ours])].filter((one) => !taken(one));
          expect([...there].sort()).toEqual(wanted.filter((one) => !unsent.includes(one)).sort());
          // Here too, but for strangers seen before, whom this book has nobody for.
          expect([...here].sort()).toEqual(wanted.filter((one) => !strangers.includes(one) || !base.includes(one)).sort());
          expect(merge.held.map((one) => String(one.value)).sort()).toEqual(ours.filter((one) => unsent.includes(one)).sort());
          expect(merge.conflicts).toEqual([]);
        },
      ),
    );
  });
});

/** What a member's value in the book is once it has been through the dialect. */
function through(shapes: MergeShapes, member: ValueMember, record: BookRecord, book: MemoryBook): { value: unknown; isSayable: boolean } {
  // The same member may stand in both shapes, and each has a schema of its own for it.
  const changing = shapes.change?.members.find((one): one is ValueMember => one.kind === 'value' && one.book === member.book);
  const shape = changing === undefined ? shapes.answer : (shapes.change ?? shapes.answer);
  const written = writeMember(shape, changing ?? member, record, book.context());
  if (written instanceof Unsayable) return { value: valueAt(record, member.book), isSayable: false };
  return { value: readMember(shapes.answer, member, written, {}).value, isSayable: true };
}

const isPlain = (member: Member): member is ValueMember =>
  member.kind === 'value' && member.isOrigin !== true && member.elementKey === undefined;

/** Three states of one record, alike in many fields: what was seen last, ours now, theirs now. */
function threeStates(shapes: MergeShapes): fc.Arbitrary<[BookRecord, BookRecord, BookRecord]> {
  const fields = bookFields[shapes.answer.kind];
  const names = Object.keys(fields.shape).filter(
    (name) =>
      !['externalIds', 'custom'].includes(name) &&
      !shapes.answer.members.some((member) => member.kind === 'reference' && member.book === name),
  );
  const state = (valuesOf(fields) as fc.Arbitrary<Record<string, unknown>>).map((drawn) => fields.parse(drawn) as Record<string, unknown>);
  const picks = fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: names.length, maxLength: names.length });
  return fc.tuple(state, state, state, picks, picks).map(([a, b, c, mine, theirs]) => {
    const blank = blankRecord(shapes.answer.kind, `${collectionOf[shapes.answer.kind]}:7`);
    const choose = (from: readonly number[]) =>
      ({
        ...blank,
        ...Object.fromEntries(names.map((name, at) => [name, ([a, b, c][from[at] as number] as Record<string, unknown>)[name]])),
      }) as BookRecord;
    return [choose(names.map(() => 0)), choose(mine), choose(theirs)];
  });
}

const merging = resources
  .filter(([, , resource]) => resource.answer.use === 'answer')
  .map(([name, , resource]) => [name, resource.merge] as const);

describe.each(merging)('The laws of merging: %s', (_, shapes) => {
  const members = shapes.answer.members.filter(isPlain);
  const isTaken = (path: string) => shapes.change?.members.some((member) => member.kind === 'value' && member.book === path) ?? false;

  it('each field goes where it has to: nowhere, in, out, or into a conflict with both values kept', () => {
    checkProperty(
      fc.property(threeStates(shapes), ([base, mine, theirs]) => {
        const book = new MemoryBook();
        const shadow = encode(shapes.answer, base, book.context()).wire;
        const remote = encode(shapes.answer, theirs, book.context()).wire;
        const merge = mergeWire(shapes, mine, shadow, remote, book.context());
        const from = decode(shapes.answer, shadow).fields;
        const now = decode(shapes.answer, remote).fields;
        for (const member of members) {
          const path = member.book;
          const b = from[path] ?? null;
          const t = now[path] ?? null;
          const { value, isSayable } = through(shapes, member, mine, book);
          const stored = valueAt(mine, path);
          const theyChanged = !sameValue(member, b, t);
          const weChanged =
            !sameValue(member, b, value) && (member.isComposed === true ? isTaken(path) || stored !== null : !sameValue(member, b, stored));
          const where = {
            in: Object.hasOwn(merge.incoming.fields, path),
            out: merge.sent.includes(path),
            conflict: merge.conflicts.find((one) => one.path === path),
            held: merge.held.some((one) => one.path === path),
          };
          const state = JSON.stringify({ path, b, value, stored, t });
          if (theyChanged && weChanged && !sameValue(member, value, t)) {
            expect(where, state).toEqual({ in: false, out: false, conflict: { path, base: b, mine: stored, theirs: t }, held: false });
          } else {
            expect(where, state).toEqual({
              in: theyChanged && !weChanged,
              out: weChanged && !theyChanged && isSayable && isTaken(path),
              conflict: undefined,
              held: weChanged && !theyChanged && !(isSayable && isTaken(path)),
            });
          }
        }
      }),
    );
  });

  it('comes to rest: after taking over and sending, nothing is left to do', () => {
    // A text that is emptied over there uncovers the lines under it, which are then sent: that takes a round more.
    const rounds = members.some((member) => member.isComposed) ? 2 : 1;
    checkProperty(
      fc.property(threeStates(shapes), ([base, mine, theirs]) => {
        const book = new MemoryBook();
        let record = mine;
        let remote = encode(shapes.answer, theirs, book.context()).wire;
        let shadow = encode(shapes.answer, base, book.context()).wire;
        let undecided: string[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const merge = mergeWire(shapes, record, shadow, remote, book.context());
          record = {
            ...record,
            ...topLevelChanges(shapes.answer.kind, record, merge.incoming.fields),
            ...edited(record, merge.incoming.lists),
          } as BookRecord;
          // The remote takes what it was sent, and answers with what it then has.
          if (merge.outgoing !== null) remote = advance(remote, merge.outgoing, shapes.answer);
          shadow = shadowAfter(shapes.answer, merge, remote);
          undecided = merge.conflicts.map((one) => one.path);
        }
        const rest = mergeWire(shapes, record, shadow, remote, book.context());
        expect(rest).toMatchObject({ outgoing: null, incoming: { fields: {}, references: {}, lists: {} } });
        expect(rest.conflicts.map((one) => one.path)).toEqual(undecided);
      }),
    );
  });

  it('never touches a field of the book that the dialect cannot express', () => {
    const { hears } = expressible(shapes);
    checkProperty(
      fc.property(threeStates(shapes), ([base, mine, theirs]) => {
        const book = new MemoryBook();
        const shadow = encode(shapes.answer, base, book.context()).wire;
        const merge = mergeWire(shapes, mine, shadow, encode(shapes.answer, theirs, book.context()).wire, book.context());
        const changes = topLevelChanges(shapes.answer.kind, mine, merge.incoming.fields);
        for (const path of [...Object.keys(merge.incoming.fields), ...Object.keys(merge.incoming.lists)]) expect(hears).toContain(path);
        for (const [top, value] of Object.entries(changes)) {
          for (const path of leavesOf(top, value)) {
            if (!hears.includes(path) && !hears.includes(top))
              expect(valueAt({ [top]: value }, path), path).toEqual(valueAt(mine, top) === null ? null : valueAt(mine, path));
          }
        }
      }),
    );
  });

  it('does nothing where nothing changed', () => {
    checkProperty(
      fc.property(threeStates(shapes), ([base]) => {
        const book = new MemoryBook();
        const shadow = encode(shapes.answer, base, book.context()).wire;
        const merge = mergeWire(shapes, base, shadow, shadow, book.context());
        expect(merge).toMatchObject({ outgoing: null, conflicts: [], incoming: { fields: {}, references: {}, lists: {} }, deletion: null });
        // What could not be shown there is still told.
        for (const held of merge.held) if (members.some((member) => member.book === held.path)) expect(held.reason).toBe('unsayable');
      }),
    );
  });
});

/** The book's lists after the edits of a merge. */
function edited(record: BookRecord, lists: ReturnType<typeof mergeWire>['incoming']['lists']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(lists).map(([path, { add, remove }]) => [
      path,
      [...((valueAt(record, path) ?? []) as string[]).filter((one) => !remove.includes(one)), ...add],
    ]),
  );
}

function leavesOf(top: string, value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).map((key) => `${top}.${key}`) : [top];
}

function addressOf(parts: Record<string, string>) {
  return { ...(blankRecord('clients', 'x') as BookRecord & { address: object }).address, ...parts };
}
