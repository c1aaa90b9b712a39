import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../shared/operations/operation.ts';
import { isSealed, turnSecretFields, turnSecretParts } from '../../shared/nouns/secret.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { words } from '../../shared/words/words.ts';
import type { Answered, Copy, KeptConflict, SyncPart } from '../../shared/sync/sync-part.ts';
import type { DataKeys } from './data-key.ts';
import type { Notice } from './notices.ts';

/**
 * Between memory, where secret fields are plain, and everything that is written: journal lines, checkpoints, database
 * rows and backups. What has nothing secret comes back as it is, the same object.
 */
export interface SecretBox {
  sealFields<T extends object>(noun: NounName, id: string, fields: T): T;
  /** What cannot be opened stays sealed, and is sealed again by nobody: nothing is lost by a missing key (invariant 2). */
  openFields<T extends object>(noun: NounName, id: string, fields: T): T;
  sealOperation(operation: Operation): Operation;
  openOperation(operation: Operation): Operation;
  /** Of what is known of servers: copies of records, and values in conflicts. */
  sealSync(part: SyncPart): SyncPart;
  openSync(part: SyncPart): SyncPart;
  /** What a person must know about the secrets met so far. */
  notices(): Notice[];
  onNotices(listener: () => void): void;
}

/** Leaves everything as it is: for programs and tests that write books without secrets. */
export const noSecretBox: SecretBox = {
  sealFields: (_noun, _id, fields) => fields,
  openFields: (_noun, _id, fields) => fields,
  sealOperation: (operation) => operation,
  openOperation: (operation) => operation,
  sealSync: (part) => part,
  openSync: (part) => part,
  notices: () => [],
  onNotices: () => undefined,
};

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

type Met = 'used' | 'keyClosed' | 'keyMissing' | 'altered';

/** Seals single texts with the data key. A text is bound to its place: moved to another it cannot be opened. */
export interface TextSeal {
  seal(place: string, text: string): string;
  /** Null where it cannot be opened. */
  open(place: string, text: string): string | null;
  protection: DataKeys['protection'];
}

export function createTextSeal(keys: DataKeys, meet: (what: Met) => void = () => undefined): TextSeal {
  return {
    protection: keys.protection,
    seal(place, text) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, keys.current.bytes, iv, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(place));
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `sealed:v1:${keys.current.id}:${sealed.toString('base64')}`;
    },
    open(place, text) {
      const [, , keyId = '', value = ''] = text.split(':');
      const key = keys.opened.get(keyId);
      if (key === undefined) {
        meet(keys.closed.has(keyId) ? 'keyClosed' : 'keyMissing');
        return null;
      }
      try {
        const bytes = Buffer.from(value, 'base64');
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(place));
        decipher.setAuthTag(bytes.subarray(-tagBytes));
        return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8');
      } catch {
        // Damaged, changed by hand, or taken from another record.
        meet('altered');
        return null;
      }
    },
  };
}

export function createSecretBox(keys: DataKeys): SecretBox {
  const met = new Set<Met>();
  const listeners: (() => void)[] = [];
  /** Sealed forms of what is in memory, so that a checkpoint does not seal everything again. Values are never changed in place. */
  const sealedForms = new WeakMap<object, { place: string; sealed: object }>();

  const meet = (what: Met) => {
    if (met.has(what)) return;
    met.add(what);
    for (const listener of listeners) listener();
  };

  const { seal: sealText, open: openText } = createTextSeal(keys, meet);

  const sealValue = (place: string, value: object, parts: readonly string[]): object => {
    const known = sealedForms.get(value);
    if (known?.place === place) return known.sealed;
    const sealed = turnSecretParts(place, value, parts, (at, text) => (isSealed(text) ? text : sealText(at, text)));
    if (sealed !== value) meet('used');
    sealedForms.set(value, { place, sealed });
    return sealed;
  };

  const openValue = (place: string, value: object, parts: readonly string[]): object => {
    let isAllCurrent = true;
    const opened = turnSecretParts(place, value, parts, (at, text) => {
      isAllCurrent &&= text.startsWith(`sealed:v1:${keys.current.id}:`);
      return isSealed(text) ? (openText(at, text) ?? text) : text;
    });
    if (opened === value) return value;
    meet('used');
    if (isAllCurrent) sealedForms.set(opened, { place, sealed: value });
    return opened;
  };

  const fieldsWith =
    (work: typeof sealValue) =>
    <T extends object>(noun: NounName, id: string, fields: T): T =>
      turnSecretFields(noun, id, fields, work);
  const sealFields = fieldsWith(sealValue);
  const openFields = fieldsWith(openValue);

  const operationWith =
    (work: typeof sealFields) =>
    (operation: Operation): Operation => {
      let isSame = true;
      const changes = operation.changes.map((change): Change => {
        const { collection, id } = change;
        if (!isNounName(collection)) return change;
        const before = change.before === null ? null : work(collection, id, change.before);
        const after = work(collection, id, change.after);
        if (before === change.before && after === change.after) return change;
        isSame = false;
        return { ...change, before, after };
      });
      const sync = operation.sync === undefined ? undefined : turnSync(operation.sync, work, operation.changes);
      return isSame && sync === operation.sync ? operation : { ...operation, changes, ...(sync !== undefined && { sync }) };
    };

  return {
    sealFields,
    openFields,
    sealOperation: operationWith(sealFields),
    openOperation: operationWith(openFields),
    sealSync: (part) => turnSync(part, sealFields, []),
    openSync: (part) => turnSync(part, openFields, []),
    notices() {
      const { protection } = keys;
      return [
        ...(met.has('used') && protection !== 'os'
          ? [{ id: 'banking-key', level: 'warning' as const, text: words(protections[protection]) }]
          : []),
        ...closedReasons.flatMap(([what, id]) =>
          met.has(what) ? [{ id: `banking-${what}`, level: 'warning' as const, text: words(id) }] : [],
        ),
      ];
    },
    onNotices: (listener) => void listeners.push(listener),
  };
}

type TurnFields = SecretBox['sealFields'];

function turnSync(part: SyncPart, turn: TurnFields, changes: readonly Change[]): SyncPart {
  const copy = (collection: string, id: string, { head, fields }: Copy): Copy => ({
    head,
    fields: isNounName(collection) ? turn(collection, id, fields) : fields,
  });
  const value = <T extends { value: unknown }>({ collection, recordId, field }: KeptConflict, of: T): T => {
    if (!isNounName(collection)) return of;
    return { ...of, value: (turn(collection, recordId, { [field]: of.value }) as Record<string, unknown>)[field] };
  };
  const answered = (one: Answered): Answered => {
    const { remote: _, ...turned } = turnSync({ remote: '', ...one }, turn, []);
    return turned;
  };
  return {
    ...part,
    ...(part.rows && {
      rows: part.rows.map((row, at) => {
        const change = changes[at];
        return change === undefined || row.base === null || row.base === 'same'
          ? row
          : { ...row, base: copy(change.collection, change.id, row.base) };
      }),
    }),
    ...(part.bases && {
      bases: part.bases.map((one) =>
        one.base === null || 'same' in one.base ? one : { ...one, base: copy(one.collection, one.id, one.base) },
      ),
    }),
    ...(part.conflicts && {
      conflicts: part.conflicts.map((one) => ({
        ...one,
        base: one.base === null ? null : value(one, one.base),
        mine: value(one, one.mine),
        theirs: value(one, one.theirs),
      })),
    }),
    ...(part.answered && { answered: answered(part.answered) }),
    ...(part.reopened && { reopened: answered(part.reopened) }),
    ...(part.meetings && {
      meetings: part.meetings.map((one) => {
        const { collection, id, edit } = one;
        if (edit === null || !isNounName(collection)) return one;
        return { ...one, edit: { ...edit, was: turn(collection, id, edit.was), now: turn(collection, id, edit.now) } };
      }),
    }),
    ...(part.setAside && { setAside: part.setAside.map((one) => ({ ...one, mine: copy(one.collection, one.recordId, one.mine) })) }),
  };
}

const protections = { none: 'notices.bankingKeyBeside', weak: 'notices.bankingKeyWeak' } as const;

const closedReasons = [
  ['keyClosed', 'notices.bankingKeyClosed'],
  ['keyMissing', 'notices.bankingKeyMissing'],
  ['altered', 'notices.bankingAltered'],
] as const;
