import { describe, expect, it } from 'vitest';
import { createMemoryQueries } from '../../../../../electron/domain/lists/memory-queries.ts';
import type { ListRequestInput } from '../../../../../shared/contracts/list.ts';
import { addMoney } from '../../../../../shared/lib/money.ts';
import { type OpportunityStage, opportunityStages, stageProbabilities } from '../../../../../shared/nouns/opportunity/opportunity.ts';
import { openLaptop, problemOf, request, type TestBook } from '../../../../support/opened-book.ts';
import { seededFrom, seedsOf } from '../../../../support/seeded.ts';

const stages = Object.keys(opportunityStages) as [OpportunityStage, ...OpportunityStage[]];

async function withClient(): Promise<{ laptop: TestBook; clientId: string }> {
  const laptop = await openLaptop();
  return { laptop, clientId: (await laptop.clients.create({ name: 'Adler Bakery' })).record.id };
}

const namesIn = async (laptop: TestBook, column: string, list: ListRequestInput = {}) =>
  (await laptop.opportunities.list(request({ ...list, column }))).rows.map(({ name }) => name);

describe('a board', () => {
  it.each(seedsOf('board', 6))('says what looking at every card says, after any changes (seed %i)', async (seed) => {
    const random = seededFrom(seed);
    const { laptop, clientId } = await withClient();
    const ids: string[] = [];
    // No step back goes beyond what was done here: the client stays.
    let steps = 0;
    for (let step = 0; step < 60; step += 1) {
      const id = ids[random.below(Math.max(1, ids.length))];
      if (id === undefined || steps === 0 || random.oneIn(3)) {
        const amount = random.oneIn(4) ? null : `${random.below(1000)}.${random.below(10)}5`;
        const currency = random.pick(['USD', 'EUR', 'JPY']);
        const made = await laptop.opportunities.create({ clientId, name: `Deal ${step}`, stage: random.pick(stages), amount, currency });
        ids.push(made.record.id);
        steps += 1;
      } else if (random.oneIn(5)) {
        if ((await laptop.opportunities.remove([id])).operationId !== null) steps += 1;
      } else if (random.oneIn(4)) {
        await laptop.history.undo(null);
        steps -= 1;
      } else if (laptop.book.get('opportunities', id)?.deletedAt === null) {
        const changes = random.oneIn(2) ? { stage: random.pick(stages) } : { amount: `${random.below(500)}.00` };
        if ((await laptop.opportunities.change(id, changes)).operationId !== null) steps += 1;
      }
      // Sometimes one change is answered, sometimes several at once.
      if (!random.oneIn(3)) continue;
      const all = (await laptop.opportunities.list(request({ limit: 500 }))).rows;
      const filters = random.oneIn(2) ? [{ path: 'currency', operator: 'is' as const, value: 'USD' }] : [];
      const columns = await laptop.opportunities.board(request({ filters }));
      expect(columns.map(({ value }) => value)).toEqual(stages);
      for (const { value, count, sums } of columns) {
        const cards = all.filter(({ stage, currency }) => stage === value && (filters.length === 0 || currency === 'USD'));
        expect(count).toBe(cards.length);
        expect((await namesIn(laptop, value, { filters, limit: 500 })).toSorted()).toEqual(cards.map(({ name }) => name).toSorted());
        const worth = cards.filter(({ amount }) => amount !== null);
        expect(new Set(sums.map(({ currency }) => currency))).toEqual(new Set(worth.map(({ currency }) => currency)));
        for (const sum of sums) {
          const same = worth.filter(({ currency }) => currency === sum.currency);
          expect(addMoney([sum.amount, '0.00'])).toBe(addMoney([...same.map(({ amount }) => amount as string), '0.00']));
          expect(addMoney([sum.likely, '0.00'])).toBe(addMoney([...same.map((one) => one.weightedAmount as string), '0.00']));
        }
      }
    }
  });

  it('has its columns in pages, in the order of days or in the one that is asked for', async () => {
    const { laptop, clientId } = await withClient();
    for (const [name, expectedCloseDate] of [
      ['B', '2031-01-02'],
      ['A', '2031-01-03'],
      ['C', null],
      ['D', '2031-01-01'],
    ] as const)
      await laptop.opportunities.create({ clientId, name, stage: 'proposal', expectedCloseDate });
    await laptop.opportunities.create({ clientId, name: 'Elsewhere', stage: 'negotiation' });
    expect(await namesIn(laptop, 'proposal')).toEqual(['D', 'B', 'A', 'C']);
    expect(await namesIn(laptop, 'proposal', { offset: 1, limit: 2 })).toEqual(['B', 'A']);
    expect(await namesIn(laptop, 'proposal', { sort: [{ path: 'name' }] })).toEqual(['A', 'B', 'C', 'D']);
    expect(await namesIn(laptop, 'closed_won')).toEqual([]);
    expect(await problemOf(laptop.opportunities.list(request({ column: 'nowhere' })))).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'column',
    });
  });

  it.each([40, 400])('of %i cards walks through them once and looks at no other when one moves', async (size) => {
    const { laptop, clientId } = await withClient();
    await laptop.book.run('imports.start', 'import-1', (tx) => {
      for (let at = 0; at < size; at += 1)
        tx.create('opportunities', { clientId, name: `Deal ${at}`, stage: stages[at % 9], amount: '10.00' });
    });
    let walked = 0;
    let gets = 0;
    const book: typeof laptop.book = {
      ...laptop.book,
      *all(noun) {
        for (const record of laptop.book.all(noun)) {
          walked += 1;
          yield record;
        }
      },
      get(noun, id) {
        gets += 1;
        return laptop.book.get(noun, id);
      },
    };
    const queries = createMemoryQueries({ book, clock: laptop.clock, search: { idsWith: () => null, matcher: () => () => true } });
    const board = () => queries.board('opportunities', request({}));
    expect(board().reduce((sum, { count }) => sum + count, 0)).toBe(size);
    expect(walked).toBe(size);
    [walked, gets] = [0, 0];
    const [first] = queries.ids('opportunities', request({ column: 'proposal' }));
    await laptop.opportunities.change(first as string, { stage: 'negotiation' });
    const counts = Object.fromEntries(board().map(({ value, count }) => [value, count]));
    expect(counts['negotiation']).toBe(Math.ceil((size - 6) / 9) + 1);
    expect({ walked, gets }).toEqual({ walked: 0, gets: 0 });
  });

  it('is there for cases and tasks too, without sums', async () => {
    const { laptop, clientId } = await withClient();
    await laptop.tasks.create({ title: 'Call back', status: 'in_progress' });
    await laptop.cases.create({ clientId, name: 'The door sticks' });
    expect(await laptop.tasks.board(request({}))).toEqual([
      { value: 'new', count: 0, sums: [] },
      { value: 'in_progress', count: 1, sums: [] },
      { value: 'completed', count: 0, sums: [] },
    ]);
    expect((await laptop.cases.board(request({}))).map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 0]);
  });
});

describe('the probability of an opportunity', () => {
  it('is that of its stage from the beginning, and follows it', async () => {
    const { laptop, clientId } = await withClient();
    const { record } = await laptop.opportunities.create({ clientId, name: 'Ovens', stage: 'proposal' });
    expect(record.probability).toBe(stageProbabilities.proposal);
    for (const stage of stages) {
      await laptop.opportunities.change(record.id, { stage });
      expect(laptop.opportunities.get(record.id).probability, stage).toBe(stageProbabilities[stage]);
    }
    await laptop.history.undo(null);
    expect(laptop.opportunities.get(record.id)).toMatchObject({ stage: 'closed_won', probability: 100 });
  });

  it('stays what a person set by hand while it is open, and is certain when it is over', async () => {
    const { laptop, clientId } = await withClient();
    const { record } = await laptop.opportunities.create({ clientId, name: 'Ovens', probability: 35 });
    const after = async (changes: Record<string, unknown>) => (await laptop.opportunities.change(record.id, changes)).record.probability;
    expect(await after({ stage: 'negotiation' })).toBe(35);
    expect(await after({ stage: 'closed_lost' })).toBe(0);
    expect(await after({ stage: 'needs_analysis' })).toBe(20);
    expect(await after({ stage: 'proposal', probability: 45 })).toBe(45);
    expect(await after({ stage: 'proposal', probability: 60 })).toBe(60);
    // Whoever names both means both, also where one of them is as it was.
    expect(await after({ stage: 'negotiation', probability: 60 })).toBe(60);
    expect(await after({ stage: 'closed_won' })).toBe(100);
  });

  it('of one that says nothing to a stage follows what a stage says from then on', async () => {
    const { laptop, clientId } = await withClient();
    const { record } = await laptop.opportunities.create({ clientId, name: 'Ovens', probability: 0 });
    expect(record.probability).toBe(0);
    expect((await laptop.opportunities.change(record.id, { stage: 'proposal' })).record.probability).toBe(60);
  });
});
