import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBookFiles } from '../../../../electron/database/book-files.ts';
import { createDatabase } from '../../../../electron/database/database.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { momentOf } from '../../../support/plain-book.ts';

it('closes soon while a host is still being opened, and lets that host go', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-close-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = await openBookFiles(folder, { clock: fixedClock('2026-03-04T09:00:00.000Z'), log: quietLog });
  let isDestroyed = false;
  const asked = Promise.withResolvers<void>();
  // A host that takes its time for the first question, as one does that has 47,000 records to write.
  const busyHost = {
    send: () => asked.resolve(),
    onMessage: () => {},
    onClose: () => {},
    close: () => {
      isDestroyed = true;
    },
  };
  const database = createDatabase({
    platform: { openStorageHost: async () => busyHost, chromiumMajor: () => 156 },
    files,
    snapshot: () => momentOf(files.opened),
    onStatus: () => {},
    log: quietLog,
  });
  database.start();
  await asked.promise;
  const began = performance.now();
  await database.close();
  expect(isDestroyed).toBe(true);
  expect(performance.now() - began, 'it does not wait for the host').toBeLessThan(10_000);
  await files.close();
});
