import { type ActivityRecord, activityTime } from '../../shared/nouns/activity/activity.ts';
import type { Client } from '../../shared/nouns/client/client.ts';
import { clientWays, type Ways } from '../../shared/nouns/client/client-ways.ts';
import { peopleOf } from '../../shared/nouns/directory/directory.ts';
import { type NounName, parentsOf, type RecordOf, type Stored } from '../../shared/nouns/nouns.ts';
import type { Task } from '../../shared/nouns/task/task.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { isSame } from '../../shared/lib/equal.ts';
import type { Book, BookReader } from './book.ts';
import { createDueIndex, type DueIndex } from './due-index.ts';

/** What has a day and may come up, kept while the book changes, so that nothing that asks for a day reads the book. */
export interface DueRecords {
  followUps: DueIndex;
  /** Clients with nothing planned, by the day of the last contact. */
  unplanned: DueIndex;
  tasks: DueIndex;
  /** E-mails that wait for their time. */
  emails: DueIndex;
  /** Calls, visits and completed tasks, by when. Of the last days only. */
  done: { calls: DueIndex; visits: DueIndex; tasks: DueIndex };
}

type Dated = { id: string; deletedAt: string | null };

/** Made with the first question. */
export function createDueRecords(book: Book, clock: Clock): () => DueRecords {
  let due: DueRecords | null = null;

  // Noted for as long as a day may be anywhere on earth; older ones are of no today any more.
  const isRecent = (at: string) => clock.now() - Date.parse(at) < 48 * 3_600_000;
  const people = (userIds: readonly string[], teamIds: readonly string[]) =>
    peopleOf(userIds, teamIds, (id) => book.get('directory', id) ?? null);

  function note(into: DueRecords, noun: NounName, record: Dated): void {
    const { id } = record;
    const isLive = record.deletedAt === null;
    if (noun === 'clients') {
      const client = record as Client;
      const { nextFollowUpDate: next, lastContactDate: last, accountOwnerId, assignedToIds, teamIds } = client;
      const owners = people(accountOwnerId === null ? assignedToIds : [accountOwnerId, ...assignedToIds], teamIds);
      into.followUps.put(id, isLive ? next : null, owners);
      into.unplanned.put(id, isLive && client.isActive && next === null ? last : null, owners);
    } else if (noun === 'tasks') {
      const task = record as Task;
      const isDone = isLive && task.status === 'completed';
      into.tasks.put(id, isLive && !isDone ? task.dueDate : null, people(task.assignedToIds, task.teamIds));
      into.done.tasks.put(id, isDone && isRecent(task.updatedAt) ? task.updatedAt : null, []);
    } else if (noun === 'activities') {
      const activity = record as ActivityRecord;
      const isWaiting = activity.kind === 'email' && activity.status === 'scheduled';
      into.emails.put(id, isLive && isWaiting ? activity.scheduledFor : null, []);
      const at = activityTime(activity);
      const isDone = isLive && isRecent(at);
      into.done.calls.put(id, isDone && activity.kind === 'call' ? at : null, []);
      into.done.visits.put(id, isDone && activity.kind === 'visit' ? at : null, []);
    }
  }

  /** What has a day or was touched lately. Who asks for all records makes a large book slow to start. */
  function* mayBeDue(): Generator<[NounName, Iterable<Dated>]> {
    const isLate = ({ updatedAt }: { updatedAt: string }) => isRecent(updatedAt);
    yield ['clients', book.mentioning('clients', 'nextFollowUpDate')];
    yield ['clients', book.mentioning('clients', 'lastContactDate')];
    yield ['tasks', book.mentioning('tasks', 'dueDate')];
    yield ['tasks', book.lastTouched('tasks', isLate)];
    yield ['activities', book.mentioning('activities', 'status', 'scheduled')];
    yield ['activities', book.lastTouched('activities', isLate)];
  }

  book.watch((noun, before, after) => {
    if (due === null) return;
    const membersOf = (record: object | null) => (record !== null && 'memberIds' in record ? record.memberIds : null);
    // Whose it is follows from who is in a team. That changes seldom, and is worked out anew.
    if (noun === 'directory' && !isSame(membersOf(before), membersOf(after))) due = null;
    else note(due, noun, after as Dated);
  });

  return () => {
    if (due !== null) return due;
    const index = () => createDueIndex();
    due = {
      followUps: index(),
      unplanned: index(),
      tasks: index(),
      emails: index(),
      done: { calls: index(), visits: index(), tasks: index() },
    };
    for (const [noun, records] of mayBeDue()) for (const record of records) note(due, noun, record);
    return due;
  };
}

/** How the client is got hold of, by what stands first there. */
export function waysOfClient(book: Pick<BookReader, 'children'>, client: Client): Ways {
  const primaryOf = <N extends 'contacts' | 'locations'>(noun: N): Stored<RecordOf[N]> | undefined =>
    book.children(noun, client.id).find(({ deletedAt, isPrimary, isActive }) => deletedAt === null && isPrimary && isActive);
  return clientWays(client, primaryOf('contacts'), primaryOf('locations'));
}

/** What to dial. */
export function phoneOfClient(book: Pick<BookReader, 'children'>, client: Client): string | null {
  return client.phone ?? waysOfClient(book, client).phone;
}

/** The client that an entry is about, or what it is about belongs to. */
export function clientOfActivity(
  book: Pick<BookReader, 'get'>,
  activity: ActivityRecord,
): { clientId: string | null; clientName: string | null } {
  const [on] = parentsOf('activities', activity);
  const about = on?.of === undefined || on.of === null ? undefined : book.get(on.of, on.id);
  const clientId = on?.of === 'clients' ? on.id : about !== undefined && 'clientId' in about ? about.clientId : null;
  const client = clientId === null ? undefined : book.get('clients', clientId);
  return { clientId: client?.id ?? null, clientName: client?.name ?? null };
}
