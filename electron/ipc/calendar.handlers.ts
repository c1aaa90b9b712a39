import { calendarContract } from '../../shared/contracts/calendar.contract.ts';
import { implement } from '../../shared/contracts/contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import type { CalendarFileService } from '../domain/calendar/calendar-file.ts';

export const calendarHandlers = ({ calendar }: BookServices, files: CalendarFileService) =>
  implement(calendarContract, {
    days: (asked) => calendar.days(asked),
    move: ({ items, day }) => calendar.move(items, day),
    file: (asked) => files.make(asked),
  });
