import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { createCalendarFileService } from '../../../../electron/domain/calendar/calendar-file.ts';
import { createCalendarService } from '../../../../electron/domain/calendar/calendar.service.ts';
import { createDueRecords } from '../../../../electron/domain/due-records.ts';
import { writeCalendar } from '../../../../electron/formats/icalendar.writer.ts';
import { type CalendarKind, calendarKinds } from '../../../../shared/contracts/calendar.contract.ts';
import { dayAfter } from '../../../../shared/lib/clock.ts';
import type { NounName } from '../../../../shared/nouns/nouns.ts';
import { openLaptop, problemOf, type TestBook } from '../../../support/opened-book.ts';

const all = Object.keys(calendarKinds) as CalendarKind[];
const today = '2026-03-04';

async function withDays() {
  const laptop = await openLaptop();
  const client = async (name: string, fields: object) => (await laptop.clients.create({ name, ...fields })).record.id;
  const adler = await client('Adler', { nextFollowUpDate: dayAfter(today, -2), phone: '1', address: { line1: '5 Quay', city: 'Ulm' } });
  const birch = await client('Birch', { nextFollowUpDate: dayAfter(today, 1) });
  const task = (await laptop.tasks.create({ title: 'Send samples', dueDate: today, clientId: birch })).record.id;
  const visit = (
    await laptop.activities.create({ kind: 'visit', about: 'clients', aboutId: adler, occurredAt: '2026-03-03T10:30:00.000Z' })
  ).record.id;
  const email = (
    await laptop.activities.create({
      kind: 'email',
      about: 'clients',
      aboutId: birch,
      recipients: ['a@birch.example'],
      subject: 'Prices',
      status: 'scheduled',
      scheduledFor: '2026-03-05T23:59:00.000Z',
    })
  ).record.id;
  const lines = [{ description: 'Ovens', quantity: '2', unitPrice: '12.50' }];
  const invoice = { clientId: adler, currency: 'EUR', issueDate: today, dueDate: dayAfter(today, 3), lines };
  const draft = (await laptop.invoices.create(invoice)).record.id;
  return { laptop, adler, birch, task, visit, email, draft };
}

const ask = (laptop: TestBook, more: object = {}) =>
  laptop.calendar.days({ from: dayAfter(today, -3), days: 10, kinds: all, whose: null, ...more });
const titles = (laptop: TestBook, more: object = {}) =>
  Object.fromEntries(
    ask(laptop, more)
      .days.filter(({ items }) => items.length > 0)
      .map(({ day, items }) => [day, items.map(({ kind, title }) => `${kind} ${title}`)]),
  );

describe('The calendar', () => {
  it('has follow-ups, tasks, visits, e-mails and unpaid invoices on their days, and counts each kind', async () => {
    const { laptop, draft } = await withDays();
    const before = {
      '2026-03-02': ['followUp Adler'],
      '2026-03-03': ['visit Adler'],
      '2026-03-04': ['task Send samples'],
      '2026-03-05': ['followUp Birch', 'email Prices'],
    };
    expect(titles(laptop), 'a draft is due to nobody').toEqual(before);
    const { number } = (await laptop.invoices.issue(draft)).record;
    expect(titles(laptop)).toEqual({ ...before, '2026-03-07': [`invoice ${number}`] });
    const { counts, days } = ask(laptop);
    expect(counts).toEqual({ followUp: 2, task: 1, visit: 1, email: 1, invoice: 1 });
    const invoice = days.flatMap(({ items }) => items).find(({ kind }) => kind === 'invoice');
    expect(invoice).toMatchObject({
      amount: { value: '25.00', currency: 'EUR' },
      clientName: 'Adler',
      address: '5 Quay, Ulm',
      phone: '1',
      canMove: false,
    });
    await laptop.invoices.addPayment(draft, { date: today, amount: '25', method: 'transfer', reference: null });
    expect(titles(laptop), 'a paid one is due no more').toEqual(before);
  });

  it('shows the kinds that are asked for and counts the others, and ends where the days end', async () => {
    const { laptop } = await withDays();
    expect(titles(laptop, { kinds: ['task'] })).toEqual({ '2026-03-04': ['task Send samples'] });
    expect(ask(laptop, { kinds: ['task'] }).counts.followUp).toBe(2);
    expect(titles(laptop, { from: '2026-03-03', days: 2 })).toEqual({ '2026-03-03': ['visit Adler'], '2026-03-04': ['task Send samples'] });
    expect(titles(laptop, { kinds: [] })).toEqual({});
  });

  it('follows every change, also after a start from a checkpoint', async () => {
    const { laptop, birch, visit, task } = await withDays();
    ask(laptop);
    await laptop.clients.change(birch, { nextFollowUpDate: dayAfter(today, 2) });
    await laptop.activities.change(visit, { occurredAt: '2026-03-01T23:00:00.000Z' });
    await laptop.tasks.change(task, { status: 'completed' });
    const after = {
      '2026-03-01': ['visit Adler'],
      '2026-03-02': ['followUp Adler'],
      '2026-03-05': ['email Prices'],
      '2026-03-06': ['followUp Birch'],
    };
    expect(titles(laptop)).toEqual(after);
    await laptop.files.writeCheckpoint(laptop.book.snapshot());
    expect(titles(await laptop.reopen())).toEqual(after);
  });

  it('names what is overdue, the longest first, and moves all of it to a day in one step that one undo takes back', async () => {
    const { laptop, adler, birch, task } = await withDays();
    await laptop.tasks.change(task, { dueDate: dayAfter(today, -5) });
    await laptop.clients.change(birch, { nextFollowUpDate: dayAfter(today, -1) });
    const before = ask(laptop);
    expect(before.overdue).toMatchObject({ total: 3, items: [{ title: 'Send samples' }, { title: 'Adler' }, { title: 'Birch' }] });
    const answer = await laptop.calendar.move(
      [
        { noun: 'clients', id: adler },
        { noun: 'clients', id: birch },
        { noun: 'tasks', id: task },
        { noun: 'tasks', id: 'gone' },
      ],
      today,
    );
    expect(answer).toMatchObject({ moved: 3, operationId: expect.any(String) });
    expect(ask(laptop).overdue).toEqual({ total: 0, items: [] });
    expect(titles(laptop)[today]).toEqual(['followUp Adler', 'followUp Birch', 'task Send samples']);
    await laptop.history.undo(null);
    expect(ask(laptop)).toEqual(before);
  });

  it('is of one person and of nobody where somebody is named', async () => {
    const { laptop } = await withDays();
    const person = async (fullName: string) => (await laptop.directory.create({ kind: 'user', fullName })).record.id;
    const [mei, ole] = [await person('Mei'), await person('Ole')];
    await laptop.clients.create({ name: 'Of Ole', nextFollowUpDate: today, accountOwnerId: ole });
    await laptop.clients.create({ name: 'Of Mei', nextFollowUpDate: today, assignedToIds: [mei] });
    expect(titles(laptop, { whose: mei })[today]).toEqual(['followUp Of Mei', 'task Send samples']);
  });

  it('shows fifty of a kind on a day and counts the rest, and reads no more records for it', async () => {
    const looked = await Promise.all(
      [200, 2000].map(async (clients) => {
        const { laptop } = await withDays();
        await laptop.book.run('imports.start', 'import', (tx) => {
          for (let at = 0; at < clients; at += 1) tx.create('clients', { name: `Client ${at}`, nextFollowUpDate: today });
        });
        let count = 0;
        const get = ((noun: NounName, id: string) => {
          count += 1;
          return laptop.book.get(noun, id);
        }) as typeof laptop.book.get;
        const walk = () => {
          throw new Error('The book was walked');
        };
        const book = { ...laptop.book, get, all: walk };
        const due = createDueRecords(book, laptop.clock);
        const calendar = createCalendarService({ book, clock: laptop.clock, due });
        const asked = { from: today, days: 7, kinds: all, whose: null };
        calendar.days(asked);
        count = 0;
        const [day] = calendar.days(asked).days;
        expect([day?.items.length, day?.total]).toEqual([51, clients + 1]);
        return count;
      }),
    );
    expect(looked[0]).toBeLessThan(130);
    expect(looked[1]).toBe(looked[0]);
  });

  it('goes into a file that another calendar reads as it was, with the same uid each time', async () => {
    const { laptop, draft } = await withDays();
    await laptop.clients.create({ name: 'Óla; "B", C\\D', nextFollowUpDate: '2026-03-06' });
    await laptop.invoices.issue(draft);
    const path = join(laptop.folder, 'calendar.ics');
    const files = {
      make: async (fileName: string, _: string, write: (target: string) => Promise<void>) => {
        await write(path);
        return { fileId: 'one', fileName };
      },
    };
    const service = createCalendarFileService({ ...laptop, files, write: writeCalendar });
    const asked = { from: dayAfter(today, -3), days: 10, kinds: all, whose: null };
    expect(await service.make(asked)).toEqual({ fileId: 'one', fileName: 'Calendar 2026-03-01.ics', items: 7 });
    const text = readFileSync(path, 'utf8');
    expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
    const read = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
    expect(read.map(({ startDate, summary, location }) => [startDate.toString(), summary, location])).toEqual([
      ['2026-03-02', 'Call Adler', '5 Quay, Ulm'],
      ['2026-03-03T10:30:00Z', 'Visit: Adler', '5 Quay, Ulm'],
      ['2026-03-04', 'Send samples', null],
      ['2026-03-05', 'Call Birch', null],
      ['2026-03-05T23:59:00Z', 'E-mail: Prices', null],
      ['2026-03-06', 'Call Óla; "B", C\\D', null],
      ['2026-03-07', expect.stringMatching(/^Invoice .+ due$/), '5 Quay, Ulm'],
    ]);
    const uids = read.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(7);
    await service.make(asked);
    const again = new ICAL.Component(ICAL.parse(readFileSync(path, 'utf8'))).getAllSubcomponents('vevent');
    expect(again.map((event) => new ICAL.Event(event).uid)).toEqual(uids);
    expect((await problemOf(service.make({ ...asked, from: '2027-01-01' }))).code).toBe('NOTHING_TO_EXPORT');
  });
});
