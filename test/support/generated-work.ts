import type { Book } from '../../electron/domain/book.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import { day, pick, seededRandom } from './generated-book.ts';

/** What a company of some forty people has beside its clients, contacts and locations after a few years. */
export const workSize = {
  people: 40,
  teams: 6,
  items: 40,
  ownPrices: 6_000,
  roles: 12_000,
  opportunities: 6_000,
  cases: 4_000,
  tasks: 15_000,
  invoices: 8_000,
  activities: 60_000,
};

export interface GeneratedIds {
  clients: readonly string[];
  contacts: readonly string[];
  locations: readonly string[];
}

const perCommand = 500;

/** Every other noun, hung on the clients, contacts and locations that are there. The same at every run but for the ids. */
export async function writeWork(book: Book, { clients, contacts, locations }: GeneratedIds): Promise<void> {
  const random = seededRandom(4_000_003);
  const one = (ids: readonly string[]) => pick(random, ids);
  const someDay = () => day(random, 2024, 2);
  const make = async <T>(total: number, work: (tx: Transaction, index: number) => T): Promise<T[]> => {
    const made: T[] = [];
    for (let from = 0; from < total; from += perCommand) {
      await book.run('generated', 'generated', (tx) => {
        for (let index = from; index < Math.min(from + perCommand, total); index += 1) made.push(work(tx, index));
      });
    }
    return made;
  };

  const people = await make(workSize.people, (tx, index) => tx.create('directory', { kind: 'user', fullName: `Person ${index}` }).id);
  const teams = await make(
    workSize.teams,
    (tx, index) =>
      tx.create('directory', { kind: 'team', name: `Team ${index}`, memberIds: people.filter((_, at) => at % 6 === index) }).id,
  );
  await make(1, (tx) => {
    tx.create('ownFields', { noun: 'clients', label: 'Year founded', fieldKind: 'number' });
    tx.create('ownFields', { noun: 'clients', label: 'Contract', fieldKind: 'choice', choices: ['Yearly', 'Per visit'] });
    tx.create('ownFields', { noun: 'locations', label: 'Key kept by', fieldKind: 'text' });
    tx.create('ownFields', { noun: 'tasks', label: 'Paid', fieldKind: 'boolean' });
  });
  await make(clients.length, (tx, index) =>
    tx.change('clients', clients[index] as string, {
      accountOwnerId: one(people),
      custom: { 'Year founded': 1950 + (index % 70), Contract: index % 2 === 0 ? 'Yearly' : 'Per visit' },
    }),
  );
  const items = await make(
    workSize.items,
    (tx, index) =>
      tx.create('itemPrices', {
        invoiceItem: `Item ${index}`,
        itemCode: `IT${index}`,
        defaultPrice: `${10 + index}.00`,
        defaultTaxRate: '0.0775',
      }).id,
  );
  // Each location and item at most once, and each location and contact.
  await make(workSize.ownPrices, (tx, index) =>
    tx.create('locationItemPrices', {
      locationId: locations[index % locations.length],
      itemPriceId: items[Math.floor(index / locations.length + index) % items.length],
      customPrice: `${5 + (index % 90)}.50`,
    }),
  );
  await make(workSize.roles, (tx, index) =>
    tx.create('locationContacts', {
      locationId: locations[index % locations.length],
      contactId: contacts[index % contacts.length],
      title: 'Manager',
      startDate: someDay(),
    }),
  );
  const assigned = () => ({ assignedToIds: [one(people)], teamIds: random() < 0.3 ? [one(teams)] : [] });
  const opportunities = await make(
    workSize.opportunities,
    (tx, index) =>
      tx.create('opportunities', {
        clientId: one(clients),
        name: `New order ${index}`,
        stage: pick(random, ['qualification', 'proposal', 'negotiation'] as const),
        amount: `${1000 + (index % 900) * 10}.00`,
        expectedCloseDate: someDay(),
        ...assigned(),
      }).id,
  );
  const cases = await make(
    workSize.cases,
    (tx, index) =>
      tx.create('cases', {
        clientId: one(clients),
        name: `Something is broken ${index}`,
        priority: pick(random, ['low', 'high']),
        ...assigned(),
      }).id,
  );
  await make(workSize.tasks, (tx, index) =>
    tx.create('tasks', {
      clientId: one(clients),
      opportunityId: index % 5 === 0 ? one(opportunities) : null,
      caseId: index % 7 === 0 ? one(cases) : null,
      title: `Call back about order ${index}`,
      dueDate: someDay(),
      custom: { Paid: index % 2 === 0 },
      ...assigned(),
    }),
  );
  await make(workSize.invoices, (tx, index) => {
    const { id } = tx.create('invoices', {
      clientId: one(clients),
      currency: 'USD',
      lines: [0, 1, 2].map((line) => ({ description: `Visit ${line}`, quantity: '2', unitPrice: `${40 + line}.00`, taxRate: '0.0775' })),
    });
    if (index % 10 === 0) return;
    const issueDate = someDay();
    const number = `BENCH-${String(index - Math.floor(index / 10)).padStart(6, '0')}`;
    tx.set('invoices', id, { number, status: 'sent', issueDate });
  });
  await make(workSize.activities, (tx, index) => {
    const occurredAt = `${someDay()}T09:00:00.000Z`;
    const about = pick(random, ['clients', 'contacts', 'opportunities', 'cases'] as const);
    const aboutId = one({ clients, contacts, opportunities, cases }[about]);
    tx.create('activities', {
      kind: pick(random, ['call', 'visit', 'comment'] as const),
      about,
      aboutId,
      occurredAt,
      body: `Talked about order ${index} and when it has to be there.`,
    });
  });
}
