import { describe, expect, it } from 'vitest';
import { bottlecrmManifest } from '../../shared/dialects/bottlecrm.manifest.ts';
import { caseworkManifest } from '../../shared/dialects/casework.manifest.ts';
import { programsManifest } from '../../shared/dialects/programs.manifest.ts';
import { skhokhoManifest } from '../../shared/dialects/skhokho.manifest.ts';
import { summitManifest } from '../../shared/dialects/summit.manifest.ts';
import { bottlecrmStandIn } from './support/bottlecrm.stand-in.ts';
import { caseworkStandIn } from './support/casework.stand-in.ts';
import { remoteLaptop } from './support/laptop.ts';
import { programsStandIn } from './support/programs.stand-in.ts';
import { skhokhoStandIn } from './support/skhokho.stand-in.ts';
import { asFetch, noTrouble, type Row } from './support/stand-in.ts';
import { summitStandIn } from './support/summit.stand-in.ts';

const quiet = { created: 0, changed: 0, deleted: 0 };

describe.each([
  ['whole lists', programsStandIn],
  ['pages', () => programsStandIn({ pageSize: 2 })],
])('Programs in %s', (_, standIn) => {
  const meetPrograms = () => {
    const [there, faulted] = [standIn(), noTrouble()];
    const laptop = remoteLaptop({ manifest: programsManifest, signIn: { kind: 'token', token: 'token' }, fetch: asFetch(there, faulted) });
    return { there, faulted, laptop };
  };
  async function sentBook() {
    const met = meetPrograms();
    const { laptop } = met;
    const client = await laptop.create('clients', { name: 'Acme' });
    const contact = await laptop.create('contacts', {
      clientId: client.id,
      firstName: 'Ana',
      lastName: 'Lopez',
      email: 'ana@acme.example',
    });
    const place = await laptop.create('locations', { clientId: client.id, name: 'North' });
    const role = await laptop.create('locationContacts', { locationId: place.id, contactId: contact.id, title: 'Chief' });
    const item = await laptop.create('itemPrices', {
      invoiceItem: 'Training',
      itemCode: 'T-1',
      defaultPrice: '12.5',
      defaultTaxRate: '0.08',
    });
    const receipt = await laptop.meet();
    return { ...met, client, contact, place, role, item, receipt };
  }

  it('gets a client with its people, places, roles and prices in one cycle, each naming what it hangs on', async () => {
    const { there, laptop, receipt } = await sentBook();
    expect(receipt.sent.created).toBe(5);
    const [client, contact, place, item] = [
      there.rows('client'),
      there.rows('client-contact'),
      there.rows('program-location'),
      there.rows('item-price'),
    ].map(([row]) => row as Row) as [Row, Row, Row, Row];
    expect(contact).toMatchObject({ client: client['id'], first_name: 'Ana' });
    expect(place).toMatchObject({ client: client['id'], program_name: 'North' });
    expect(there.rows('program-location-contact')).toMatchObject([
      { program_location: place['id'], client_contact: contact['id'], title: 'Chief' },
    ]);
    expect(item).toMatchObject({ default_price: '12.50', default_tax_rate: '0.0800' });
    await laptop.meet();
    const { sent, received, lines } = await laptop.meet();
    expect({ sent, received, lines }).toEqual({ sent: quiet, received: quiet, lines: [] });
  });

  it('tells a price of a place, and hears one', async () => {
    const { there, laptop } = await sentBook();
    await laptop.meet();
    const [price] = laptop.live('locationItemPrices');
    await laptop.change('locationItemPrices', price?.id ?? '', { customPrice: '9.9' });
    expect((await laptop.meet()).sent.changed).toBe(1);
    const [row] = there.rows('program-location-item-price') as [Row];
    expect(row['custom_price']).toBe('9.90');
    there.edit('program-location-item-price', String(row['id']), { custom_price: '8.00' });
    await laptop.meet();
    expect(laptop.live('locationItemPrices')[0]?.customPrice).toBe('8.00');
    expect((await laptop.meet()).lines).toEqual([]);
  });

  it('takes over all of it on a fresh laptop, and costs one request a page after that', async () => {
    const { there } = await sentBook();
    const faulted = noTrouble();
    const fresh = remoteLaptop({ manifest: programsManifest, fetch: asFetch(there, faulted) });
    await fresh.meet();
    const [client] = fresh.live('clients');
    const [contact] = fresh.live('contacts');
    const [place] = fresh.live('locations');
    expect(contact).toMatchObject({ clientId: client?.id, firstName: 'Ana' });
    expect(place).toMatchObject({ clientId: client?.id, name: 'North', isPrimary: true });
    expect(fresh.live('locationContacts')).toMatchObject([{ locationId: place?.id, contactId: contact?.id, title: 'Chief' }]);
    expect(fresh.live('itemPrices')).toMatchObject([{ itemCode: 'T-1', defaultPrice: '12.50' }]);
    expect(fresh.live('locationItemPrices')).toHaveLength(1);
    await fresh.meet();
    faulted.calls.length = 0;
    expect((await fresh.meet()).lines).toEqual([]);
    expect(faulted.calls).toHaveLength(5);
  });

  it('deletes what hangs on a client before the client, and hears of a role that ended', async () => {
    const { there, laptop, client, faulted } = await sentBook();
    await laptop.meet();
    const other = there.add('client', { name: 'Other' });
    there.add('client', { name: 'Third' });
    await laptop.meet();
    await laptop.remove('clients', client.id);
    faulted.calls.length = 0;
    await laptop.meet();
    const deletions = faulted.calls.filter(({ method }) => method === 'DELETE').map(({ path }) => path.split('/')[1]);
    expect(deletions.at(-1)).toBe('client');
    expect(there.rows('client').map((row) => String(row['id']))).toContain(other);
    expect(there.rows('client')).toHaveLength(2);
    expect(there.rows('program-location')).toHaveLength(0);
    await laptop.meet();
    expect((await laptop.meet()).lines).toEqual([]);
  });

  it('sends a contact only when its client could be sent', async () => {
    const { there, laptop, faulted } = meetPrograms();
    const client = await laptop.create('clients', { name: 'Bad' });
    await laptop.create('contacts', { clientId: client.id, firstName: 'Ana' });
    faulted.trouble = (asked) =>
      asked.path === '/client/' && asked.method === 'POST' ? { kind: 'status', status: 400, body: { name: ['No.'] } } : null;
    const receipt = await laptop.meet();
    expect(receipt).toMatchObject({ refused: 1, waiting: 1 });
    expect(there.rows('client-contact')).toEqual([]);
    faulted.trouble = () => null;
    await laptop.change('clients', client.id, { name: 'Good' });
    await laptop.meet();
    expect(there.rows('client-contact')).toMatchObject([{ client: Number(there.rows('client')[0]?.['id']) }]);
  });
});

describe('Casework', () => {
  const meetCasework = () => {
    const [there, faulted] = [caseworkStandIn(), noTrouble()];
    const laptop = remoteLaptop({ manifest: caseworkManifest, signIn: { kind: 'token', token: 'token' }, fetch: asFetch(there, faulted) });
    return { there, faulted, laptop };
  };

  it('sends the first location with the client, keeps a zip its zeros, and says what is missing', async () => {
    const { there, laptop } = meetCasework();
    const bare = await laptop.create('clients', { name: 'No place' });
    const client = await laptop.create('clients', { name: 'Acme' });
    const place = await laptop.create('locations', {
      clientId: client.id,
      name: 'Main',
      physicalAddress: { region: 'Massachusetts', country: 'United States', postalCode: '02134' },
    });
    const receipt = await laptop.meet();
    expect(receipt.held).toContainEqual(
      expect.objectContaining({ bookId: bare.id, reason: 'refused', message: expect.stringMatching(/primary location/) }),
    );
    expect(there.rows('clients')).toMatchObject([{ name: 'Acme', primary_location: { state: 'MA', country: 'US', zip: 2134 } }]);
    await laptop.meet();
    expect(laptop.book.get('locations', place.id)?.physicalAddress.postalCode).toBe('02134');
    expect(laptop.live('locations')).toHaveLength(1);
    const location = laptop.book.get('locations', place.id);
    expect(Object.values(location?.externalIds ?? {})).toHaveLength(1);
  });

  it('asks only for what changed, from one second before the newest it has seen', async () => {
    const { there, laptop, faulted } = meetCasework();
    const ids = ['A', 'B', 'C'].map((name) => there.add('clients', { name }));
    await laptop.meet();
    faulted.calls.length = 0;
    there.edit('clients', ids[1] as string, { notes: 'news' });
    await laptop.meet();
    expect(faulted.calls).toHaveLength(1);
    expect(faulted.calls[0]?.query['updated_from']).toMatch(/^2026-03-01T00:00:0\dZ$/);
    expect(laptop.live('clients').find(({ name }) => name === 'B')?.notes).toBe('news');
    expect(laptop.live('clients')).toHaveLength(3);
    // An edit in the very second that was read is not missed.
    there.edit('clients', ids[2] as string, { notes: 'same second' });
    await laptop.meet();
    expect(laptop.live('clients').find(({ name }) => name === 'C')?.notes).toBe('same second');
  });
});

describe('Skhokho', () => {
  const meetSkhokho = (habits = {}) => {
    const [there, faulted] = [skhokhoStandIn(habits), noTrouble()];
    const laptop = remoteLaptop({
      manifest: skhokhoManifest,
      organisation: 'org-1',
      signIn: { kind: 'basic', email: 'a', password: 'b' },
      fetch: asFetch(there, faulted),
    });
    return { there, faulted, laptop };
  };

  it('keeps account numbers in no other place than the sealed fields of the book', async () => {
    const { there, laptop } = meetSkhokho();
    const client = await laptop.create('clients', { name: 'Acme', banking: { bankName: 'First Bank', accountNumber: '62-1234567' } });
    await laptop.meet();
    expect(there.rows('clients')).toMatchObject([{ banking_information: { account_number: '62-1234567' } }]);
    there.edit('clients', client.id, {
      banking_information: { ...(there.rows('clients')[0]?.['banking_information'] as Row), branch_code: '250655' },
    });
    await laptop.meet();
    expect(laptop.book.get('clients', client.id)?.banking).toMatchObject({ accountNumber: '62-1234567', branchCode: '250655' });
    expect(JSON.stringify([...laptop.memory])).not.toMatch(/62-1234567|First Bank|250655/);
    await laptop.change('clients', client.id, { banking: { accountNumber: '99-7654321' } });
    await laptop.meet();
    expect(there.rows('clients')).toMatchObject([
      { banking_information: { account_number: '99-7654321', bank_name: 'First Bank', branch_code: '250655' } },
    ]);
    expect((await laptop.meet()).lines).toEqual([]);
  });

  it('sends an address whole when a part of it changed, because a part would empty the rest', async () => {
    const { there, laptop } = meetSkhokho();
    const id = there.add('clients', { name: 'Acme', address: { address_line_1: '1 Main St', city: 'Durban', phone: '+27315550100' } });
    await laptop.meet();
    const [client] = laptop.live('clients');
    await laptop.change('clients', client?.id ?? '', { address: { city: 'Pretoria' } });
    await laptop.meet();
    expect(there.rows('clients').find((row) => row['unique_id'] === id)?.['address']).toMatchObject({
      address_line_1: '1 Main St',
      city: 'Pretoria',
      phone: '+27315550100',
    });
  });

  it('keeps in the book what it has no word for, with the reason, and touches nothing there for it', async () => {
    const { there, laptop } = meetSkhokho();
    const client = await laptop.create('clients', { name: 'Acme', industry: 'Beekeeping' });
    const receipt = await laptop.meet();
    expect(there.rows('clients')).toMatchObject([{ industry: null }]);
    expect(receipt.held).toContainEqual(expect.objectContaining({ bookId: client.id, path: 'industry', reason: 'unsayable' }));
    expect(laptop.book.get('clients', client.id)?.industry).toBe('Beekeeping');
    expect((await laptop.meet()).sent).toEqual(quiet);
  });

  it('takes over the people and the primary contact that stand in a client', async () => {
    const { there, laptop } = meetSkhokho();
    there.add('clients', { name: 'Acme' });
    const id = String(there.rows('clients')[0]?.['unique_id']);
    there.edit('clients', id, {
      account_owner: { unique_id: 'p-1', full_name: 'Thandi Owner' },
      primary_contact: {
        unique_id: 'c-1',
        first_name: 'Sipho',
        last_name: 'Ndlovu',
        name: 'Sipho Ndlovu',
        email: 's@acme.example',
        phone: null,
        job_title: null,
        primary_contact: true,
        is_active: true,
        entity_type: 'client',
        entity_id: id,
      },
    });
    await laptop.meet();
    const [owner] = laptop.live('directory');
    expect(owner).toMatchObject({ kind: 'user', fullName: 'Thandi Owner' });
    expect(laptop.live('clients')).toMatchObject([{ accountOwnerId: owner?.id }]);
    expect(laptop.live('contacts')).toMatchObject([{ firstName: 'Sipho', isPrimary: true, clientId: laptop.live('clients')[0]?.id }]);
    expect((await laptop.meet()).lines).toEqual([]);
  });
});

describe.each(['bottlecrm', 'bottlecrm-2025-11', 'bottlecrm-1.2'] as const)('BottleCRM, %s', (edition) => {
  const meetBottle = () => {
    const [there, faulted] = [bottlecrmStandIn({ edition }), noTrouble()];
    const laptop = remoteLaptop({ manifest: bottlecrmManifest, organisation: 'org-1', fetch: asFetch(there, faulted) });
    return { there, faulted, laptop };
  };
  const wholeAddress =
    edition === 'bottlecrm-1.2'
      ? { city: 'Boulder' }
      : {
          billing_address_line: '2 Side St',
          billing_city: 'Boulder',
          billing_state: 'CO',
          billing_postcode: '80301',
          billing_country: 'US',
        };

  it('is recognised by asking, and remembered', async () => {
    const { there, laptop, faulted } = meetBottle();
    there.add('accounts', { name: 'Acme', email: 'a@acme.example', ...wholeAddress });
    expect((await laptop.meet()).edition).toBe(edition);
    faulted.calls.length = 0;
    await laptop.meet();
    expect(faulted.calls).toHaveLength(1);
  });

  it('gives contacts to their accounts, who are all active, and people to the directory', async () => {
    const { there, laptop } = meetBottle();
    const mail = edition === 'bottlecrm-1.2' ? { email: 'p@acme.example' } : { primary_email: 'p@acme.example' };
    const contact = there.add('contacts', {
      first_name: 'Pia',
      last_name: 'Peters',
      ...mail,
      ...(edition === 'bottlecrm' && { is_active: true }),
    });
    there.add('accounts', {
      name: 'Acme',
      email: 'a@acme.example',
      ...wholeAddress,
      contacts: edition === 'bottlecrm-2025-11' ? JSON.stringify([contact]) : [contact],
    });
    await laptop.meet();
    await laptop.meet();
    expect(laptop.live('contacts')).toMatchObject([
      { firstName: 'Pia', email: 'p@acme.example', isActive: true, clientId: laptop.live('clients')[0]?.id },
    ]);
    expect(laptop.live('clients')).toMatchObject([{ address: { city: 'Boulder' } }]);
    expect(laptop.live('directory')).toMatchObject([{ fullName: 'Uma User' }]);
    expect((await laptop.meet()).lines).toEqual([]);
  });

  it('keeps lists that an update does not mean to change', async () => {
    const { there, laptop } = meetBottle();
    const tags = ['vip', 'north'];
    const id = there.add('accounts', {
      name: 'Acme',
      email: 'a@acme.example',
      ...wholeAddress,
      tags: edition === 'bottlecrm-2025-11' ? JSON.stringify(tags) : tags,
    });
    await laptop.meet();
    const [client] = laptop.live('clients');
    expect(client?.tags).toEqual(tags);
    await laptop.change('clients', client?.id ?? '', { phone: '+13035550100' });
    await laptop.meet();
    expect(there.rows('accounts').find((row) => row['id'] === id)).toMatchObject({ phone: '+13035550100', tags });
    expect((await laptop.meet()).lines).toEqual([]);
  });

  it('closes an account in the words of the edition', async () => {
    const { there, laptop } = meetBottle();
    there.add('accounts', { name: 'Acme', email: 'a@acme.example', ...wholeAddress });
    await laptop.meet();
    await laptop.change('clients', laptop.live('clients')[0]?.id ?? '', { isActive: false });
    await laptop.meet();
    const [row] = there.rows('accounts') as [Row];
    expect(row[edition === 'bottlecrm-1.2' ? 'is_active' : 'status']).toBe(
      edition === 'bottlecrm-1.2' ? false : edition === 'bottlecrm' ? 'closed' : 'close',
    );
    expect((await laptop.meet()).lines).toEqual([]);
  });

  it('puts right what a failed update left half done', async () => {
    const { there, laptop, faulted } = meetBottle();
    const tags = ['vip'];
    there.add('accounts', {
      name: 'Acme',
      email: 'a@acme.example',
      ...wholeAddress,
      tags: edition === 'bottlecrm-2025-11' ? JSON.stringify(tags) : tags,
    });
    await laptop.meet();
    const [client] = laptop.live('clients');
    await laptop.change('clients', client?.id ?? '', { description: 'news' });
    let isFirst = true;
    faulted.trouble = ({ method }) => {
      if ((method !== 'PUT' && method !== 'PATCH') || !isFirst) return null;
      isFirst = false;
      there.edit('accounts', String(there.rows('accounts')[0]?.['id']), {
        description: 'news',
        tags: edition === 'bottlecrm-1.2' ? tags : [],
      });
      return { kind: 'page', status: 500 };
    };
    await laptop.meet();
    await laptop.meet();
    expect(there.rows('accounts')).toMatchObject([{ description: 'news', tags }]);
    expect(laptop.live('clients')[0]?.tags).toEqual(tags);
  });

  it('stops where another edition answers than before', async () => {
    const { there, laptop } = meetBottle();
    there.add('accounts', { name: 'Acme', email: 'a@acme.example', ...wholeAddress });
    await laptop.meet();
    const other = bottlecrmStandIn({ edition: edition === 'bottlecrm' ? 'bottlecrm-1.2' : 'bottlecrm' });
    const receipt = await laptop.meet({ fetch: asFetch(other, noTrouble()) });
    expect(receipt.fault?.message).toMatch(/does not answer as it did/);
    expect(laptop.live('clients')).toHaveLength(1);
  });
});

describe('two systems at once', () => {
  it('each knows a record by its own id, and one that fails does not hold up the other', async () => {
    const summit = summitStandIn();
    const programs = programsStandIn();
    const laptop = remoteLaptop({ manifest: summitManifest, fetch: asFetch(summit, noTrouble()) });
    const client = await laptop.create('clients', { name: 'Acme', phone: '555-0101' });
    const down = noTrouble();
    const other = laptop.beside({ manifest: programsManifest, base: 'https://programs.example.com', fetch: asFetch(programs, down) });
    await laptop.meet();
    down.trouble = () => ({ kind: 'page', status: 502 });
    expect((await other.meet()).state).toBe('failed');
    summit.edit('clients', '1', { name: 'Acme Ltd' });
    await laptop.meet();
    down.trouble = () => null;
    await other.meet();
    expect(programs.rows('client')).toMatchObject([{ name: 'Acme Ltd' }]);
    programs.edit('client', String(programs.rows('client')[0]?.['id']), { name: 'Acme Group' });
    await other.meet();
    await laptop.meet();
    expect(summit.rows('clients')).toMatchObject([{ name: 'Acme Group', phone: '555-0101' }]);
    expect(Object.keys(laptop.book.get('clients', client.id)?.externalIds ?? {}).sort()).toEqual([
      'programs@programs.example.com',
      'summit@crm.example.com',
    ]);
    expect((await laptop.meet()).lines).toEqual([]);
    expect((await other.meet()).lines).toEqual([]);
  });
});

describe.each(['bottlecrm', 'bottlecrm-2025-11', 'bottlecrm-1.2'] as const)('What hangs on an account of %s', (edition) => {
  const whole = {
    billing_address_line: '2 Side St',
    billing_city: 'Boulder',
    billing_state: 'CO',
    billing_postcode: '80301',
    billing_country: 'US',
  };
  const meetBottle = () => {
    const [there, faulted] = [bottlecrmStandIn({ edition }), noTrouble()];
    const laptop = remoteLaptop({ manifest: bottlecrmManifest, organisation: 'org-1', fetch: asFetch(there, faulted) });
    const account = there.add('accounts', { name: 'Acme', email: 'a@acme.example', ...(edition === 'bottlecrm-1.2' ? {} : whole) });
    const hung = {
      opportunity: there.add('opportunities', {
        account,
        name: 'Forty ovens',
        stage: 'QUALIFICATION',
        amount: '1200.50',
        currency: 'USD',
        probability: 40,
        contacts: [],
        tags: [],
        assigned_to: [],
        teams: [],
      }),
      case: there.add('cases', {
        account,
        name: 'Oven is cold',
        status: 'New',
        priority: 'High',
        case_type: null,
        contacts: [],
        assigned_to: [],
        teams: [],
      }),
      task: there.add('tasks', {
        account,
        title: 'Call back',
        status: 'New',
        priority: 'Low',
        due_date: '2026-04-01',
        assigned_to: [],
        teams: [],
      }),
      comment: there.add('comments', {
        account,
        comment: 'Ask for Grace',
        commented_on: '2026-03-01T08:00:00Z',
        commented_by: 'profile-9',
      }),
    };
    return { there, faulted, laptop, account, hung };
  };

  it('comes with it: opportunities, cases, tasks and comments, each on its client', async () => {
    const { laptop } = meetBottle();
    await laptop.meet();
    const [client] = laptop.live('clients');
    expect(laptop.live('opportunities')).toMatchObject([
      { name: 'Forty ovens', stage: 'qualification', amount: '1200.50', probability: 40, clientId: client?.id },
    ]);
    expect(laptop.live('cases')).toMatchObject([{ name: 'Oven is cold', priority: 'high', clientId: client?.id }]);
    expect(laptop.live('tasks')).toMatchObject([{ title: 'Call back', dueDate: '2026-04-01', clientId: client?.id }]);
    expect(laptop.live('activities')).toMatchObject([
      { kind: 'comment', body: 'Ask for Grace', about: 'clients', aboutId: client?.id, occurredAt: '2026-03-01T08:00:00.000Z' },
    ]);
  });

  it('costs nothing in a cycle with nothing new, is asked for again a day later, and comes once', async () => {
    const { there, faulted, laptop, hung } = meetBottle();
    await laptop.meet();
    await laptop.meet();
    faulted.calls.length = 0;
    expect((await laptop.meet()).lines).toEqual([]);
    expect(faulted.calls).toHaveLength(1);
    there.edit('tasks', hung.task, { status: 'Completed' });
    laptop.clock.moveTo('2026-03-06T09:00:00.000Z');
    const receipt = await laptop.meet();
    expect(receipt.received).toEqual({ created: 0, changed: 1, deleted: 0 });
    expect(laptop.live('tasks')).toMatchObject([{ title: 'Call back', status: 'completed' }]);
    expect(faulted.calls.every(({ method }) => method === 'GET')).toBe(true);
    laptop.forget();
    await laptop.meet();
    await laptop.meet();
    for (const noun of ['opportunities', 'cases', 'tasks', 'activities'] as const) expect(laptop.live(noun), noun).toHaveLength(1);
  });

  it('is asked for of a new account at once, and some hundred at a time of many', async () => {
    const { there, faulted, laptop } = meetBottle();
    await laptop.meet();
    const add = (name: string) =>
      there.add('accounts', { name, email: `${name}@x.example`, ...(edition === 'bottlecrm-1.2' ? {} : whole) });
    const fresh = add('Fresh');
    there.add('tasks', {
      account: fresh,
      title: 'First visit',
      status: 'New',
      priority: 'Low',
      due_date: null,
      assigned_to: [],
      teams: [],
    });
    await laptop.meet();
    expect(
      laptop
        .live('tasks')
        .map(({ title }) => title)
        .toSorted(),
    ).toEqual(['Call back', 'First visit']);
    for (let at = 0; at < 450; at++) add(`Many ${String(at).padStart(3, '0')}`);
    laptop.clock.moveTo('2026-03-06T09:00:00.000Z');
    const details = async () => {
      faulted.calls.length = 0;
      await laptop.meet();
      return faulted.calls.filter(({ path }) => /\/api\/accounts\/[^/]+\/$/.test(path)).length;
    };
    expect([await details(), await details(), await details(), await details()]).toEqual([200, 200, 52, 0]);
    // A round that a weekend came between begins anew, once, and comes to its end.
    laptop.clock.moveTo('2026-03-07T10:00:00.000Z');
    expect(await details()).toBe(200);
    laptop.clock.moveTo('2026-03-09T10:00:00.000Z');
    expect([await details(), await details(), await details(), await details()]).toEqual([200, 200, 52, 0]);
  });

  it('keeps nothing else from coming where one account cannot be shown, and is read only', async () => {
    const { there, faulted, laptop } = meetBottle();
    there.add('accounts', { name: 'Beta', email: 'b@x.example', ...(edition === 'bottlecrm-1.2' ? {} : whole) });
    faulted.trouble = ({ path }) => (/\/api\/accounts\/[^/]+\/$/.test(path) ? { kind: 'page', status: 403 } : null);
    expect((await laptop.meet()).state).toBe('done');
    expect(laptop.live('clients')).toHaveLength(2);
    expect(laptop.live('tasks')).toEqual([]);
    faulted.trouble = () => null;
    laptop.clock.moveTo('2026-03-06T09:00:00.000Z');
    await laptop.meet();
    const [task] = laptop.live('tasks');
    await laptop.change('tasks', task?.id ?? '', { title: 'Mine' });
    faulted.calls.length = 0;
    laptop.clock.moveTo('2026-03-08T09:00:00.000Z');
    const receipt = await laptop.meet();
    expect(faulted.calls.every(({ method }) => method === 'GET')).toBe(true);
    expect(receipt.held).toContainEqual(expect.objectContaining({ bookId: task?.id, path: 'title', reason: 'readOnly' }));
    expect(laptop.live('tasks')).toMatchObject([{ title: 'Mine' }]);
  });
});
