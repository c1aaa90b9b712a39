// Rules (docs/sync-protocol.md): S1, S2, S3, S6, S8, S15, S17
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedsOf } from '../support/seeded.ts';
import { engines, startTestServer, type TestServer } from './support/test-server.ts';
import { resyncReasons } from '../../shared/sync/wire.ts';
import { playWorld, type WorldResult } from './support/world.ts';

/** A soak takes more of them (docs/sync-protocol.md). */
const worlds = Number(process.env['FIELDBOOK_WORLDS'] ?? 3);

describe.each(engines)('Laptops and a server on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, 'syncWorld', { sync: { version: 2, devicePerMinute: 1_000_000 } });
  });
  afterAll(() => server.close());

  it(`hold the same after whatever happened, and nothing that was saved is lost: ${worlds} worlds`, {
    timeout: 3_600_000,
  }, async () => {
    const all: WorldResult[] = [];
    for (const seed of seedsOf(`worlds on ${engine}`, worlds)) {
      const result = await playWorld(server, seed, { steps: 220, restores: seed % 3 !== 0, purges: seed % 3 !== 1 });
      expect(result.problem, `seed ${seed}`).toBeNull();
      all.push(result);
    }
    const sum = (field: keyof Omit<WorldResult, 'problem' | 'resyncs'>) => all.reduce((total, one) => total + one[field], 0);
    const resyncs = resyncReasons.map((reason) => `${all.reduce((total, one) => total + one.resyncs[reason], 0)} × ${reason}`);
    process.stdout.write(
      `${all.length} worlds on ${engine}: ${sum('commands')} commands, ${sum('requests')} requests, ${sum('lost')} lost, ${sum('conflicts')} conflicts, ${sum('quarantined')} set aside, ${sum('restores')} backups brought back, ${sum('purges')} × half a year, begun anew ${resyncs.join(', ')}\n`,
    );
    // A world in which nothing goes wrong proves nothing.
    expect(sum('lost')).toBeGreaterThan(0);
    expect(sum('conflicts')).toBeGreaterThan(0);
  });
});
