import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onDisk } from '../database/disk-problem.ts';
import { writeFileDurably } from '../database/durable-file.ts';
import {
  type ChunkMark,
  type ImportState,
  type ImportStore,
  keptWords,
  type RememberedMapping,
  type ReportFile,
} from '../domain/transfer/import-store.ts';

const MAPPINGS = 'mappings.json';
const MAPPINGS_KEPT = 100;
const IMPORTS_KEPT = 200;
const MARK = '{"chunk":';
/** Written through to the disk in one step where the system can; Windows cannot say so when it opens a file. */
const WRITE_THROUGH = (constants as Partial<typeof constants>).O_DSYNC ?? 0;

/** Keeps imports as `<id>.json` (what they are) and `<id>.rows.ndjson` (what became of each row, and how far they came). */
export function importFolder(folder: string): ImportStore {
  const place = (name: string) => path.join(folder, name);
  const reportOf = (id: string) => place(`${id}.rows.ndjson`);
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
          if (state.version === 1 && `${state.id}.json` === name)
            states.push({ ...state, problem: keptWords(state.problem), note: keptWords(state.note) });
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
      await onDisk(writeFileDurably(place(`${state.id}.json`), JSON.stringify(state)));
    },
    remove: removeImport,
    async openReport(id, at) {
      await ready();
      const flags = constants.O_RDWR | constants.O_CREAT | WRITE_THROUGH;
      const file = await open(reportOf(id), flags, 0o600);
      await file.truncate(at);
      return reportFile(file, at);
    },
    async *report(id, bytes) {
      if (bytes === 0) return;
      const lines = createInterface({ input: createReadStream(reportOf(id), { end: bytes - 1 }), crlfDelay: Number.POSITIVE_INFINITY });
      for await (const line of lines) if (line !== '' && !line.startsWith(MARK)) yield line;
    },
    async lastMark(id, from) {
      let file: FileHandle;
      try {
        file = await open(reportOf(id), 'r');
      } catch {
        return null;
      }
      try {
        return await markAtEnd(file, from);
      } finally {
        await file.close();
      }
    },
    mappings,
    async rememberMapping(key, mapping) {
      await ready();
      const all = Object.entries({ ...(await mappings()), [key]: mapping }).sort(([, a], [, b]) => (a.usedAt < b.usedAt ? 1 : -1));
      await onDisk(writeFileDurably(place(MAPPINGS), JSON.stringify(Object.fromEntries(all.slice(0, MAPPINGS_KEPT)), null, 1)));
    },
  };

  async function removeImport(id: string): Promise<void> {
    await rm(place(`${id}.json`), { force: true });
    await rm(reportOf(id), { force: true });
  }
}

function reportFile(file: FileHandle, start: number): ReportFile {
  let at = start;
  return {
    async add(lines, mark) {
      const bytes = Buffer.from(`${lines}${MARK}${JSON.stringify(mark)}}\n`, 'utf8');
      for (let written = 0; written < bytes.length; )
        written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
      if (WRITE_THROUGH === 0) await file.datasync();
      at += bytes.length;
      return at;
    },
    close: () => file.close(),
  };
}

/** Looks for the last whole mark beyond the place, from the end: a power cut may have left half a line behind it. */
async function markAtEnd(file: FileHandle, from: number): Promise<{ mark: ChunkMark; end: number } | null> {
  const { size } = await file.stat();
  for (let reach = 64 * 1024; ; reach *= 4) {
    const start = Math.max(from, size - reach);
    const bytes = Buffer.alloc(size - start);
    await file.read(bytes, 0, bytes.length, start);
    for (let at = bytes.lastIndexOf(MARK); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(MARK, at - 1)) {
      const end = bytes.indexOf(0x0a, at);
      const isLine = at === 0 ? start === from : bytes[at - 1] === 0x0a;
      if (end === -1 || !isLine) continue;
      try {
        const { chunk } = JSON.parse(bytes.toString('utf8', at, end)) as { chunk: ChunkMark };
        return { mark: chunk, end: start + end + 1 };
      } catch {
        // Half written: the chunk did not go to the book.
      }
    }
    if (start === from) return null;
  }
}
