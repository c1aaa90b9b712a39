import { describe, expect, it } from 'vitest';
import { createDueRecords } from '../../../../electron/domain/due-records.ts';
import { createTodayService } from '../../../../electron/domain/today.service.ts';
import type { NounName } from '../../../../shared/nouns/nouns.ts';
import { openLaptop, problemOf } from '../../../support/opened-book.ts';

const day = (from: string, days: number) => new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

async function withDays() {
  const laptop = await openLaptop();
  const { today } = laptop.today.queue(50, []);
  const client = async (name: string, fields: object) => (await laptop.clients.create({ name, ...fields })).record.id;
  const adler = await client('Adler', { nextFollowUpDate: day(today, -2), phone: '1' });
  const birch = await client('Birch', { nextFollowUpDate: today });
  const cedar = await client('Cedar', { nextFollowUpDate: day(today, 1) });
  const quiet = await client('Quiet', { lastContactDate: day(today, -60) });
  await client('Spoken to', { lastContactDate: day(today, -59) });
  await client('Closed', { lastContactDate: day(today, -90), isActive: false });
  const late = (await laptop.tasks.create({ title: 'Late', dueDate: day(today, -3), clientId: adler })).record.id;
  await laptop.tasks.create({ title: 'Done', dueDate: day(today, -3), status: 'completed' });
  const groups = () =>
    Object.fromEntries(laptop.today.queue(50, []).groups.map(({ group, rows }) => [group, rows.map(({ title }) => title)]));
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
    expect(laptop.today.queue(50, []).done, 'a task goes with its client').toMatchObject({ tasks: 1, calls: 0 });
    await laptop.clients.restore([adler]);
    expect(laptop.today.queue(50, []).done).toMatchObject({ tasks: 2, calls: 0 });
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
    const { done } = laptop.today.queue(50, []);
    expect([done.calls, done.rows[0]]).toEqual([1, { noun: 'activities', id, title: 'Call, no answer', clientName: 'Adler' }]);
    await laptop.history.undo(null);
    expect(groups().overdue).toEqual(['Late', 'Adler']);
    expect(laptop.clients.get(adler)).toMatchObject({
      nextFollowUpDate: before.nextFollowUpDate,
      lastContactDate: before.lastContactDate,
    });
    expect(laptop.today.queue(50, []).done.calls).toBe(0);
  });

  it('is the same after a start from a checkpoint, whatever was never asked for', async () => {
    const { laptop, adler, late } = await withDays();
    await laptop.today.logCall({ clientId: adler, outcome: 'reached', contactId: null, body: null, next: null });
    await laptop.tasks.change(late, { status: 'completed' });
    const before = laptop.today.queue(50, []);
    expect([before.groups.length, before.done.rows.length]).toEqual([2, 3]);
    await laptop.files.writeCheckpoint(laptop.book.snapshot());
    expect((await laptop.reopen()).today.queue(50, [])).toEqual(before);
  });

  it('logs nothing on a client that is not there', async () => {
    const { laptop } = await withDays();
    const call = { outcome: 'reached', contactId: null, body: null, next: null } as const;
    expect((await problemOf(laptop.today.logCall({ clientId: 'nobody', ...call }))).code).toBe('NOT_FOUND');
    expect(laptop.today.queue(50, []).done.calls).toBe(0);
  });

  it('stands in the order that the settings name, with what they leave out behind it', async () => {
    const { laptop, groups } = await withDays();
    const rule = laptop.settings.get().today;
    await laptop.settings.change({ today: { ...rule, order: ['quiet', 'calls'] } });
    expect(Object.keys(groups())).toEqual(['quiet', 'calls', 'overdue']);
    await laptop.settings.change({ today: { ...rule, quietAfterDays: 61 } });
    expect(Object.keys(groups())).toEqual(['overdue', 'calls']);
    await laptop.settings.change({ today: { ...rule, quietAfterDays: 59 } });
    expect(groups()['quiet']).toEqual(['Quiet', 'Spoken to']);
  });

  it('is of one person and of nobody where the rule names somebody, teams counted, and of all when they are gone', async () => {
    const { laptop, today, groups } = await withDays();
    const person = async (fullName: string) => (await laptop.directory.create({ kind: 'user', fullName })).record.id;
    const [mei, ole] = [await person('Mei'), await person('Ole')];
    const team = (await laptop.directory.create({ kind: 'team', name: 'North', memberIds: [] })).record.id;
    await laptop.clients.create({ name: 'Of Ole', nextFollowUpDate: today, accountOwnerId: ole });
    await laptop.clients.create({ name: 'Of Mei', nextFollowUpDate: today, assignedToIds: [mei, ole] });
    await laptop.tasks.create({ title: 'Of North', dueDate: today, teamIds: [team] });
    await laptop.settings.change({ today: { ...laptop.settings.get().today, whose: mei } });
    expect(laptop.today.queue(50, []).whose).toBe('Mei');
    expect(groups()).toEqual({ overdue: ['Late', 'Adler'], calls: ['Birch', 'Of Mei'], tasks: ['Of North'], quiet: ['Quiet'] });
    await laptop.directory.change(team, { memberIds: [ole] });
    expect(groups()['tasks']).toBeUndefined();
    await laptop.directory.change(team, { memberIds: [mei] });
    expect(groups()['tasks']).toEqual(['Of North']);
    await laptop.directory.remove([mei]);
    expect(groups()['calls']).toEqual(['Birch', 'Of Ole', 'Of Mei']);
  });

  it('names what a sync left to decide, each record once, also one that is gone', async () => {
    const { laptop, adler } = await withDays();
    const at = '2026-03-04T08:00:00.000Z';
    const decisions = [
      { kind: 'conflict', collection: 'clients', recordId: adler, at },
      { kind: 'conflict', collection: 'clients', recordId: adler, at },
      { kind: 'refused', collection: 'tasks', recordId: 'gone', at },
      { kind: 'refused', collection: 'operations', recordId: 'step', at },
    ] as const;
    const found = laptop.today.queue(50, decisions).groups.find(({ group }) => group === 'sync');
    expect(found).toMatchObject({
      total: 3,
      rows: [
        { kind: 'conflict', noun: 'clients', title: 'Adler' },
        { kind: 'refused', noun: null, title: 'A task that is not here any more' },
        { kind: 'refused', noun: null, title: 'A step of the history' },
      ],
    });
    expect(laptop.today.due(decisions) - laptop.today.due([])).toBe(3);
  });

  it('has an e-mail from the beginning of its day to the minute before midnight, and the phone of the primary location', async () => {
    const { laptop, today, birch } = await withDays();
    await laptop.locations.create({ clientId: birch, name: 'Yard', isPrimary: true, physicalAddress: { phone: '77' } });
    const mail = (subject: string, scheduledFor: string) =>
      laptop.activities.create({
        kind: 'email',
        about: 'clients',
        aboutId: birch,
        recipients: ['a@birch.example'],
        subject,
        status: 'scheduled',
        scheduledFor,
      });
    await mail('Late tonight', `${today}T23:59:59.999Z`);
    await mail('Tomorrow', `${day(today, 1)}T00:00:00.000Z`);
    await mail('Yesterday', `${day(today, -1)}T12:00:00.000Z`);
    const { groups } = laptop.today.queue(50, []);
    expect(groups.find(({ group }) => group === 'emails')?.rows.map(({ title }) => title)).toEqual(['Yesterday', 'Late tonight']);
    expect(groups.find(({ group }) => group === 'calls')?.rows[0]?.phone).toBe('77');
  });

  it('looks at no more records than it shows, however many are due, and at one for a change', async () => {
    const counts = await Promise.all(
      [60, 600].map(async (clients) => {
        const laptop = await openLaptop();
        const { today } = laptop.today.queue(20, []);
        await laptop.book.run('imports.start', 'import', (tx) => {
          for (let at = 0; at < clients; at += 1) tx.create('clients', { name: `Client ${at}`, nextFollowUpDate: day(today, -(at % 9)) });
        });
        let looked = 0;
        const counting = (noun: NounName, id: string) => {
          looked += 1;
          return laptop.book.get(noun, id);
        };
        const walk = () => {
          throw new Error('The book was walked');
        };
        const book = { ...laptop.book, get: counting as typeof laptop.book.get, all: walk };
        const due = createDueRecords(book, laptop.clock);
        const service = createTodayService({ book, clock: laptop.clock, rule: () => laptop.settings.get().today, due });
        service.queue(20, []);
        looked = 0;
        const first = service.queue(20, []).groups.flatMap(({ rows }) => rows)[0]?.id ?? '';
        const asked = looked;
        await laptop.clients.change(first, { nextFollowUpDate: day(today, 1) });
        looked = 0;
        service.queue(20, []);
        return { asked, afterChange: looked };
      }),
    );
    expect(counts[0]?.asked).toBeLessThanOrEqual(40);
    expect(counts[1]?.asked).toBeLessThanOrEqual(40);
    expect(counts[1]?.afterChange).toBeLessThanOrEqual(40);
  });
});
