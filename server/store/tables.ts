import type { ColumnType, JSONColumnType, Kysely, RawBuilder, Transaction } from 'kysely';

/** The tables as the migrations leave them (migrations.ts). The organisation is first in every key and index. */
export interface Tables {
  organisations: {
    organisation_id: string;
    name: string;
    /** What dialects with whole numbers call the organisation. */
    number: ColumnType<number, never, never>;
    /** Changes when a backup is restored, so that no laptop goes on from a place that is no more. */
    epoch: string;
    /** The newest change's number: without gaps, because the row is locked by whoever writes. */
    seq: number;
    /** The newest whole-number id given out, by collection. */
    numbers: JSONColumnType<Record<string, number>, string, string>;
    /** The newest stamp of any field here (shared/sync/stamp.ts): what the server writes is stamped after it. */
    newest_stamp: string | null;
    /** Deleted records up to this number may have been purged: who has not pulled so far begins anew. */
    floor: ColumnType<number, number | undefined, number>;
    created_at: string;
  };
  records: {
    organisation_id: string;
    collection: string;
    id: string;
    /** The record's id in dialects with whole numbers. */
    number: number;
    seq: number;
    /** The number it got when who may see it last changed (moves.ts); null while that never happened. */
    moved_seq: ColumnType<number | null, never, number>;
    /** The record with the stamp of each field, secrets sealed. */
    doc: JSONColumnType<Record<string, unknown>, string, string>;
    /** Texts as they are compared: without case and accents (shared/lib/text.ts), by path. */
    folded: JSONColumnType<Record<string, unknown>, string, string>;
    /** What lists are sorted and looked up by, outside `doc`: row-level security keeps other conditions off an index. */
    name_key: string | null;
    /** Null where a record of its collection is neither active nor inactive. */
    is_active: boolean | null;
    /** What no two live records may share (shared/nouns): a client's e-mail, an invoice's number. */
    unique_key: string | null;
    /** What the record hangs on. */
    parent_id: string | null;
    second_id: string | null;
    third_id: string | null;
    /** People and teams that the record is theirs; empty: nobody's, so everybody sees it. */
    owners: string[];
    created_at: string;
    updated_at: string;
    deleted_at: string | null;
  };
  /** What lists look up: the text of a field from every beginning of a word, and facets; with what they are sorted by most. */
  terms: { organisation_id: string; collection: string; term: string; id: string; name_key: string | null; created_at: string };
  /** Which records have three characters in a row in their name (name-grams.ts): whole numbers, less the block's times 8192. */
  name_grams: { organisation_id: string; collection: string; gram: string; block: number; members: number[] };
  /** What laptops did, in their words (shared/operations/operation.ts), as JSON with secrets sealed. Never changed. */
  operations: { organisation_id: string; id: string; seq: number; moved_seq: number | null; doc: string };
  /** Which records an operation touched: it is seen by whoever sees all of them. */
  operation_records: { organisation_id: string; collection: string; record_id: string; operation_id: string };
  /** Answers to pushes, for a device that asks again (server/sync/). */
  receipts: { organisation_id: string; session_id: string; batch_id: string; digest: string; verdicts: string; at: number };
  /** Where an organisation's changes stood at a time: what was deleted before then can be purged once that is long ago. */
  marks: { organisation_id: string; at: number; seq: number };
  /** Contents of attached files that are on the disk, each organisation its own (file-store.ts). */
  files: {
    organisation_id: string;
    sha256: string;
    size: number;
    media_type: string;
    created_at: string;
    /** When it was last uploaded or asked for to be named: a file that nothing names stays for a time after that. */
    kept_at: string;
  };
  /** E-mails that wait for this server or are in its hands: what the records say, in one place for all organisations. */
  outbox: {
    organisation_id: string;
    email_id: string;
    /** Milliseconds; null while it is handed to a mail server. */
    due_at: number | null;
    /** Whose hands it is in, and until when it is theirs if they are not heard of. */
    claim: string | null;
    claimed_until: number | null;
  };
  /** Foreign systems that the server speaks to for an organisation. What signs in there is sealed. */
  remotes: {
    organisation_id: string;
    id: string;
    kind: string;
    url: string;
    /** The organisation's id or name there; null where the system has only one. */
    remote_organisation: string | null;
    account: string | null;
    direction: 'both' | 'read' | 'write';
    settings: JSONColumnType<Record<string, unknown>, string, string>;
    /** JSON of what signs in, sealed. */
    secrets: string;
    /** By whom what comes from there is written: somebody who signs in here. */
    user_id: string;
    connected_at: string;
    every_ms: number;
    /** Milliseconds of the database's clock, as all times of a claim. */
    due_at: ColumnType<number, number | RawBuilder<number>, number | RawBuilder<number>>;
    /** Whose hands it is in, who that is for people, and until when it is theirs if they are not heard of. */
    claim: ColumnType<string | null, never, null>;
    holder: ColumnType<string | null, never, never>;
    claimed_until: ColumnType<number | null, never, never>;
    /** When it was last met, and what became of that. */
    last_at: ColumnType<number | null, never, never>;
    receipt: ColumnType<Record<string, unknown> | null, never, never>;
  };
  /** What is remembered of each of them (remotes/shadow-store.ts): JSON by key. */
  remote_memory: { organisation_id: string; remote_id: string; key: string; value: JSONColumnType<object, string, string> };
  logins: {
    organisation_id: string;
    /** The person's entry in the directory. */
    user_id: string;
    email_key: string;
    password_hash: string;
    role: 'admin' | 'manager' | 'member';
    is_active: boolean;
  };
  /** A device that is signed in: one family of refresh tokens, or one browser. */
  sessions: {
    organisation_id: string;
    id: string;
    user_id: string;
    device: string;
    /** Which refresh token of the family is the good one. */
    generation: number;
    rotated_at: number;
    created_at: string;
    used_at: string;
    revoked_at: string | null;
  };
  server_keys: { name: string; secret: string };
  /** What was used of a limit since when, by all processes (limits.ts). */
  limits: { key: string; since: number; used: number };
  /** To how many a person's e-mails went since when (recipient-limit.ts). */
  recipients: { organisation_id: string; user_id: string; since: number; used: number };
}

export type Database = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** The role every request's transaction takes on. It owns nothing, and row-level security holds for it. */
export const tenantRole = 'fieldbook_tenant';

/** The role that purges, one organisation at a time (purge.ts). */
export const keeperRole = 'fieldbook_keeper';
