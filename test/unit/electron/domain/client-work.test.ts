import { describe, expect, it } from 'vitest';
import { counted, openLaptop, problemOf, type TestBook } from '../../../support/opened-book.ts';

/** A client with one opportunity, one case, and a task about each, one about the client alone and one about nobody. */
async function withWork() {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const clientId = client.id;
  const { record: deal } = await laptop.opportunities.create({ clientId, name: 'New ovens', amount: '1200.50', probability: 25 });
  const { record: sticky } = await laptop.cases.create({ clientId, name: 'The door sticks' });
  const task = async (title: string, about: object) => (await laptop.tasks.create({ title, ...about })).record;
  return {
    laptop,
    clientId,
    deal,
    sticky,
    aboutDeal: await task('Send the offer', { clientId, opportunityId: deal.id }),
    aboutCase: await task('Plane the door', { clientId, caseId: sticky.id }),
    aboutClient: await task('Call back', { clientId }),
    aboutNobody: await task('Buy paper', {}),
  };
}

const liveTasks = async (laptop: TestBook, parentId: string | null = null) => {
  const request = { filters: [], where: null, search: '', parentId, sort: [], show: 'live' as const, offset: 0, limit: 100 };
  return (await laptop.tasks.list(request)).rows.map(({ title }) => title);
};

describe('what is done for a client', () => {
  it('is counted on the client and named on the tasks', async () => {
    const { laptop, clientId, deal, sticky, aboutDeal, aboutCase } = await withWork();
    expect(laptop.clients.get(clientId)).toMatchObject({ opportunityCount: 1, caseCount: 1, taskCount: 3 });
    expect(laptop.opportunities.get(deal.id)).toMatchObject({ clientName: 'Harbor Bakery', taskCount: 1 });
    expect(laptop.cases.get(sticky.id)).toMatchObject({ clientName: 'Harbor Bakery', taskCount: 1 });
    expect(laptop.tasks.get(aboutDeal.id)).toMatchObject({ clientName: 'Harbor Bakery', opportunityName: 'New ovens', caseName: null });
    expect(laptop.tasks.get(aboutCase.id)).toMatchObject({ opportunityName: null, caseName: 'The door sticks' });
  });

  it('is listed by title, and by what it hangs on', async () => {
    const { laptop, clientId, deal } = await withWork();
    expect(await liveTasks(laptop)).toEqual(['Buy paper', 'Call back', 'Plane the door', 'Send the offer']);
    expect(await liveTasks(laptop, clientId)).toEqual(['Call back', 'Plane the door', 'Send the offer']);
    expect(await liveTasks(laptop, deal.id)).toEqual(['Send the offer']);
  });

  it('is deleted with the client in one operation, and exactly that comes back', async () => {
    const { laptop, clientId, aboutClient } = await withWork();
    await laptop.tasks.remove([aboutClient.id]);
    expect(await laptop.clients.remove([clientId])).toMatchObject({ removed: 1, withThem: 4 });
    expect(laptop.counts()).toEqual(counted({ clients: 0, opportunities: 0, cases: 0, tasks: 1 }));
    expect(await laptop.clients.restore([clientId])).toMatchObject({ restored: 1, withThem: 4 });
    expect(laptop.counts()).toEqual(counted({ clients: 1, opportunities: 1, cases: 1, tasks: 3 }));
    expect(laptop.tasks.get(aboutClient.id).deletedAt).not.toBeNull();
  });

  it('takes its tasks along where an opportunity or a case is deleted', async () => {
    const { laptop, deal, aboutDeal } = await withWork();
    expect(await laptop.opportunities.remove([deal.id])).toMatchObject({ removed: 1, withThem: 1 });
    expect(await problemOf(laptop.tasks.restore([aboutDeal.id]))).toMatchObject({ code: 'PARENT_DELETED', field: 'opportunityId' });
    await laptop.history.undo(null);
    expect(laptop.tasks.get(aboutDeal.id).deletedAt).toBeNull();
  });

  it('needs a client, an opportunity and a case that are in the book', async () => {
    const laptop = await openLaptop();
    const unknown = 'nobody';
    expect(await problemOf(laptop.opportunities.create({ clientId: unknown, name: 'Ovens' }))).toMatchObject({
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
    });
    expect(await problemOf(laptop.cases.create({ clientId: unknown, name: 'Door' }))).toMatchObject({
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
    });
    expect(await problemOf(laptop.tasks.create({ clientId: unknown, title: 'Call' }))).toMatchObject({
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
    });
    expect(await problemOf(laptop.tasks.create({ caseId: unknown, title: 'Call' }))).toMatchObject({ code: 'NOT_FOUND', field: 'caseId' });
    expect(laptop.counts()).toEqual(counted({ opportunities: 0, cases: 0, tasks: 0 }));
  });

  it('is found by its own words and by the client it is for', async () => {
    const { laptop } = await withWork();
    const found = async (text: string) => (await laptop.search.find(text, 20)).hits.map(({ title }) => title);
    expect(await found('ovens')).toEqual(expect.arrayContaining(['New ovens', 'Send the offer']));
    expect(await found('harbor call')).toEqual(['Call back']);
  });

  it('is there again when the book is opened again', async () => {
    const { laptop, deal, aboutDeal } = await withWork();
    const again = await laptop.reopen();
    expect(again.opportunities.get(deal.id)).toEqual(laptop.opportunities.get(deal.id));
    expect(again.tasks.get(aboutDeal.id)).toEqual(laptop.tasks.get(aboutDeal.id));
  });
});

it('keeps a probability that lies the same on disk', async () => {
  const { laptop, deal } = await withWork();
  await laptop.opportunities.change(deal.id, { probability: -0 });
  expect(laptop.opportunities.get(deal.id).probability).toBe(0);
});

describe('closing', () => {
  it('notes the day once, and takes it away when it opens again', async () => {
    const { laptop, deal, sticky } = await withWork();
    const today = laptop.clock.today();
    const stage = async (to: string, more: object = {}) =>
      (await laptop.opportunities.change(deal.id, { stage: to, ...more })).record.closedOn;
    expect(await stage('closed_won')).toBe(today);
    expect(await stage('closed_lost', { closedOn: '2020-02-03' })).toBe('2020-02-03');
    expect(await stage('closed_won')).toBe('2020-02-03');
    expect(await stage('negotiation')).toBeNull();
    const status = async (to: string) => (await laptop.cases.change(sticky.id, { status: to })).record.closedOn;
    expect(await status('rejected')).toBe(today);
    expect(await status('pending')).toBeNull();
  });

  it('is undone and done again with its day', async () => {
    const { laptop, deal } = await withWork();
    await laptop.opportunities.change(deal.id, { stage: 'closed_won', closedOn: '2020-02-03' });
    await laptop.history.undo(null);
    expect(laptop.opportunities.get(deal.id)).toMatchObject({ stage: 'qualification', closedOn: null });
    await laptop.history.redo();
    expect(laptop.opportunities.get(deal.id)).toMatchObject({ stage: 'closed_won', closedOn: '2020-02-03' });
  });

  it('weighs an open opportunity by how likely it is', async () => {
    const { laptop, deal } = await withWork();
    expect(laptop.opportunities.get(deal.id)).toMatchObject({ isOpen: true, weightedAmount: '300.13', isOverdue: false });
  });
});
