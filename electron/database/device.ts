import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseStamp } from '../../shared/sync/stamp.ts';
import type { Log } from '../domain/ports.ts';
import { errorCode } from './disk-problem.ts';
import { syncFolder } from './durable-file.ts';
import { placeOf } from './folder-owner.ts';

const deviceSchema = z.object({
  deviceId: z.string().min(1).max(100),
  /** This very file on its disk: a copy has another. Null where the file system does not say; older versions have none. */
  place: z.string().nullable().optional(),
  /** When it came into being: the number of a file that was deleted is soon another one's. */
  born: z.string().optional(),
});

export interface Device {
  /** The name of this device in stamps. */
  id: string;
  /** There was none. */
  isNew: boolean;
  /** The device of the folder this one was copied from. */
  copiedFrom: string | null;
}

/**
 * The device of a data folder. Lost, it is taken from the newest stamp, or made anew. A folder that was copied, or put
 * back from a copy, becomes a device of its own: two that go on from one book must not give out the same invoice numbers,
 * nor stamps that look like one device's.
 */
export async function readDevice(path: string, newestStamp: string | null, log: Log): Promise<Device> {
  try {
    const { deviceId, place, born } = deviceSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    if (place === undefined) await writeDevice(path, deviceId);
    const now = await placeOf(path);
    const isSteady = place !== undefined && place !== null && now !== null;
    const isSame = !isSteady || (place === now && (await isBorn(path, born)));
    if (isSame) return { id: deviceId, isNew: false, copiedFrom: null };
    const id = randomUUID();
    await writeDevice(path, id);
    log.warn('device.copied');
    return { id, isNew: false, copiedFrom: deviceId };
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT';
    if (!isMissing && !(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    if (!isMissing) log.warn('device.unreadable');
  }
  const id = newestStamp === null ? randomUUID() : parseStamp(newestStamp).deviceId;
  await writeDevice(path, id);
  return { id, isNew: true, copiedFrom: null };
}

async function isBorn(path: string, born: string | undefined): Promise<boolean> {
  const { birthtimeNs, ctimeNs } = await stat(path, { bigint: true });
  // A file system that does not know says its last change.
  return born === undefined || birthtimeNs === ctimeNs || born === String(birthtimeNs);
}

/** Writes the file so that it names its own place, which a rename does not change. */
export async function writeDevice(path: string, deviceId: string): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      const { birthtimeNs } = await file.stat({ bigint: true });
      await file.writeFile(`${JSON.stringify({ deviceId, place: await placeOf(temporary), born: String(birthtimeNs) })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}
