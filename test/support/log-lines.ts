import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunningFieldbook } from './fieldbook.ts';

/** What Fieldbook logged under this event, oldest first. */
export function logged(fieldbook: Pick<RunningFieldbook, 'data'>, event: string): Record<string, unknown>[] {
  const lines = readFileSync(path.join(fieldbook.data, 'logs', 'fieldbook.log'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((entry) => entry['event'] === event);
}
