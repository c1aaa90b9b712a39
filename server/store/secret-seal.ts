import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { isSealed, turnSecrets } from '../../shared/nouns/secret.ts';
import { Refused } from '../refused.ts';
import type { Database } from './tables.ts';

/** Between memory, where secret fields are plain, and the database, where they never are (docs/banking.md). */
export interface SecretSeal {
  seal<T extends { id: string }>(of: NounName, record: T): T;
  /** A text that this key did not seal stays sealed: nothing is lost by a wrong key. */
  open<T extends { id: string }>(of: NounName, record: T): T;
  /** A text that is no record's, bound to the place it is kept in. */
  sealText(place: string, text: string): string;
  /** Null where this key did not seal it, or not for this place. */
  openText(place: string, text: string): string | null;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/** Texts are bound to their place: moved to another record or field they cannot be opened. */
export function createSecretSeal(key: Buffer): SecretSeal {
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const seal = (place: string, text: string) => {
    if (isSealed(text)) return text;
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `sealed:v1:${keyId}:${sealed.toString('base64')}`;
  };
  const open = (place: string, text: string) => {
    if (!isSealed(text) || !text.startsWith(`sealed:v1:${keyId}:`)) return text;
    const bytes = Buffer.from(text.slice(text.lastIndexOf(':') + 1), 'base64');
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8');
    } catch {
      return text;
    }
  };
  return {
    seal: (of, record) => turnSecrets(of, record.id, record, seal),
    open: (of, record) => turnSecrets(of, record.id, record, open),
    sealText: seal,
    openText(place, text) {
      const opened = open(place, text);
      return opened === text ? null : opened;
    },
  };
}

export const keyFileName = 'data.key';

/**
 * The key that secrets are sealed with: from the environment, else from a file in the data folder that the first start
 * makes and only its owner may read. Throws where it is no key.
 */
export function readDataKey(folder: string, given: string | null): Buffer {
  if (given !== null) {
    const key = Buffer.from(given, 'base64');
    if (key.length !== keyBytes)
      throw new Refused('FIELDBOOK_DATA_KEY is no key. It has to be 32 bytes as base64, like "openssl rand -base64 32" prints them.');
    return key;
  }
  const file = join(folder, keyFileName);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, randomBytes(keyBytes).toString('base64'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  chmodSync(file, 0o600);
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  if (key.length !== keyBytes) throw new Refused(`The file ${file} holds no key. Put back the one from a copy of the folder.`);
  return key;
}

/** Whether there is a key without one being made. */
export const hasDataKey = (folder: string, given: string | null): boolean => given !== null || existsSync(join(folder, keyFileName));

const proof = { id: 'proof', banking: { accountNumber: 'proof' } };
const proofName = 'data-key-proof';

/** Refuses to start with another key than the one the database knows: what it seals could not be read beside the rest. */
export async function proveDataKey(db: Database, secrets: SecretSeal): Promise<void> {
  const sealed = secrets.seal('clients', proof).banking.accountNumber;
  await db
    .insertInto('server_keys')
    .values({ name: proofName, secret: sealed })
    .onConflict((on) => on.doNothing())
    .execute();
  if (!(await isDataKey(db, secrets)))
    throw new Refused(
      `The server does not start, because banking data in this database is sealed with another key. Put back the file ${keyFileName}, or set FIELDBOOK_DATA_KEY to the key it was sealed with.`,
    );
}

const proofOf = (db: Database) => db.selectFrom('server_keys').select('secret').where('name', '=', proofName).executeTakeFirst();

export const hasDataKeyProof = async (db: Database): Promise<boolean> => (await proofOf(db)) !== undefined;

/** Whether the database knows this key as its own. */
export async function isDataKey(db: Database, secrets: SecretSeal): Promise<boolean> {
  const accountNumber = (await proofOf(db))?.secret ?? '';
  return secrets.open('clients', { ...proof, banking: { accountNumber } }).banking.accountNumber === proof.banking.accountNumber;
}

/** The next key the database meets is its own from then on. What another one sealed stays as it is. */
export async function forgetDataKey(db: Database): Promise<void> {
  await db.deleteFrom('server_keys').where('name', '=', proofName).execute();
}
