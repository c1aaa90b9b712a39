import { describe, expect, it } from 'vitest';
import { openLaptop, problemOf } from '../../../support/opened-book.ts';

const day = (from: string, days: number) => new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

async function withDays() {
  const laptop = await openLaptop();
  const { today } = laptop.today.queue();
  const client = async (name: string, fields: object) => (await laptop.clients.create({ name, ...fields })).record.id;
  const adler = await client('Adler', { nextFollowUpDate: day(today, -2), phone: '1' });
  const birch = await client('Birch', { nextFollowUpDate: today });
  const cedar = await client('Cedar', { nextFollowUpDate: day(today, 1) });
  const quiet = await client('Quiet', { lastContactDate: day(today, -60) });
  await client('Spoken to', { lastContactDate: day(today, -59) });
  await client('Closed', { lastContactDate: day(today, -90), isActive: false });
  const late = (await laptop.tasks.create({ title: 'Late', dueDate: day(today, -3), clientId: adler })).record.id;
  await laptop.tasks.create({ title: 'Done', dueDate: day(today, -3), status: 'completed' });
  const groups = () => Object.fromEntries(laptop.today.queue().groups.map(({ group, rows }) => [group, rows.map(({ title }) => title)]));
  return { laptop, today, adler, birch, cedar, quiet, late, groups };
}

describe('The queue of today', () => {
  it('has what is overdue first, the longest overdue before the rest, then what is due, then who has gone quiet', async () => {
    const { groups } = await withDays();
    expect(groups()).toEqual({ overdue: ['Late', 'Adler'], calls: ['Birch'], quiet: ['Quiet'] });
  });

  it('follows every change: dates, completed tasks, deleted and restored clients', async () => {
    const { laptop, today, adler, birch, cedar, late, groups } = await withDays();
    await laptop.clients.change(cedar, { nextFollowUpDate: today });
    await laptop.tasks.change(late, { status: 'completed' });
    await laptop.clients.remove([adler]);
    expect(groups()).toEqual({ calls: ['Birch', 'Cedar'], quiet: ['Quiet'] });
    expect(laptop.today.queue().done, 'a task goes with its client').toMatchObject({ tasks: 1, calls: 0 });
    await laptop.clients.restore([adler]);
    expect(laptop.today.queue().done).toMatchObject({ tasks: 2, calls: 0 });
    await laptop.clients.change(birch, { nextFollowUpDate: null });
    expect(groups()).toEqual({ overdue: ['Adler'], calls: ['Cedar'], quiet: ['Quiet'] });
  });

  it('loses a client whose call is logged, and undo of that one step brings all of it back', async () => {
    const { laptop, today, adler, groups } = await withDays();
    const before = laptop.clients.get(adler);
    const { id } = await laptop.today.logCall({ clientId: adler, outcome: 'no_answer', contactId: null, body: null, next: day(today, 4) });
    expect(groups().overdue).toEqual(['Late']);
    expect(laptop.clients.get(adler)).toMatchObject({ nextFollowUpDate: day(today, 4), lastContactDate: today });
    expect(laptop.activities.get(id)).toMatchObject({ kind: 'call', outcome: 'no_answer', aboutId: adler });
    const { done } = laptop.today.queue();
    expect([done.calls, done.rows[0]]).toEqual([1, { noun: 'activities', id, title: 'Call, no answer', clientName: 'Adler' }]);
    await laptop.history.undo(null);
    expect(groups().overdue).toEqual(['Late', 'Adler']);
    expect(laptop.clients.get(adler)).toMatchObject({
      nextFollowUpDate: before.nextFollowUpDate,
      lastContactDate: before.lastContactDate,
    });
    expect(laptop.today.queue().done.calls).toBe(0);
  });

  it('is the same after a start from a checkpoint, whatever was never asked for', async () => {
    const { laptop, adler, late } = await withDays();
    await laptop.today.logCall({ clientId: adler, outcome: 'reached', contactId: null, body: null, next: null });
    await laptop.tasks.change(late, { status: 'completed' });
    const before = laptop.today.queue();
    expect([before.groups.length, before.done.rows.length]).toEqual([2, 3]);
    await laptop.files.writeCheckpoint(laptop.book.snapshot());
    expect((await laptop.reopen()).today.queue()).toEqual(before);
  });

  it('logs nothing on a client that is not there', async () => {
    const { laptop } = await withDays();
    const call = { outcome: 'reached', contactId: null, body: null, next: null } as const;
    expect((await problemOf(laptop.today.logCall({ clientId: 'nobody', ...call }))).code).toBe('NOT_FOUND');
    expect(laptop.today.queue().done.calls).toBe(0);
  });
});
