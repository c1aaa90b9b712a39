import type { TodayRow } from '../../shared/contracts/today.contract.ts';
import { nouns } from '../../shared/nouns/nouns.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import type { Book } from './book.ts';
import { clientOfActivity, phoneOfClient } from './due-records.ts';
import { nameOf } from './lists/record-views.ts';

/** A change that a sync left for a person to decide about. */
export interface OpenDecision {
  kind: 'conflict' | 'refused';
  collection: string;
  recordId: string;
  at: string;
}

/** What is to be done as a row of Today; null where its record is not in the book any more. */
export function createTodayRows(book: Book) {
  const nothing = { noun: null, clientId: null, clientName: null, phone: null, day: null, at: null };

  function clientRow({ id, at: day }: { id: string; at: string }): TodayRow | null {
    const client = book.get('clients', id);
    if (client === undefined) return null;
    const { name } = client;
    return {
      ...nothing,
      key: `clients/${id}`,
      kind: 'call',
      noun: 'clients',
      id,
      title: name,
      clientId: id,
      clientName: name,
      phone: phoneOfClient(book, client),
      day,
    };
  }

  function taskRow({ id, at: day }: { id: string; at: string }): TodayRow | null {
    const task = book.get('tasks', id);
    if (task === undefined) return null;
    const client = task.clientId === null ? undefined : book.get('clients', task.clientId);
    return {
      ...nothing,
      key: `tasks/${id}`,
      kind: 'task',
      noun: 'tasks',
      id,
      title: task.title,
      clientId: client?.id ?? null,
      clientName: client?.name ?? null,
      phone: client === undefined ? null : phoneOfClient(book, client),
      day,
    };
  }

  function emailRow({ id, at }: { id: string; at: string }): TodayRow | null {
    const email = book.get('activities', id);
    if (email === undefined) return null;
    const title = email.subject ?? 'No subject';
    return { ...nothing, key: `activities/${id}`, kind: 'email', noun: 'activities', id, title, ...clientOfActivity(book, email), at };
  }

  function decisionRow({ kind, collection, recordId: id, at }: OpenDecision): TodayRow {
    const noun = isNounName(collection) ? collection : null;
    const record = noun === null ? undefined : survivorOf((one) => book.get(noun, one), id);
    const title =
      noun === null
        ? 'A step of the history'
        : record === undefined
          ? `A ${nouns[noun].singular} that is not here any more`
          : nameOf(noun, record);
    return { ...nothing, key: `${kind}/${collection}/${id}`, kind, noun: record === undefined ? null : noun, id, title, at };
  }

  return { clientRow, taskRow, emailRow, decisionRow };
}
