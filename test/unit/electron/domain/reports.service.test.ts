import { describe, expect, it } from 'vitest';
import { createReportsService } from '../../../../electron/domain/reports/reports.service.ts';
import { mostRows, type ReportName, reportNames, type ReportSeries } from '../../../../shared/contracts/reports.contract.ts';
import { listRequestSchema } from '../../../../shared/contracts/list.ts';
import { dayAfter } from '../../../../shared/lib/clock.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { addMoney, compareDecimals } from '../../../../shared/lib/money.ts';
import { lifecycleStages } from '../../../../shared/nouns/client/client.ts';
import { opportunityStages } from '../../../../shared/nouns/opportunity/opportunity.ts';
import { seededFrom, seedsOf } from '../../../support/seeded.ts';
import { openLaptop, type TestBook } from '../../../support/opened-book.ts';

const names = Object.keys(reportNames) as ReportName[];
const stages = Object.keys(opportunityStages) as [keyof typeof opportunityStages];
const lifecycle = Object.keys(lifecycleStages) as [keyof typeof lifecycleStages];

/** The field of a listed record that one of the series adds up; null where records are counted. */
const summed: Partial<Record<ReportSeries, string>> = {
  amount: 'amount',
  likely: 'weightedAmount',
  won: 'amount',
  lost: 'amount',
  invoiced: 'total',
  paid: 'amountPaid',
  due: 'amountDue',
  overdue: 'amountDue',
  ...Object.fromEntries(Object.keys(opportunityStages).map((stage) => [stage, 'amount'])),
};

async function report(laptop: TestBook, name: ReportName, currency?: string) {
  const found = await laptop.reports.get({ report: name, currency });
  return Object.fromEntries(found.rows.map(({ label, month, cells }) => [label ?? month, cells.map(({ value }) => value)]));
}

/** What each number of each report comes to where its list is asked for and added up by hand. */
async function expectListsBehind(laptop: TestBook, what: string): Promise<number> {
  let looked = 0;
  for (const name of names) {
    const { currencies } = await laptop.reports.get({ report: name });
    for (const currency of currencies.length === 0 ? [undefined] : currencies) {
      const { noun, rows, series } = await laptop.reports.get({ report: name, currency });
      for (const row of rows)
        for (const [at, { value, filters }] of row.cells.entries()) {
          if (filters === null) continue;
          const { key, unit } = series[at] as (typeof series)[number];
          const { rows: listed, total } = laptop.queries.list(noun, listRequestSchema.parse({ filters, limit: 500 }));
          const path = summed[key];
          const expected =
            path === undefined ? String(total) : addMoney(listed.map((one) => String((one as Record<string, unknown>)[path] ?? 0)));
          expect(compareDecimals(value, expected), `${what}, ${name}, ${row.key}, ${key} of ${unit}: ${value} for ${expected}`).toBe(0);
          looked += 1;
        }
    }
  }
  return looked;
}

describe('Reports', () => {
  it('add up to what the lists behind them show, whatever is made, changed, deleted, brought back and undone', async () => {
    for (const seed of seedsOf('reports', 2)) {
      const random = seededFrom(seed);
      const laptop = await openLaptop({ at: '2026-03-04T10:00:00.000Z' });
      const day = () => random.pick([null, dayAfter('2026-03-04', random.below(500) - 380), dayAfter('2026-03-04', random.below(14) - 7)]);
      const people = await Promise.all(
        ['Ada', 'Tom'].map(async (fullName) => (await laptop.directory.create({ kind: 'user', fullName })).record.id),
      );
      const clients: string[] = [];
      const others: { noun: 'opportunities' | 'activities'; id: string }[] = [];
      const place = (await laptop.clients.create({ name: 'Depots' })).record.id;
      const depots = await Promise.all(
        ['A', 'B', 'C'].map(async (name) => (await laptop.locations.create({ clientId: place, name })).record.id),
      );
      const items = await Promise.all(
        ['Bread', 'Rolls'].map(
          async (invoiceItem) => (await laptop.itemPrices.create({ invoiceItem, itemCode: invoiceItem, defaultPrice: '10' })).record.id,
        ),
      );
      const price = () => random.pick(['9.50', '10', '10.00', '11', '0']);
      const client = () => random.pick(clients as [string]);
      const fields = () => ({
        nextFollowUpDate: day(),
        lifecycleStage: random.pick(lifecycle),
        industry: random.pick([null, 'Bakery', 'bakery', 'technology']),
        address: { region: random.pick([null, 'Bavaria', 'Saxony']) },
      });
      const deal = () => ({
        stage: random.pick(stages),
        amount: random.pick([null, '0.10', '1200.5', '99.99']),
        currency: random.pick(['EUR', 'EUR', 'USD']),
        expectedCloseDate: day(),
        closedOn: day(),
      });
      const steps: (() => Promise<unknown>)[] = [
        async () => clients.push((await laptop.clients.create({ name: `C${clients.length}`, ...fields() })).record.id),
        async () => {
          const { record } = await laptop.opportunities.create({ clientId: client(), name: 'Roof', ...deal() });
          others.push({ noun: 'opportunities', id: record.id });
        },
        async () => {
          const kind = random.pick(['call', 'visit', 'comment']);
          const about = { about: 'clients', aboutId: client(), authorId: random.pick([null, ...people]) };
          const { record } = await laptop.activities.create({ kind, ...about, ...(kind === 'comment' && { body: 'Said' }) });
          others.push({ noun: 'activities', id: record.id });
        },
        async () => {
          const lines = [{ description: 'Ovens', quantity: '2', unitPrice: random.pick(['12.50', '0.99']), taxRate: '0.19' }];
          const dates = { issueDate: day() ?? '2026-03-04', dueDate: random.pick(['2026-03-01', '2026-04-01']) };
          const { record } = await laptop.invoices.create({ clientId: client(), currency: random.pick(['EUR', 'CHF']), lines, ...dates });
          if (random.oneIn(4)) return;
          await laptop.invoices.issue(record.id);
          if (random.oneIn(2))
            await laptop.invoices.addPayment(record.id, {
              date: '2026-03-04',
              amount: random.pick(['1', '25']),
              method: 'transfer',
              reference: null,
            });
        },
        async () => laptop.clients.change(client(), fields()),
        // A location's own price, and the default that it is held against.
        async () =>
          laptop.locationPrices.set(random.pick(depots as [string]), random.pick(items as [string]), {
            customPrice: price(),
            customTaxRate: null,
          }),
        async () => laptop.itemPrices.change(random.pick(items as [string]), { defaultPrice: price() }),
        async () => {
          const one = random.pick([undefined, ...others.filter(({ noun }) => noun === 'opportunities')]);
          if (one !== undefined) await laptop.opportunities.change(one.id, deal());
        },
        async () => laptop.clients[random.oneIn(2) ? 'remove' : 'restore']([client()]),
        async () => {
          await laptop.history.undo(null);
          if (random.oneIn(2)) await laptop.history.redo();
        },
      ];
      await steps[0]?.();
      // Some reports are counted from the start, the others from the midst.
      await laptop.reports.get({ report: random.pick(names as [ReportName]) });
      let looked = 0;
      const done = new Set<number>();
      for (let step = 0; step < 90; step += 1) {
        // What is refused (an issued invoice stays, nothing to undo) changes nothing.
        const at = random.below(steps.length);
        try {
          await steps[at]?.();
          done.add(at);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
        }
        if (step % 30 === 29) looked += await expectListsBehind(laptop, `seed ${seed}, step ${step}`);
      }
      expect(looked).toBeGreaterThan(300);
      expect(done.size).toBe(steps.length);
      expect([...laptop.book.all('invoices')].some(({ number }) => number !== null)).toBe(true);
      // And to what is counted anew.
      const anew = createReportsService(laptop);
      for (const name of names) expect(await laptop.reports.get({ report: name }), name).toEqual(await anew.get({ report: name }));
    }
  });

  it('count months from today, and what lies outside of them in rows of its own', async () => {
    const laptop = await openLaptop({ at: '2026-03-04T10:00:00.000Z' });
    const clientId = (await laptop.clients.create({ name: 'Adler' })).record.id;
    for (const expectedCloseDate of ['2026-02-28', '2026-03-01', '2027-02-28', '2027-03-01', null])
      await laptop.opportunities.create({ clientId, name: 'Roof', amount: '10', expectedCloseDate });
    const found = await report(laptop, 'closing');
    expect(found).toMatchObject({
      'Earlier months': ['1', '10.00', '1.00'],
      '2026-03': ['1', '10.00', '1.00'],
      '2027-02': ['1', '10.00', '1.00'],
      'Later months': ['1', '10.00', '1.00'],
      'None given': ['1', '10.00', '1.00'],
    });
    expect(Object.keys(found)).toHaveLength(15);
    // The day after the last of a month everything has moved by one.
    laptop.clock.moveTo('2026-04-01T00:00:00.000Z');
    expect(await report(laptop, 'closing')).toMatchObject({ 'Earlier months': ['2', '20.00', '2.00'], '2027-03': ['1', '10.00', '1.00'] });
  });

  it('show the most of many names, and the others in one row that no list stands behind', async () => {
    const laptop = await openLaptop();
    for (let at = 0; at < 30; at += 1)
      for (let count = 0; count < (at < 5 ? 2 : 1); count += 1)
        await laptop.clients.create({ name: `C${at}-${count}`, address: { region: `Region ${at}` } });
    const { rows } = await laptop.reports.get({ report: 'regions' });
    expect(rows).toHaveLength(mostRows);
    expect(rows.slice(0, 5).map(({ cells }) => cells[0]?.value)).toEqual(['2', '2', '2', '2', '2']);
    expect(rows.at(-1)).toMatchObject({ key: 'rest', cells: [{ value: '11', filters: null }] });
  });

  it('hold the price of each location against the default as it is now', async () => {
    const laptop = await openLaptop();
    const { record: client } = await laptop.clients.create({ name: 'Adler Bakery' });
    const { record: item } = await laptop.itemPrices.create({ invoiceItem: 'Bread', itemCode: 'B', defaultPrice: '10' });
    for (const [name, customPrice] of [
      ['A', '9'],
      ['B', '10.00'],
      ['C', '12'],
      ['D', '12'],
    ] as const) {
      const { record } = await laptop.locations.create({ clientId: client.id, name });
      await laptop.locationPrices.set(record.id, item.id, { customPrice, customTaxRate: null });
    }
    expect(await report(laptop, 'prices')).toEqual({ Bread: ['3', '1', '2'] });
    await laptop.itemPrices.change(item.id, { defaultPrice: '12' });
    expect(await report(laptop, 'prices')).toEqual({ Bread: ['2', '2', '0'] });
  });

  it('walk the records once: a change costs what the changed record costs', async () => {
    const laptop = await openLaptop();
    for (let at = 0; at < 40; at += 1) await laptop.clients.create({ name: `C${at}` });
    let read = 0;
    const book = { ...laptop.book, get: ((noun: never, id: never) => ((read += 1), laptop.book.get(noun, id))) as typeof laptop.book.get };
    const reports = createReportsService({ book, clock: laptop.clock });
    await reports.get({ report: 'stages' });
    expect(read).toBe(40);
    await laptop.clients.create({ name: 'More', lifecycleStage: 'dormant' });
    expect((await reports.get({ report: 'stages' })).rows.find(({ key }) => key === 'dormant')?.cells[0]?.value).toBe('1');
    expect(read).toBe(40);
  });

  it('are counted by whoever asks next where a record could not be read', async () => {
    const laptop = await openLaptop();
    for (let at = 0; at < 3; at += 1) await laptop.clients.create({ name: `C${at}` });
    let broken = 1;
    const get = ((noun, id) => {
      if (broken-- === 0) throw new Error('EIO');
      return laptop.book.get(noun, id);
    }) as typeof laptop.book.get;
    const reports = createReportsService({ book: { ...laptop.book, get }, clock: laptop.clock });
    await expect(reports.get({ report: 'stages' })).rejects.toThrow('EIO');
    await laptop.clients.create({ name: 'Meanwhile' });
    expect((await reports.get({ report: 'stages' })).rows.find(({ key }) => key === 'prospect')?.cells[0]?.value).toBe('4');
  });

  it('name who is the author of what was done, and count no e-mail that never left', async () => {
    const laptop = await openLaptop({ at: '2026-03-04T10:00:00.000Z' });
    const authorId = (await laptop.directory.create({ kind: 'user', fullName: 'Ada Example' })).record.id;
    const aboutId = (await laptop.clients.create({ name: 'Adler' })).record.id;
    const on = { about: 'clients', aboutId } as const;
    await laptop.activities.create({ kind: 'call', ...on, authorId });
    await laptop.activities.create({ kind: 'visit', ...on, occurredAt: '2025-12-31T10:00:00.000Z' });
    await laptop.activities.create({ kind: 'comment', ...on, body: 'Said' });
    await laptop.activities.create({
      kind: 'email',
      ...on,
      recipients: ['a@adler.example'],
      subject: 'Prices',
      status: 'scheduled',
      scheduledFor: '2026-03-05T10:00:00.000Z',
    });
    expect(await report(laptop, 'activity')).toEqual({
      'Ada Example': ['1', '1', '0', '0', '0'],
      'Nobody named': ['1', '0', '0', '0', '1'],
    });
  });
});
