import type { Stamps } from './stamp.ts';
import type { Checkpoint, ResyncReason, SyncCollection } from './wire.ts';

/**
 * What an operation says of the server, beside the records it changes. It stands in the same line of the journal, so after
 * any death both are there or neither. An operation of kind `sync` was made by the sync itself: its changes set records as
 * they came, with the stamps they came with.
 */
export interface SyncPart {
  /** Which remote (remotes.json). */
  remote: string;
  /** From here on every record is held against what the server has. */
  on?: true;
  /** One for each change of an operation of kind `sync`, in their order. */
  rows?: SyncRow[];
  /** Copies that are the server's now, of records that this operation leaves as they are. */
  bases?: SyncBase[];
  /** Records that are gone from this laptop: the person does not see them any more, or the server has forgotten them. */
  dropped?: { collection: string; id: string }[];
  checkpoints?: Partial<Record<SyncCollection, Checkpoint>>;
  /** Own operations up to this number are on the server, or were refused. */
  sentThrough?: number;
  /** Everything is pulled from the beginning, for this reason; `done` when that has ended. */
  anew?: ResyncReason | 'done';
  /** The laptop's clock was ahead: how far, in milliseconds. Stamps ahead of the server's clock count as never issued. */
  clock?: { offset: number; newestStamp: string };
  /** Own operations that are sent under another stamp than they were written with, because that one was ahead of time. */
  operationStamps?: Record<string, string>;
  conflicts?: KeptConflict[];
  /** Conflicts a person has looked at, by id. */
  settled?: string[];
  /** What a person answered in this operation, whole: undo brings it back. */
  answered?: Answered;
  /** The same by an undo: it is open again. */
  reopened?: Answered;
  /** Records in which what two laptops did does not fit together yet: looked at when everything has been pulled. */
  meetings?: Meeting[];
  /** Meetings that are over, by `collection/id`. */
  met?: string[];
  refused?: Refusal[];
  /** Refusals that are over, by `collection/id`. */
  accepted?: string[];
  setAside?: SetAside[];
  /** What other kinds of remotes remember, by key; null forgets. */
  memory?: Record<string, unknown>;
}

/** All that is not a field of its own: what a change does not list. */
export interface CopyHead {
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  updatedBy: string;
  stamps: Stamps;
}

/** A copy of a record: fields that differ from the noun's blank record, and the head. */
export interface Copy {
  head: CopyHead;
  fields: Record<string, unknown>;
}

export interface SyncRow {
  /** Of the record as it is after the change. */
  head: CopyHead;
  /** The server's copy: the record itself, another one, or none. */
  base: 'same' | Copy | null;
  /** The server's number as of which `base` is so. */
  seq: number;
}

export interface SyncBase {
  collection: string;
  id: string;
  /** `same`: as the record is here at this point of the journal; its newest stamp is named, to be sure of it. */
  base: { same: string } | Copy | null;
  seq: number;
}

export type Answered = Pick<SyncPart, 'conflicts' | 'refused' | 'setAside'>;

/**
 * Something to look at when all of a pull is here: a change met a deletion or a merge, something hangs on a record that is
 * deleted or was merged into another.
 */
export interface Meeting {
  collection: string;
  id: string;
  /** The record itself was changed on one side while the other one deleted or merged it. */
  edit: { was: Record<string, unknown>; now: Record<string, unknown>; side: 'mine' | 'theirs'; by: string; at: string } | null;
}

/** Two people changed one field without knowing of each other. The later value stands; the other one is kept here. */
export interface KeptConflict {
  id: string;
  collection: string;
  recordId: string;
  /** `deletedAt` also where a change met a deletion. */
  field: string;
  /** What both of them saw before; undefined where that is not known. */
  base: { value: unknown } | null;
  mine: { value: unknown; by: string; at: string };
  theirs: { value: unknown; by: string; at: string };
  /** `both`: a long text with the lines of both. */
  kept: 'mine' | 'theirs' | 'both';
  /** When it was found. */
  at: string;
}

/** A record the server does not take as it is. It is sent again when it was changed. */
export interface Refusal {
  collection: string;
  id: string;
  code: string;
  field: string | null;
  message: string;
  /** The record's newest stamp when it was refused. */
  stamp: string;
  at: string;
}

/** A change that this person may not write any more: it is not in the book, and not lost. */
export interface SetAside {
  id: string;
  collection: string;
  recordId: string;
  code: string;
  message: string;
  mine: Copy;
  at: string;
}
