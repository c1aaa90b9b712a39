import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLog, errorFacts } from '../../../electron/log.ts';
import { fixedClock } from '../../../shared/lib/clock.ts';

const clock = fixedClock('2026-03-01T10:00:00.000Z');
let data: string;
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'fieldbook-log-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const lines = () =>
  readFileSync(path.join(data, 'logs', 'fieldbook.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('writes one line per event, with its facts', () => {
  createLog(data, clock).warn('journal.slow', { ms: 40 });
  expect(lines()).toEqual([{ at: '2026-03-01T10:00:00.000Z', level: 'warn', event: 'journal.slow', ms: 40 }]);
});

it('makes nothing before there is something to say', () => {
  createLog(data, clock);
  expect(readdirSync(data)).toEqual([]);
});

it('keeps the newest three files', () => {
  const log = createLog(data, clock);
  for (let event = 0; event < 35_000; event += 1) log.info('a.long.event', { text: 'x'.repeat(300) });
  expect(readdirSync(path.join(data, 'logs')).toSorted()).toEqual(['fieldbook.log', 'fieldbook.log.1', 'fieldbook.log.2']);
});

it('goes on without a word where it cannot be written', () => {
  writeFileSync(path.join(data, 'logs'), 'a file where the folder should be');
  expect(() => createLog(data, clock).info('app.start')).not.toThrow();
});

it('tells of an error where it came from and never its message, which may hold a record', () => {
  const facts = errorFacts(Object.assign(new TypeError('could not write {"name":"Ada Example"}'), { code: 'EIO' }));
  expect(facts).toMatchObject({ error: 'TypeError', code: 'EIO', where: expect.stringContaining('log.test.ts') });
  expect(JSON.stringify(facts)).not.toContain('Ada');
});
