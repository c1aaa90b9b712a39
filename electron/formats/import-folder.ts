import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { writeFileDurably } from '../database/durable-file.ts';
import type { ImportState, ImportStore, RememberedMapping } from '../domain/transfer/import-store.ts';

const MAPPINGS = 'mappings.json';
const MAPPINGS_KEPT = 100;
const IMPORTS_KEPT = 200;

/** Keeps imports as `<id>.json` (how far they came) and `<id>.rows.ndjson` (what became of each row). */
export function importFolder(folder: string): ImportStore {
  const place = (name: string) => path.join(folder, name);
  const ready = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  };
  const mappings = async (): Promise<Record<string, RememberedMapping>> => {
    try {
      return JSON.parse(await readFile(place(MAPPINGS), 'utf8')) as Record<string, RememberedMapping>;
    } catch {
      // Missing or damaged: mappings are a convenience and are proposed anew.
      return {};
    }
  };
  return {
    async list() {
      await ready();
      const states: ImportState[] = [];
      for (const name of await readdir(folder)) {
        if (!name.endsWith('.json') || name === MAPPINGS) continue;
        try {
          const state = JSON.parse(await readFile(place(name), 'utf8')) as ImportState;
          if (state.version === 1 && `${state.id}.json` === name) states.push(state);
        } catch {
          // Written whole or not at all: one that cannot be read was damaged from outside. The book has its records and their history.
        }
      }
      states.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
      for (const old of states.slice(IMPORTS_KEPT)) await removeImport(old.id);
      return states.slice(0, IMPORTS_KEPT);
    },
    async write(state) {
      await ready();
      await writeFileDurably(place(`${state.id}.json`), JSON.stringify(state));
    },
    remove: removeImport,
    // Not fsynced: it can be missed, and the state that is written next makes the file system write it too.
    async appendReport(id, at, lines) {
      await ready();
      const bytes = Buffer.from(lines, 'utf8');
      const file = await open(place(`${id}.rows.ndjson`), at === 0 ? 'w' : 'r+');
      try {
        await file.truncate(at);
        await file.write(bytes, 0, bytes.length, at);
      } finally {
        await file.close();
      }
      return at + bytes.length;
    },
    async *report(id, bytes) {
      if (bytes === 0) return;
      const lines = createInterface({ input: createReadStream(place(`${id}.rows.ndjson`), { end: bytes - 1 }), crlfDelay: Number.POSITIVE_INFINITY });
      for await (const line of lines) if (line !== '') yield line;
    },
    mappings,
    async rememberMapping(key, mapping) {
      await ready();
      const all = Object.entries({ ...(await mappings()), [key]: mapping }).sort(([, a], [, b]) => (a.usedAt < b.usedAt ? 1 : -1));
      await writeFileDurably(place(MAPPINGS), JSON.stringify(Object.fromEntries(all.slice(0, MAPPINGS_KEPT)), null, 1));
    },
  };

  async function removeImport(id: string): Promise<void> {
    await rm(place(`${id}.json`), { force: true });
    await rm(place(`${id}.rows.ndjson`), { force: true });
  }
}
