import { say } from '../../../../../shared/words/say.ts';
import { expect, it } from 'vitest';
import { locationItemPriceId } from '../../../../../shared/nouns/location-item-price/location-item-price.ts';
import type { ImportNoun } from '../../../../../shared/nouns/import-target.ts';
import type { NounName, RecordOf } from '../../../../../shared/nouns/nouns.ts';
import { openDesk, type TransferDesk } from '../../../../support/transfer-desk.ts';
import { problemOf } from '../../../../support/opened-book.ts';

/** Lists of everything that is not a client, a contact or a location. */

const all = <N extends NounName>({ laptop }: Pick<TransferDesk, 'laptop'>, noun: N): RecordOf[N][] =>
  [...laptop.book.all(noun)].filter(({ deletedAt }) => deletedAt === null);

async function office() {
  const desk = await openDesk();
  const { laptop } = desk;
  const bakery = (await laptop.clients.create({ name: 'Harbor Bakery', accountCode: 'HB' })).record.id;
  const mill = (await laptop.clients.create({ name: 'Old Mill' })).record.id;
  const shop = (await laptop.locations.create({ clientId: bakery, name: 'Shop' })).record.id;
  const depot = (await laptop.locations.create({ clientId: mill, name: 'Depot' })).record.id;
  const grace = (await laptop.contacts.create({ clientId: bakery, firstName: 'Grace', lastName: 'Hopper' })).record.id;
  const ada = (await laptop.directory.create({ fullName: 'Ada Lovelace', email: 'ada@office.example' })).record.id;
  return { desk, laptop, bakery, mill, shop, depot, grace, ada };
}

/** What the check says of a file as its columns are placed by themselves, and the rows it would not bring in. */
async function checked(desk: TransferDesk, text: string, name = 'list.csv') {
  const { plan, preview } = await desk.look(name, text);
  const { counts, rows } = await desk.imports.dryRun(plan);
  return {
    plan,
    lists: preview.lists,
    targets: preview.columns.map(({ target }) => target),
    counts,
    reasons: rows.filter(({ verdict }) => verdict === 'error').map(({ reason }) => reason && say(reason)),
  };
}

it('brings in a price list, finds it again by its codes, and reads a tax rate however it is written', async () => {
  const { desk } = await office();
  const file = 'Item,Code,Price,VAT\nBread,B1,4.00,7.75%\nCake,C1,"9,50",0.19\nRolls,R1,$ 1.20,19\n';
  const { plan, lists, targets } = await checked(desk, file);
  expect(lists).toBe('itemPrices');
  expect(targets).toEqual(['item.invoiceItem', 'item.itemCode', 'item.defaultPrice', 'item.defaultTaxRate']);
  expect(await desk.bring(plan)).toMatchObject({ state: 'done', counts: { new: 3 }, made: { itemPrices: 3 } });
  expect(all(desk, 'itemPrices').map(({ itemCode, defaultPrice, defaultTaxRate }) => [itemCode, defaultPrice, defaultTaxRate])).toEqual([
    ['B1', '4.00', '0.0775'],
    ['C1', '9.50', '0.19'],
    ['R1', '1.20', '0.19'],
  ]);
  expect((await checked(desk, file)).counts).toMatchObject({ unchanged: 3 });
  const later = await checked(desk, 'Item,Code,Price\nBread,b1,4.20\nCake,,9.50\n,X9,1.00\nSoup,S1,warm\n');
  expect(later.counts).toMatchObject({ update: 1, unchanged: 1, error: 2 });
  expect(later.reasons).toEqual(['The item price has no item.', 'Item: Default price: “warm” is not a number. Write it like 1234.50.']);
});

it('brings in own prices at locations that are there, and makes no location of a name that is written another way', async () => {
  const { desk, laptop, shop, depot, mill } = await office();
  const bread = (await laptop.itemPrices.create({ invoiceItem: 'Bread', itemCode: 'B1', defaultPrice: '4.00' })).record.id;
  const file =
    'Client,Location name,Item,Own price\nHarbor Bakery,Shop,Bread,3.50\nOld Mill,Depot,B1,\nOld Mill,Depo,Bread,3.00\nOld Mill,Depot,Soup,3.00\n';
  const first = await checked(desk, file);
  expect(first.lists).toBe('locationItemPrices');
  expect(first.targets).toEqual(['client.name', 'location.name', 'item.invoiceItem', 'price.customPrice']);
  expect(first.counts).toMatchObject({ new: 1, skip: 1, error: 2 });
  expect(first.reasons).toEqual([
    '“Old Mill” has no location “Depo”. Check the name, or import its locations first.',
    'No item has the code or name “Soup”. Check it, or import the price list first.',
  ]);
  await desk.bring(first.plan);
  expect(laptop.book.get('locationItemPrices', locationItemPriceId(shop, bread))).toMatchObject({ customPrice: '3.50' });
  expect(all(desk, 'locations')).toHaveLength(2);

  // The name of a place alone says which, where there is one of it.
  const byPlace = 'Location name,Code,Own price\nShop,B1,3.40\nDepot,B1,3.80\n';
  await desk.bring((await checked(desk, byPlace)).plan);
  expect(laptop.book.get('locationItemPrices', locationItemPriceId(shop, bread))).toMatchObject({ customPrice: '3.40' });
  expect(laptop.book.get('locationItemPrices', locationItemPriceId(depot, bread))).toMatchObject({ customPrice: '3.80' });
  await laptop.locations.create({ clientId: mill, name: 'Shop' });
  expect((await checked(desk, byPlace)).reasons).toEqual(['More than one location is called “Shop”. Add a column that names the client.']);
});

it('brings in opportunities with client, contact and people, and names nobody who is not in the book', async () => {
  const { desk, laptop, bakery, grace, ada } = await office();
  const file = [
    'Client,Deal,Stage,Amount,Contact name,Assigned to',
    'Harbor Bakery,New ovens,Proposal,"12,000.00",Grace Hopper,Ada Lovelace',
    'Brand New Ltd,First order,,500,,ada@office.example',
    'Harbor Bakery,,Proposal,1,,',
    'Harbor Bakery,Roof,Proposal,1,,Nobody Known',
    ',Lost,Proposal,1,,',
  ].join('\n');
  const { plan, lists, targets, counts, reasons } = await checked(desk, file);
  expect(lists).toBe('opportunities');
  expect(targets).toEqual([
    'client.name',
    'opportunity.name',
    'opportunity.stage',
    'opportunity.amount',
    'contact.fullName',
    'opportunity.assignedToIds',
  ]);
  expect(counts).toMatchObject({ new: 2, error: 3 });
  expect(reasons).toEqual([
    'The opportunity has no name.',
    'Opportunity: Assigned to: no person is called “Nobody Known”. Add the person under People and teams first, or leave the column out.',
    'The opportunity has no client: the cell that names it is empty.',
  ]);
  expect(await desk.bring(plan)).toMatchObject({ made: { opportunities: 2, clients: 1 } });
  const [ovens, order] = all(desk, 'opportunities');
  expect(ovens).toMatchObject({ clientId: bakery, stage: 'proposal', amount: '12000.00', contactIds: [grace], assignedToIds: [ada] });
  expect(laptop.clients.get(order?.clientId ?? '').name).toBe('Brand New Ltd');
  expect((await checked(desk, `${file.split('\n').slice(0, 3).join('\n')}\n`)).counts).toMatchObject({ unchanged: 2 });
  // Taken back as one step, with the client it made.
  const [job] = await desk.imports.list();
  await desk.imports.undo(job?.id ?? '');
  expect([all(desk, 'opportunities'), all(desk, 'clients').length]).toEqual([[], 2]);
});

it('brings in cases and tasks of clients', async () => {
  const { desk, bakery } = await office();
  const cases = await checked(desk, 'Company,Subject,Priority,Case type\nHarbor Bakery,Door sticks,High,Problem\n');
  expect(cases.lists).toBe('cases');
  await desk.bring(cases.plan);
  expect(all(desk, 'cases')).toMatchObject([
    { clientId: bakery, name: 'Door sticks', priority: 'high', caseType: 'problem', status: 'new' },
  ]);
  const tasks = await checked(
    desk,
    'Task,Due date,Company,Owner\nCall back,31 March 2026,Harbor Bakery,Ada Lovelace\nTidy up,2026-04-01,,\n',
  );
  expect(tasks.lists).toBe('tasks');
  await desk.bring(tasks.plan);
  expect(all(desk, 'tasks')).toMatchObject([
    { clientId: bakery, title: 'Call back', dueDate: '2026-03-31' },
    { clientId: null, title: 'Tidy up', dueDate: '2026-04-01' },
  ]);
  expect((await checked(desk, 'Task,Due date,Company\nCall back,2026-04-02,Harbor Bakery\nTidy up,2026-04-01,\n')).counts).toMatchObject({
    update: 1,
    unchanged: 1,
  });
});

it('brings in who works where and when, and tells an end before the start in the check', async () => {
  const { desk, shop, grace } = await office();
  const file = [
    'Company,Location name,First name,Last name,Position at location,From,Until',
    'Harbor Bakery,Shop,Grace,Hopper,Manager,2024-01-01,',
    'Harbor Bakery,Shop,Linus,Newman,Baker,2025-01-01,2024-01-01',
  ].join('\n');
  const { plan, lists, counts, reasons } = await checked(desk, file);
  expect(lists).toBe('locationContacts');
  expect(counts).toMatchObject({ new: 1, error: 1 });
  expect(reasons).toEqual(['The end date lies before the start date. Change one of them.']);
  await desk.bring(plan);
  expect(all(desk, 'locationContacts')).toMatchObject([{ locationId: shop, contactId: grace, title: 'Manager', startDate: '2024-01-01' }]);
  expect((await checked(desk, `${file.split('\n').slice(0, 2).join('\n')}\n`)).counts).toMatchObject({ unchanged: 1 });
});

it('logs calls and visits, moves the last contact with them, and logs none twice', async () => {
  const { desk, laptop, bakery, grace } = await office();
  const file =
    'Company,Contact name,Kind,When,Minutes,Text\nHarbor Bakery,Grace Hopper,Call,2026-02-03 14:30,10,Asked for rolls\nHarbor Bakery,,Visit,3 Feb 2026,,\n';
  const { plan, lists, counts } = await checked(desk, file);
  expect([lists, counts.new]).toEqual(['activities', 2]);
  await desk.bring(plan);
  expect(all(desk, 'activities')).toMatchObject([
    { kind: 'call', about: 'contacts', aboutId: grace, durationMinutes: 10, occurredAt: new Date('2026-02-03T14:30:00').toISOString() },
    { kind: 'visit', about: 'clients', aboutId: bakery },
  ]);
  expect(laptop.clients.get(bakery).lastContactDate).toBe('2026-02-03');
  expect((await checked(desk, file)).counts).toMatchObject({ unchanged: 2 });
  expect((await checked(desk, 'Company,Kind,When\nHarbor Bakery,E-mail,2026-02-03\n')).reasons).toEqual([
    'Activity: Kind: “E-mail” is not one of Comment, Call, Visit. Say in the values step what it means.',
  ]);
});

it('brings in people, as a person said that the file lists them', async () => {
  const { desk } = await office();
  const file = 'Name,E-mail,Role\nAda Lovelace,ada@office.example,Admin\nLinus Newman,linus@office.example,\n';
  const { plan } = await desk.look('people.csv', file, { lists: 'directory' });
  expect(plan.columns.map(({ target }) => target)).toEqual(['person.fullName', 'person.email', 'person.role']);
  expect(await desk.bring(plan)).toMatchObject({ counts: { new: 1, update: 1, error: 0 }, made: { directory: 2 } });
  expect(all(desk, 'directory').map(({ fullName, role }) => [fullName, role])).toEqual([
    ['Ada Lovelace', 'admin'],
    ['Linus Newman', 'member'],
  ]);
});

it('says which column is missing before anything begins', async () => {
  const { desk } = await office();
  const { plan } = await desk.look('deals.csv', 'Deal,Amount\nOvens,5\n', { lists: 'opportunities' });
  expect(await problemOf(desk.imports.dryRun(plan))).toMatchObject({
    code: 'MAPPING_NEEDED',
    message: 'An opportunity belongs to a client. Choose the column that names the client. Nothing was imported.',
  });
});

it('finds every record of its own exports again, and has nothing to change', async () => {
  const { desk, laptop, bakery, shop, grace, ada } = await office();
  const bread = (await laptop.itemPrices.create({ invoiceItem: 'Bread', itemCode: 'B1', defaultPrice: '4.00', defaultTaxRate: '0.0775' }))
    .record.id;
  await laptop.locationPrices.set(shop, bread, { customPrice: '3.50' });
  await laptop.locationContacts.create({ locationId: shop, contactId: grace, title: 'Manager', startDate: '2024-01-01' });
  await laptop.opportunities.create({
    clientId: bakery,
    name: 'Ovens',
    contactIds: [grace],
    amount: '10.00',
    tags: ['a; b'],
    assignedToIds: [ada],
  });
  await laptop.cases.create({ clientId: bakery, name: 'Door sticks', priority: 'urgent', description: 'Two\nlines' });
  await laptop.tasks.create({ clientId: bakery, title: 'Call back', dueDate: '2026-05-01', status: 'in_progress' });
  await laptop.clients.change(bakery, { accountOwnerId: ada, assignedToIds: [ada] });
  const list = { filters: [], where: null, search: '', parentId: null, sort: [], show: 'live' as const };
  const nouns: ImportNoun[] = [
    'clients',
    'contacts',
    'locations',
    'itemPrices',
    'locationItemPrices',
    'locationContacts',
    'opportunities',
    'cases',
    'tasks',
    'directory',
  ];
  for (const collection of nouns) {
    const made = await desk.exports.create({ collection, format: 'csv', list, columns: [], includeSecret: false });
    const { lists, counts, reasons } = await checked(desk, (await desk.read(made.fileId)).toString('utf8'), `${collection}.csv`);
    expect({ collection, lists, reasons, counts }).toEqual({
      collection,
      lists: collection,
      reasons: [],
      counts: { new: 0, update: 0, duplicate: 0, skip: 0, error: 0, unchanged: made.rows },
    });
  }
});
