import { randomUUID } from 'node:crypto';
import type { StorageInspection } from '../../shared/contracts/storage-host.ts';
import { databaseForm } from './collections.ts';
import { nounNames } from '../../shared/nouns/nouns.ts';
import type { BookSnapshot } from '../domain/ports.ts';
import type { Manifest } from './manifest.ts';

/** What the person is told of a database that has to be built again, after what only it had was taken out of it. */
export const rebuildReasons = {
  gone: 'The database was no longer there, or this browser never had one.',
  foreign: 'The database found here belongs to another book.',
  incomplete: 'The database had lost records.',
  unreadable: 'The database could not be read.',
  older: 'The database was made by an earlier version of Fieldbook.',
  altered: 'The database had entries that Fieldbook did not write.',
  different: 'The check found the database different from the book.',
} as const;

/** `new`: there never was one for this folder. */
export type Verdict = 'whole' | 'new' | keyof typeof rebuildReasons;

/**
 * Compares what is in IndexedDB with what main knows of it: Chromium opens a damaged one without a word, and clears one
 * it cannot open. Runs before anything relies on the database (invariant 4).
 */
export function judgeDatabase(found: StorageInspection, manifest: Manifest | null, snapshot: BookSnapshot, isOurs: boolean): Verdict {
  if (manifest === null) return isEmptyDatabase(found) || isOurs ? 'new' : 'foreign';
  if (found.token === null) return 'gone';
  if (found.token !== manifest.token) return 'foreign';
  // Its operations were looked through before: what only it had is in the journal again.
  if (manifest.databaseForm !== databaseForm) return 'older';
  const isShort = Object.entries(manifest.counts).some(([name, count]) => (found.counts[name] ?? 0) < count);
  if (isShort || found.newestSequence < manifest.appliedSeq) return 'incomplete';
  // Records are taken away only where the person sees them no more. More than that can only come with operations memory does not have.
  const known = nounNames.reduce((sum, noun) => sum + snapshot.records[noun].length, snapshot.sync.dropped);
  const isLong = (found.counts['records'] ?? 0) > known;
  if (found.newestSequence > snapshot.seq) return 'altered';
  return isLong ? 'foreign' : 'whole';
}

export function isEmptyDatabase({ token, newestSequence, counts }: StorageInspection): boolean {
  return token === null && newestSequence === 0 && Object.values(counts).every((count) => count === 0);
}

/** Names a database after the device whose book it holds, so that it is known where everything else is gone. */
export function tokenOf(deviceId: string): string {
  return `${deviceId}/${randomUUID()}`;
}

export function isTokenOf(token: string | null, deviceId: string): boolean {
  return token?.startsWith(`${deviceId}/`) === true;
}
