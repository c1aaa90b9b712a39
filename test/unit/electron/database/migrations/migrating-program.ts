import { migrateFolder } from '../../../../../electron/database/migrations/migrate-folder.ts';
import type { Step } from '../../../../../electron/database/migrations/steps.ts';

/** Migrates the folder named on the command line, says so, and stays until it is killed: twenty steps over two files. */
const steps: Step[] = Array.from({ length: 20 }, (_, at) => ({
  of: at % 2 === 0 ? 'manifest' : 'settings',
  to: Math.floor(at / 2) + 2,
  file: at % 2 === 0 ? 'manifest.json' : 'settings.json',
  up: (content) => ({ ...(content as object), format: Math.floor(at / 2) + 2, padding: 'x'.repeat(200_000) }),
}));
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
process.stdout.write('begins\n');
await migrateFolder(String(process.argv[2]), log, { manifest: 11, settings: 11 }, steps);
process.stdout.write('done\n');
