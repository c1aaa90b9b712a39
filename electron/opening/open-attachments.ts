import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { safeFileName } from '../../shared/nouns/activity/attachment-risk.ts';
import { newId } from '../../shared/lib/ids.ts';
import type { Attachments } from '../database/attachments.ts';
import type { AttachmentPlaces } from '../domain/attachment.service.ts';
import type { Files } from '../files.ts';
import type { Platform } from '../platform/platform.ts';
import type { Contents } from '../sync/file-exchange.ts';

const openedDays = 2;

/** Contents by their checksum, the files that were taken in, and the system that opens one, put together for the service. */
export function attachmentPlaces(deps: {
  dataFolder: string;
  attachments: Attachments;
  files: Pick<Files, 'get' | 'drop'>;
  platform: Pick<Platform, 'openFile'>;
}): AttachmentPlaces {
  const { attachments, dataFolder, files, platform } = deps;
  return {
    async intake(fileId) {
      const { fileName, size, path } = await files.get(fileId);
      return { fileName, size, bytes: createReadStream(path, { highWaterMark: 256 * 1024 }) };
    },
    drop: (fileId) => files.drop(fileId),
    keep: (bytes, size) => attachments.take(bytes, size),
    whole: async (sha256, size) => ((await attachments.stateOf(sha256, size, true)) === 'whole' ? attachments.pathOf(sha256) : null),
    async open(path, fileName) {
      if (platform.openFile === null) return false;
      // A copy: what a program does to it never reaches the content. Read-only, so that it says so before work is lost.
      const folder = join(dataFolder, 'opened', newId());
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const copy = join(folder, safeFileName(fileName));
      await copyFile(path, copy);
      await chmod(copy, 0o400);
      return platform.openFile(copy);
    },
  };
}

/** The same contents as a sync sends and fetches them. */
export function contentsOf(attachments: Attachments): Contents {
  return {
    async sizeOf(sha256) {
      if ((await attachments.stateOf(sha256, null, true)) !== 'whole') return null;
      return (await stat(attachments.pathOf(sha256))).size;
    },
    async read(sha256, from, length) {
      const file = await open(attachments.pathOf(sha256), 'r');
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    keep: (sha256, bytes) => attachments.putBack(sha256, bytes),
  };
}

/** Clears away what a crash left half taken in, and copies that were opened days ago. */
export async function sweepAttachments(dataFolder: string, attachments: Attachments): Promise<void> {
  await attachments.sweep();
  const folder = join(dataFolder, 'opened');
  const oldest = Date.now() - openedDays * 86_400_000;
  for (const name of await readdir(folder).catch(() => [])) {
    const place = join(folder, name);
    const isOld = await stat(place).then(
      ({ mtimeMs }) => mtimeMs < oldest,
      () => false,
    );
    // A program may still have it open; the next start tries again.
    if (isOld) await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
}
