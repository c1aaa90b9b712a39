import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { howToGetWrk, wrkForBenches } from '../../build/wrk.mjs';

const script = fileURLToPath(new URL('./load.lua', import.meta.url));
const resultSchema = z.object({
  requests: z.number(),
  micros: z.number(),
  bytes: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  refused: z.number(),
  broken: z.number(),
});

export interface Load {
  base: string;
  /** Paths, asked for in turn. */
  paths: readonly string[];
  headers: Readonly<Record<string, string>>;
  connections: number;
  seconds: number;
}

export interface LoadResult {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  bytesPerAnswer: number;
}

/** Keeps so many connections busy for so long. Throws where an answer was not one of 2xx or a connection broke. */
export async function putLoad({ base, paths, headers, connections, seconds }: Load): Promise<LoadResult> {
  const wrk = wrkForBenches();
  if (wrk === null) throw new Error(howToGetWrk);
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-load-'));
  try {
    const urls = join(folder, 'urls');
    writeFileSync(urls, paths.join('\n'));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script];
    for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
    const { stdout } = await promisify(execFile)(wrk, [...args, base], { env: { ...process.env, FIELDBOOK_BENCH_URLS: urls } });
    const line = stdout.split('\n').findLast((text) => text.startsWith('{')) ?? '';
    const { requests, micros, bytes, p50, p95, p99, refused, broken } = resultSchema.parse(JSON.parse(line));
    if (refused + broken > 0 || requests === 0)
      throw new Error(`Of ${requests} requests like ${paths[0]} ${refused} were refused and ${broken} broke off`);
    return { perSecond: requests / (micros / 1e6), p50: p50 / 1000, p95: p95 / 1000, p99: p99 / 1000, bytesPerAnswer: bytes / requests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
