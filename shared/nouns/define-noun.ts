import type { z } from 'zod';
import type { FieldInfo } from './field.ts';

/**
 * What must be said of a noun. Every word is required: what the app, the server, search, imports and lists need to know of
 * a noun is asked here, where it is made, and forgetting it does not compile. What follows from the fields (columns, forms,
 * filters, exports, history, references) is not asked. Its rules are said beside it (record-rules.ts).
 */
export interface NounDefinition {
  singular: string;
  plural: string;
  /** The record whole, and the part of it that people give. */
  schema: z.ZodType;
  fieldsSchema: z.ZodObject;
  fields: readonly FieldInfo[];
  /** What cannot be left out when a record is made, as it is while nobody has said it. */
  needed: Readonly<Record<string, string>>;
  /** What the record is called in lists, search and messages. */
  title: (record: never) => string;
  /** The field that a list is in the order of when nobody chose another. */
  titlePath: string;
  /** Lists begin with the newest, not in the order of the alphabet. */
  isNewestFirst: boolean;
  /**
   * Fields that name the record it hangs on; deleting that one deletes this one in the same operation. Where it is not always
   * of the same noun, a field of the record says which. The first is the one that a row of an import is under.
   */
  parents: Readonly<Record<string, string | { namedBy: string; of: Readonly<Record<string, string>> }>>;
  /** The id follows from the fields (`id` of its rules): two laptops can make the same record, each saying another part of it. */
  isMadeTwice: boolean;
  /**
   * Where people meet it: a place in the navigation, in search and in the counts of the book; only through the records
   * that it ties together; or in Settings.
   */
  at: 'place' | 'tie' | 'settings';
  /** Who may see a record on a server: everybody, its owners (and everybody where it has none), or who sees what it hangs on. */
  seenBy: 'everybody' | 'owners' | 'parents';
  /** Who of those who see a record may change it: all of them, who wrote it, or administrators, who may everything. */
  writtenBy: 'seers' | 'author' | 'admins';
  /** Who may delete it by itself; what goes along with a record that it hangs on asks nobody. Managers: administrators too. */
  deletedBy: 'seers' | 'author' | 'managers' | 'admins';
  /** Whether people put tags on it. */
  hasTags: boolean;
  /** How its records stand on a board, in columns; null where they have none. */
  board: NounBoard | null;
  /** How a file's columns name it, and its field for what no column has room for; null where no file brings it in. */
  imported: { prefix: string; label: string; noteField: string | null } | null;
}

export interface NounBoard {
  /** The choice whose values are the columns, in the order that the choice has. */
  column: string;
  /** Values of it with which the work is over. */
  closed: readonly string[];
  /**
   * What the head of a column adds up, each currency by itself: the field, its currency, what of it is likely, and the chance
   * in percent that comes with each column.
   */
  amount: { path: string; currency: string; likely: string; chances: Readonly<Record<string, number>> } | null;
  /** The order of the cards in a column while nobody chose another. */
  order: readonly { path: string; descending: boolean }[];
  /** The fields of a card: what it is called, the line under it, and what stands below. */
  card: readonly [string, string, ...string[]];
}

export function defineNoun<const Definition extends NounDefinition>(definition: Definition): Definition {
  return definition;
}
