import { type System, systems } from '../remotes/support/systems.ts';
import { remoteLaptop } from '../remotes/support/laptop.ts';
import { type Faulted, noTrouble, serve } from '../remotes/support/stand-in.ts';
import { summitStandIn } from '../remotes/support/summit.stand-in.ts';
import { type BenchTable, median, rounded } from './measure.ts';

/**
 * A book and a system that was there before it, over connections on this computer. The peer asks for the same pages in the
 * same run and parses them, and does no more: what is above it is the engine's.
 */
export async function run(): Promise<BenchTable> {
  const rows: BenchTable['rows'] = [];
  for (const name of ['summit', 'programs']) {
    const system = systems.find((one) => one.name === name);
    if (system !== undefined) rows.push(...(await measure(system)));
  }
  return { name: 'foreign systems: cycles of 10,000 clients', rows };
}

const records = 10_000;
const changes = 100;
const rounds = 5;

async function measure(system: System): Promise<BenchTable['rows']> {
  // As many a page as the system is asked for; the tests' own has four.
  const [there, faulted] = [system.name === 'summit' ? summitStandIn() : system.standIn(), noTrouble()];
  for (let at = 0; at < records; at += 1) there.add(system.kind, system.row(`Client ${at}`));
  const served = await serve(there, faulted);
  try {
    const laptop = remoteLaptop({ manifest: system.manifest, organisation: system.organisation, signIn: system.signIn, base: served.url });
    const cycle = async () => {
      const began = performance.now();
      const { requests, bytes, state } = await laptop.meet();
      if (state !== 'done') throw new Error(`${system.name}: a cycle ended as ${state}`);
      return { ms: performance.now() - began, requests, bytes };
    };
    const first = await cycle();
    const peer = await plainRead(served.url, faulted);
    const quiet = await series(cycle);
    const both = await series(async (round) => {
      const live = laptop.live('clients').toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const rowsThere = there.rows(system.kind);
      for (let at = 0; at < changes; at += 1) {
        const mine = live[(round * 2 * changes + at) % records];
        const theirs = rowsThere[(round * 2 * changes + changes + at) % records];
        if (mine !== undefined) await laptop.change('clients', mine.id, { name: `${mine.name} a` });
        if (theirs !== undefined) there.edit(system.kind, system.idOf(theirs), { name: `${String(theirs['name'])} b` });
      }
      return cycle();
    });
    const row = (cycle: string, { ms, requests, bytes }: Cycle) => ({
      cycle: `${system.name}: ${cycle}`,
      ms: rounded(ms),
      'the same pages, asked for and parsed (ms)': rounded(peer),
      times: rounded(ms / peer),
      requests,
      MB: rounded(bytes / 1e6),
    });
    return [row(`first read of ${records}`, first), row('with nothing new', quiet), row(`${changes} changes on each side`, both)];
  } finally {
    await served.close();
  }
}

interface Cycle {
  ms: number;
  requests: number;
  bytes: number;
}

async function series(cycle: (round: number) => Promise<Cycle>): Promise<Cycle> {
  const all: Cycle[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await cycle(round));
  return {
    ms: median(all.map(({ ms }) => ms)),
    requests: median(all.map((one) => one.requests)),
    bytes: median(all.map((one) => one.bytes)),
  };
}

/** The pages of the last cycle once more, one after the other. */
async function plainRead(base: string, { calls }: Faulted): Promise<number> {
  const asked = calls.filter(({ method }) => method === 'GET').map(({ path, query, headers }) => ({ path, query, headers }));
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    for (const { path, query, headers } of asked) {
      const { authorization = '' } = headers;
      const ask = () => fetch(`${base}${path}?${new URLSearchParams(query)}`, { headers: { authorization, accept: 'application/json' } });
      // A line that slept may have been closed at the other end.
      const answer = await ask().catch(ask);
      JSON.parse(await answer.text());
    }
    times.push(performance.now() - began);
  }
  return median(times);
}
