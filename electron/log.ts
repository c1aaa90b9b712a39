import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../shared/lib/clock.ts';
import { instantOf } from '../shared/lib/clock.ts';
import type { Log } from './domain/ports.ts';

const FILE_LIMIT = 2_000_000;
const KEPT_FILES = 3;
const FACT_LIMIT = 300;

/**
 * Log of one data folder: `logs/fieldbook.log`, one JSON object a line, the newest three files kept. It carries ids,
 * codes, counts and times, never what people typed. Lines are written at once, so that the last one before a crash is
 * there; a disk that cannot take them loses the line and nothing else.
 */
export function createLog(dataFolder: string, clock: Clock): Log {
  const folder = path.join(dataFolder, 'logs');
  const file = path.join(folder, 'fieldbook.log');
  let size: number | null = null;

  const rotate = () => {
    rmSync(`${file}.${KEPT_FILES - 1}`, { force: true });
    for (let number = KEPT_FILES - 2; number >= 0; number -= 1) {
      const older = number === 0 ? file : `${file}.${number}`;
      if (statSync(older, { throwIfNoEntry: false }) !== undefined) renameSync(older, `${file}.${number + 1}`);
    }
    size = 0;
  };

  const write = (level: 'info' | 'warn' | 'error', event: string, facts: Record<string, string | number | boolean | null> = {}) => {
    const short = Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'string' ? fact.slice(0, FACT_LIMIT) : fact]);
    const line = `${JSON.stringify({ at: instantOf(clock), level, event, ...Object.fromEntries(short) })}\n`;
    try {
      if (size === null) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      }
      if (size > FILE_LIMIT) rotate();
      appendFileSync(file, line, { mode: 0o600 });
      size += line.length;
    } catch {
      size = null;
    }
  };

  return {
    info: (event, facts) => write('info', event, facts),
    warn: (event, facts) => write('warn', event, facts),
    error: (event, facts) => write('error', event, facts),
  };
}

/**
 * What may be logged of an error: its name, its code and where it was thrown. Messages are left out, because RxDB puts
 * whole records into them.
 */
export function errorFacts(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return {
    error: error.name,
    ...(code === null ? {} : { code }),
    where: frames
      .slice(0, 3)
      .map((line) => line.trim())
      .join(' < '),
  };
}
