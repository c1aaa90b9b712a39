import { randomUUID } from 'node:crypto';
import type { StorageInspection } from '../../shared/contracts/storage-host.ts';
import { databaseForm } from './collections.ts';
import { nounNames } from '../../shared/nouns/nouns.ts';
import type { BookSnapshot } from '../domain/ports.ts';
import type { Manifest } from './manifest.ts';

/** `new`: there never was one for this folder. What the others mean is in the words of the notice (`notices.databaseRebuilt`). */
export type Verdict = 'whole' | 'new' | 'gone' | 'foreign' | 'incomplete' | 'unreadable' | 'older' | 'altered' | 'different';

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
