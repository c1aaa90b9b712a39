import type { ActivityView } from '../../shared/contracts/record.contract.ts';
import { activityTime } from '../../shared/nouns/activity/activity.ts';
import { type NounName, nounNames, parentNounsOf, type RecordOf, type Stored } from '../../shared/nouns/nouns.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { BookReader } from './book.ts';
import { createViewers } from './lists/record-views.ts';
import { notFound } from '../../shared/operations/transaction.ts';

export interface ActivityTimeline {
  /** What was logged on a record and on what belongs to it, newest first. */
  timeline(noun: NounName, id: string, limit: number): { rows: ActivityView[]; total: number };
}

type Book = Pick<BookReader, 'get' | 'children'>;

export function createActivityTimeline(book: Book, clock: Clock): ActivityTimeline {
  const view = createViewers(book, clock).activities;
  return {
    timeline(noun, id, limit) {
      if (book.get(noun, id) === undefined) throw new ProblemError(notFound(noun));
      const newest = activitiesOf(book, noun, id).sort(byTime);
      return { rows: newest.slice(0, limit).map(view), total: newest.length };
    },
  };
}

/** Live activities on the record and on everything that hangs on it. */
export function activitiesOf(book: Book, noun: NounName, id: string): Stored<RecordOf['activities']>[] {
  const found = new Map<string, Stored<RecordOf['activities']>>();
  const seen = new Set<string>();
  const collect = (of: NounName, recordId: string) => {
    if (seen.has(recordId)) return;
    seen.add(recordId);
    for (const child of childNouns[of]) {
      for (const record of book.children(child, recordId)) {
        if (child === 'activities') {
          const activity = record as Stored<RecordOf['activities']>;
          if (activity.deletedAt === null) found.set(activity.id, activity);
        } else if (record.deletedAt === null) collect(child, record.id);
      }
    }
  };
  collect(noun, id);
  return [...found.values()];
}

const childNouns = Object.fromEntries(
  nounNames.map((noun) => [noun, nounNames.filter((child) => child !== noun && parentNounsOf(child).includes(noun))]),
) as Record<NounName, NounName[]>;

function byTime(left: RecordOf['activities'], right: RecordOf['activities']): number {
  const [a, b] = [activityTime(left), activityTime(right)];
  return a === b ? (left.id < right.id ? 1 : -1) : a < b ? 1 : -1;
}
