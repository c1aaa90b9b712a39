import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchSize } from '../support/generated-book.ts';
import { writeWholeFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure, median, percentile } from './measure.ts';
import { openApp } from './opened-app.ts';

/** The book of the foundation with every other noun in the numbers of a company of forty people: what people look at all day. */
export async function run(): Promise<BenchTable> {
  const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-whole-'));
  try {
    const folder = join(home, 'book');
    await mkdir(folder);
    const begun = performance.now();
    await writeWholeFolder(folder, benchSize);
    const made = performance.now() - begun;
    return await measured(folder, home, made);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function measured(folder: string, home: string, made: number): Promise<BenchTable> {
  // The first start builds the database out of the checkpoint; what people wait for each morning is the second.
  const first = performance.now();
  await (await openApp(folder, home)).close();
  const built = performance.now() - first;
  const begun = performance.now();
  const opened = await openApp(folder, home);
  try {
    const started = performance.now() - begun;
    const { records, lists, timelines, searches, edits } = await opened.page.evaluate(lookAround);
    return {
      name: `whole: a book of ${records} records of every noun`,
      rows: [
        figure('make the book through the command path', made, 'ms', '', null),
        figure('first start, the database built', built, 'ms', '', null),
        figure('start to database checked and ready, Chromium included', started, 'ms', '', null),
        figure('first page of any list, p50', median(lists), 'ms', '', null),
        figure('first page of any list, p95', percentile(lists, 0.95), 'ms', '', null),
        figure('activities of a client, p95', percentile(timelines, 0.95), 'ms', '', null),
        figure('search over everything, p95', percentile(searches, 0.95), 'ms', '≤ 50', percentile(searches, 0.95) <= 50),
        figure('single edit to acknowledged, p95', percentile(edits, 0.95), 'ms', '≤ 25', percentile(edits, 0.95) <= 25),
        figure('memory of main', await opened.memory(), 'MiB', '', null),
      ],
    };
  } finally {
    await opened.close();
  }
}

async function lookAround() {
  const { crm } = window;
  const timed = async (rounds: number, call: (round: number) => Promise<{ ok: boolean }>) => {
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      if (!(await call(round)).ok) throw new Error('refused');
      took.push(performance.now() - begun);
    }
    return took;
  };
  const counts = await crm.app.counts({});
  const clients = await crm.clients.ids({});
  if (!counts.ok || !clients.ok) throw new Error('The book cannot be read');
  const { ids } = clients.value;
  const idAt = (round: number) => ids[(round * 97) % ids.length] as string;
  const nouns = [
    'clients',
    'contacts',
    'locations',
    'opportunities',
    'cases',
    'tasks',
    'invoices',
    'activities',
    'locationContacts',
  ] as const;
  return {
    records: Object.values(counts.value).reduce((sum, count) => sum + (count ?? 0), 0),
    lists: await timed(90, (round) => {
      const noun = nouns[round % nouns.length] ?? 'clients';
      return crm[noun].list({ limit: 100, sort: [{ path: round % 2 === 0 ? 'updatedAt' : 'createdAt', descending: true }] });
    }),
    timelines: await timed(50, (round) => crm.activities.timeline({ collection: 'clients', id: idAt(round) })),
    searches: await timed(60, (round) =>
      crm.search.find({ text: ['har', 'order 12', 'bak', 'visit', 'grac', 'broken 3'][round % 6] ?? '' }),
    ),
    edits: await timed(60, (round) => crm.clients.change({ id: idAt(round), changes: { notes: `Changed ${round}` } })),
  };
}
