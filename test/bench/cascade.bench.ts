import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchSize } from '../support/generated-book.ts';
import { writeGeneratedFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure, median } from './measure.ts';
import { openApp } from './opened-app.ts';
import { rawDexie } from './raw-dexie.ts';

/** Deleting and restoring a client with 500 records that hang on it, in the generated book; beside raw Dexie writing the same 501 rows. */
const children = 500;
const rounds = 5;

export async function run(): Promise<BenchTable> {
  const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-cascade-'));
  try {
    const folder = join(home, 'book');
    await mkdir(folder);
    await writeGeneratedFolder(folder, benchSize);
    const opened = await openApp(folder, home);
    try {
      const { removed, restored, rows } = await opened.page.evaluate(there, { children, rounds });
      const raw: number[] = [];
      for (let round = 0; round < rounds; round += 1) raw.push(await rawDexie(opened.context, rows));
      const count = Object.values(rows).reduce((sum, list) => sum + list.length, 0);
      return {
        name: `cascade: a client with ${children} children, in a book of ${benchSize.clients} clients`,
        rows: [
          figure('delete the client, median', median(removed), 'ms', '≤ 1000', median(removed) <= 1000),
          figure('restore the client, median', median(restored), 'ms', '≤ 1000', median(restored) <= 1000),
          figure(`peer: raw Dexie writing the same ${count} rows, median`, median(raw), 'ms', '', null),
        ],
      };
    } finally {
      await opened.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function there({ children: count, rounds: times }: { children: number; rounds: number }) {
  const { crm } = window;
  const must = async <T>(answer: Promise<{ ok: true; value: T } | { ok: false; error: { code: string } }>): Promise<T> => {
    const result = await answer;
    if (!result.ok) throw new Error(result.error.code);
    return result.value;
  };
  const { record: client } = await must(crm.clients.create({ name: 'Cascade Holding' }));
  const clientId = client.id;
  for (let at = 0; at < count; at += 1) {
    const makers = [
      () => crm.contacts.create({ clientId, firstName: `Person ${at}` }),
      () => crm.locations.create({ clientId, name: `Depot ${at}` }),
      () => crm.opportunities.create({ clientId, name: `Deal ${at}` }),
      () => crm.cases.create({ clientId, name: `Case ${at}` }),
      () => crm.tasks.create({ clientId, title: `Task ${at}` }),
    ];
    await must<unknown>(
      (makers[at % makers.length] as () => Promise<{ ok: true; value: unknown } | { ok: false; error: { code: string } }>)(),
    );
  }
  const removed: number[] = [];
  const restored: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const begun = performance.now();
    const gone = await must(crm.clients.remove({ ids: [clientId] }));
    removed.push(performance.now() - begun);
    if (gone.withThem !== count) throw new Error(`${gone.withThem} went with the client`);
    const again = performance.now();
    await must(crm.clients.restore({ ids: [clientId] }));
    restored.push(performance.now() - again);
  }
  const rows: Record<string, object[]> = { clients: [(await must(crm.clients.get({ id: clientId }))) as object] };
  for (const noun of ['contacts', 'locations', 'opportunities', 'cases', 'tasks'] as const) {
    rows[noun] = (await must<{ rows: object[] }>(crm[noun].list({ parentId: clientId, limit: 500 }))).rows;
  }
  return { removed, restored, rows };
}
