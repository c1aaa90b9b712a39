import type { NounName, RecordOf, Stored } from './nouns.ts';
import type { Problem } from '../lib/result.ts';
import { activityRules } from './activity/activity.rules.ts';
import { caseRules } from './case/case.rules.ts';
import { invoiceRules } from './invoice/invoice.rules.ts';
import { clientRules } from './client/client.rules.ts';
import { contactRules } from './contact/contact.rules.ts';
import { directoryRules } from './directory/directory.rules.ts';
import { itemPriceRules } from './item-price/item-price.rules.ts';
import { locationContactRules } from './location-contact/location-contact.rules.ts';
import { locationItemPriceRules } from './location-item-price/location-item-price.rules.ts';
import { ownFieldRules } from './own-field/own-field.rules.ts';
import { locationRules } from './location/location.rules.ts';
import { opportunityRules } from './opportunity/opportunity.rules.ts';
import { taskRules } from './task/task.rules.ts';
import type { Step } from '../operations/transaction.ts';

/** The person's days: today's, and that of any instant. */
export interface Days {
  today: string;
  dayOf: (instant: string) => string;
}

/**
 * Who wants a change: a person; a step back or forth in history; or the step back over the making of the record, which
 * would say that it never was.
 */
export type ChangedBy = 'person' | 'step' | 'unmaking';

/** A record as it was before somebody changed it, null where it is made; and which of its fields were named, new or not. */
interface Asked<R> {
  before: R | null;
  names(field: keyof R & string): boolean;
}

/** What a noun's records must keep, beside their schema and their parents (shared/nouns/nouns.ts). Checked in transaction.ts. */
export interface RecordRules<R> {
  /** The id, where it follows from the fields so that two laptops make the same record; making it again changes it. */
  id?(fields: R): string;
  /** A value no two live records may share. */
  unique?: {
    /** The value; null where the record has none. */
    value(record: R): string | null;
    /** Two values with the same key are the same value. */
    key?(value: string): string;
    problem(holder: { id: string; name: string }): Problem;
    /** True where a deleted record keeps its value: an invoice's number is never given twice. */
    alsoDeleted?: boolean;
  };
  /** One record per parent carries `isPrimary`: at most one, or exactly one where there are any. */
  primary?: { parent: keyof R & string; kind: 'atMostOne' | 'exactlyOne'; problem: Problem };
  /**
   * What follows from the fields that are new, set in the same operation. `asked` is there where somebody made or changed just
   * this record; history and merges, which set fields as they have been, bring none.
   */
  derive?(record: R, differs: (field: keyof R & string) => boolean, today: string, asked: Asked<R> | null): Partial<R>;
  /** Rules inside one record. `differs` tells which fields are new: what was there before is not held against an edit. */
  check?(record: R, differs: (field: keyof R & string) => boolean, today: string): Problem | null;
  /**
   * Fields of what is wanted that this record keeps as they are; null where it takes all. What it keeps from a step is left
   * alone and counted; a person is refused with the problem.
   */
  keeps?(record: Stored<R>, wanted: Partial<R>, by: ChangedBy): { fields: readonly string[]; problem: Problem } | null;
  /** Fields that a step back or forth turns all at once, or leaves. */
  together?: ReadonlySet<string>;
  /** What follows in other records from a live one that is new or changed, set in the same operation. */
  follow?(record: R, differs: (field: keyof R & string) => boolean, step: Pick<Step, 'get' | 'assign'>, day: Days): void;
  /** Said when the record that the problem's `field` names is not in the book. */
  parentUnknown?: readonly Problem[];
}

export const recordRules: { readonly [N in NounName]: RecordRules<RecordOf[N]> } = {
  clients: clientRules,
  contacts: contactRules,
  locations: locationRules,
  itemPrices: itemPriceRules,
  opportunities: opportunityRules,
  cases: caseRules,
  tasks: taskRules,
  invoices: invoiceRules,
  directory: directoryRules,
  ownFields: ownFieldRules,
  activities: activityRules,
  locationContacts: locationContactRules,
  locationItemPrices: locationItemPriceRules,
};

/** A record that is not deleted by itself, like an issued invoice, is not deleted with another: it goes on naming that one. */
export function staysWithoutParent(noun: NounName, record: Stored<RecordOf[NounName]>): boolean {
  const { keeps } = recordRules[noun] as RecordRules<RecordOf[NounName]>;
  return (keeps?.(record, { deletedAt: record.updatedAt }, 'person') ?? null) !== null;
}

export function uniqueKey(noun: NounName, record: RecordOf[NounName]): string | null {
  const { unique } = recordRules[noun] as RecordRules<RecordOf[NounName]>;
  const value = unique?.value(record);
  // What is not a text came from damage: it is found by the check of the book, and is like no other.
  return unique === undefined || typeof value !== 'string' ? null : (unique.key?.(value) ?? value);
}
