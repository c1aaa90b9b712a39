import { writeFile } from 'node:fs/promises';
import ICAL from 'ical.js';
import type { CalendarEntry } from '../domain/calendar/calendar-file.ts';

/** Writes an iCalendar file (RFC 5545). What has a day is there all day and keeps nobody busy. */
export async function writeCalendar(path: string, entries: readonly CalendarEntry[], stamp: Date): Promise<void> {
  const calendar = new ICAL.Component('vcalendar');
  calendar.addPropertyWithValue('version', '2.0');
  calendar.addPropertyWithValue('prodid', '-//Fieldbook//Calendar//EN');
  for (const { uid, start, title, place, note } of entries) {
    const event = new ICAL.Component('vevent');
    event.addPropertyWithValue('uid', uid);
    event.addPropertyWithValue('dtstamp', ICAL.Time.fromJSDate(stamp, true));
    const isDay = start.length === 10;
    event.addPropertyWithValue('dtstart', isDay ? ICAL.Time.fromDateString(start) : ICAL.Time.fromJSDate(new Date(start), true));
    if (isDay) event.addPropertyWithValue('transp', 'TRANSPARENT');
    event.addPropertyWithValue('summary', title);
    if (place !== null) event.addPropertyWithValue('location', place);
    event.addPropertyWithValue('description', note);
    calendar.addSubcomponent(event);
  }
  await writeFile(path, `${calendar.toString()}\r\n`, { mode: 0o600, flush: true });
}
