import { type CalendarItem, calendarKinds, mostInFile } from '../../../shared/contracts/calendar.contract.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import type { TransferFiles } from '../transfer/transfer-ports.ts';
import type { CalendarAsked, CalendarService } from './calendar.service.ts';
import { words } from '../../../shared/words/words.ts';

/** What stands in a calendar file of one item. */
export interface CalendarEntry {
  uid: string;
  /** YYYY-MM-DD, or an instant. */
  start: string;
  title: string;
  place: string | null;
  note: string;
}

export interface CalendarFileService {
  make(asked: CalendarAsked): Promise<{ fileId: string; fileName: string; items: number }>;
}

export function createCalendarFileService(deps: {
  calendar: Pick<CalendarService, 'all'>;
  files: Pick<TransferFiles, 'make'>;
  /** Writes an iCalendar file. `stamp` is when it is made. */
  write: (path: string, entries: readonly CalendarEntry[], stamp: Date) => Promise<void>;
  clock: Clock;
}): CalendarFileService {
  const { calendar, files, write, clock } = deps;
  return {
    async make(asked) {
      const items = calendar.all(asked, mostInFile + 1);
      if (items.length === 0)
        throw new ProblemError({
          code: 'NOTHING_TO_EXPORT',
          ...words('exports.noItems'),
        });
      if (items.length > mostInFile)
        throw new ProblemError({
          code: 'INVALID_INPUT',
          ...words('exports.tooManyItems', { most: mostInFile }),
        });
      const name = `Calendar ${asked.from}.ics`;
      const file = await files.make(name, 'text/calendar', (path) => write(path, items.map(entryOf), new Date(clock.now())));
      return { fileId: file.fileId, fileName: file.fileName, items: items.length };
    },
  };
}

/** The same item has the same uid in every file: a calendar that takes it in again moves it, and does not double it. */
function entryOf({ key, kind, title, clientName, phone, address, day, at, amount }: CalendarItem): CalendarEntry {
  const titles: Record<CalendarItem['kind'], string> = {
    followUp: `Call ${title}`,
    task: title,
    visit: `Visit: ${title}`,
    email: `E-mail: ${title}`,
    invoice: `Invoice ${title} due`,
  };
  const facts = [
    calendarKinds[kind],
    clientName !== null && clientName !== title ? clientName : null,
    phone,
    amount === null ? null : `${amount.value} ${amount.currency}`,
  ].filter((one) => one !== null);
  return { uid: `${key.replace('/', '-')}@fieldbook`, start: at ?? day, title: titles[kind], place: address, note: facts.join('\n') };
}
