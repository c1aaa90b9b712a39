import { seededFrom } from '../../support/seeded.ts';
import { remoteLaptop } from './laptop.ts';
import { type Asked, asFetch, noTrouble, type Trouble } from './stand-in.ts';
import type { System } from './systems.ts';

/** What a run came to: what broke the law, and what its rehearsals foretold. */
export interface RunResult {
  seed: number;
  system: string;
  /** Sentences; none where the law was kept. */
  broken: string[];
  steps: string[];
  /** Lines that rehearsals showed, and how many of them came as shown or with a reason. */
  rehearsed: number;
  asShown: number;
  explained: number;
}

interface Tracked {
  /** What people called it, newest last, by whom. */
  name: string;
  /** Deleted by somebody, on either side. */
  isDeleted: boolean;
}

const hour = 3_600_000;

/**
 * One laptop and one faulted remote: people on both sides make, change and delete, calls go wrong in every way, memory is
 * lost now and then. At the end the line is good and both must hold the same: nothing twice, nothing gone that nobody
 * deleted, no change lost but to a later one, and nothing that goes on for ever.
 */
export async function seededRun(system: System, seed: number): Promise<RunResult> {
  const chance = seededFrom(seed);
  const [there, faulted] = [system.standIn(), noTrouble()];
  const laptop = remoteLaptop({
    manifest: system.manifest,
    organisation: system.organisation,
    signIn: system.signIn,
    fetch: asFetch(there, faulted),
  });
  const result: RunResult = { seed, system: system.name, broken: [], steps: [], rehearsed: 0, asShown: 0, explained: 0 };
  const say = (step: string) => void result.steps.push(step);
  /** Every thing anybody made has a mark in its name that never changes: by it it is found again. */
  const made = new Map<string, Tracked>();
  let counter = 0;
  const mark = (name: string) => /#(\d+)/.exec(name)?.[1] ?? '';
  const here = () => laptop.live('clients');
  const rows = () => there.rows(system.kind);
  const isKnown = (id: string) =>
    [...laptop.memory.values()].some((one) => typeof one === 'object' && one !== null && 'remoteId' in one && one.remoteId === id);
  const later = () => laptop.clock.moveTo(new Date(laptop.clock.now() + 3 * hour).toISOString());

  const troubles: readonly [Trouble, ...Trouble[]] = [
    { kind: 'cut', carriedOut: true },
    { kind: 'cut', carriedOut: false },
    { kind: 'status', status: 500, carriedOut: true },
    { kind: 'status', status: 500, carriedOut: false },
    { kind: 'status', status: 429, headers: { 'retry-after': '120' } },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 401 },
    { kind: 'page', status: 200 },
    { kind: 'page', status: 502 },
    { kind: 'page', status: 403 },
    { kind: 'nothing' },
    { kind: 'truncated' },
  ];

  async function meet(): Promise<void> {
    const calls: Asked[] = [];
    const badness = chance.pick([0, 0, 0, 6, 12, 40]);
    faulted.trouble = (asked) => {
      calls.push(asked);
      return badness > 0 && chance.oneIn(Math.max(2, Math.floor(60 / badness))) ? chance.pick(troubles) : null;
    };
    const receipt = await laptop.meet();
    say(
      `meet with ${badness} in sixty going wrong: ${receipt.state} ${receipt.fault?.kind ?? ''} ${JSON.stringify(receipt.sent)} ${JSON.stringify(receipt.received)}`,
    );
    faulted.trouble = () => null;
    later();
  }

  async function rehearse(): Promise<void> {
    const shown = await laptop.rehearse();
    if (shown.fault !== null) return;
    const receipt = await laptop.meet();
    say(`rehearse and meet: ${shown.lines.length} lines`);
    const became = new Map(receipt.lines.map((line) => [`${line.kind} ${line.title}`, line]));
    for (const line of shown.lines) {
      result.rehearsed += 1;
      const found = became.get(`${line.kind} ${line.title}`);
      if (found?.outcome === 'done') result.asShown += 1;
      else if (found !== undefined && found.reason !== null) result.explained += 1;
      else result.broken.push(`rehearsed and not in the receipt: ${line.kind} ${line.title}`);
    }
    for (const key of became.keys())
      if (!shown.lines.some((line) => `${line.kind} ${line.title}` === key)) result.broken.push(`in the receipt and not rehearsed: ${key}`);
    later();
  }

  async function step(): Promise<void> {
    const number = ++counter;
    switch (chance.below(11)) {
      case 0:
      case 1: {
        const name = `Here #${number}`;
        await system.make(laptop, name);
        made.set(String(number), { name, isDeleted: false });
        return say(`make here ${name}`);
      }
      case 2: {
        const name = `There #${number}`;
        there.add(system.kind, system.row(name));
        made.set(String(number), { name, isDeleted: false });
        return say(`make there ${name}`);
      }
      case 3:
      case 4: {
        const client = here()[chance.below(Math.max(1, here().length))];
        if (client === undefined) return;
        const name = `${client.name.split(' ~')[0]} ~h${number}`;
        await laptop.change('clients', client.id, { name });
        edited(name);
        return say(`change here ${name}`);
      }
      case 5:
      case 6: {
        const row = rows()[chance.below(Math.max(1, rows().length))];
        // Made by a call whose answer was lost, and not yet read: what is renamed then cannot be known to be ours (docs/remotes.md).
        if (row === undefined || (String(row['name']).startsWith('Here') && !isKnown(system.idOf(row)))) return;
        const name = `${String(row['name']).split(' ~')[0]} ~t${number}`;
        there.edit(system.kind, system.idOf(row), { name });
        edited(name);
        return say(`change there ${name}`);
      }
      case 7: {
        const client = here()[chance.below(Math.max(1, here().length))];
        if (client === undefined || here().length < 4) return;
        await laptop.remove('clients', client.id);
        deleted(client.name);
        return say(`delete here ${client.name}`);
      }
      case 8: {
        const row = rows()[chance.below(Math.max(1, rows().length))];
        if (row === undefined || rows().length < 4 || !system.canDelete) return;
        there.remove(system.kind, system.idOf(row));
        deleted(String(row['name']));
        return say(`delete there ${String(row['name'])}`);
      }
      case 9:
        return rehearse();
      default:
        return meet();
    }
  }

  function edited(name: string): void {
    const tracked = made.get(mark(name));
    if (tracked !== undefined) tracked.name = name;
  }

  function deleted(name: string): void {
    const tracked = made.get(mark(name));
    if (tracked !== undefined) tracked.isDeleted = true;
  }

  for (let at = 0, steps = 12 + chance.below(20); at < steps; at++) await step();

  // A remote that is empty stops, whatever else is going on; then it is as it was.
  if (system.canDelete && chance.oneIn(6)) await emptied();

  faulted.trouble = () => null;
  const rounds: string[] = [];
  for (let round = 0; round < 4; round++) {
    later();
    const receipt = await laptop.meet({ accepts: ['shrunken'] });
    rounds.push(receipt.lines.map(({ kind, title, outcome }) => `${kind} ${title} ${outcome}`).join(', '));
    say(`at the end: ${receipt.state} ${receipt.lines.length} lines`);
  }
  if (rounds.at(-1) !== '') result.broken.push(`a loop: ${rounds.slice(-2).join(' | ')}`);
  judge();
  return result;

  async function emptied(): Promise<void> {
    await laptop.meet();
    later();
    const before = here().length;
    const list = there.answer;
    there.answer = (asked) => (asked.method === 'GET' ? emptyList(list(asked)) : list(asked));
    const { sent, received, lines } = await laptop.meet();
    there.answer = list;
    later();
    say(`emptied for a moment: ${lines.length} lines`);
    if (here().length < before) result.broken.push(`an emptied remote removed ${before - here().length} records`);
    if (sent.deleted + received.deleted > 0) result.broken.push('an emptied remote deleted something');
  }

  function judge(): void {
    const count = (names: readonly string[]) => {
      const counts = new Map<string, number>();
      for (const name of names) counts.set(mark(name), (counts.get(mark(name)) ?? 0) + 1);
      return counts;
    };
    const [ours, theirs] = [count(here().map(({ name }) => name)), count(rows().map((row) => String(row['name'])))];
    for (const [counts, side] of [
      [ours, 'here'],
      [theirs, 'there'],
    ] as const)
      for (const [which, times] of counts) if (times > 1) result.broken.push(`#${which} is ${times} times ${side}`);
    for (const [which, { name, isDeleted }] of made) {
      if (isDeleted) continue;
      if (!ours.has(which)) result.broken.push(`#${which} (${name}) is gone here and nobody deleted it`);
      if (!theirs.has(which)) result.broken.push(`#${which} (${name}) is gone there and nobody deleted it`);
    }
    const conflicts = (
      (laptop.memory.get('meta') as { conflicts: { mine: unknown; theirs: unknown }[] } | undefined)?.conflicts ?? []
    ).flatMap(({ mine, theirs: other }) => [String(mine), String(other)]);
    const namesThere = new Map(rows().map((row) => [mark(String(row['name'])), String(row['name'])]));
    for (const client of here()) {
      const other = namesThere.get(mark(client.name));
      if (other !== undefined && other !== client.name) result.broken.push(`${client.name} here is ${other} there`);
      const tracked = made.get(mark(client.name));
      // Who deleted it on the other side had seen what it said there.
      const last = tracked?.isDeleted === true ? undefined : tracked?.name;
      // The last name anybody gave stands, or stands beside the one that does.
      if (last !== undefined && last !== client.name && !conflicts.includes(last))
        result.broken.push(`the change to "${last}" is lost: it is "${client.name}"`);
    }
  }
}

function emptyList(reply: { status: number; body?: unknown }): { status: number; body?: unknown } {
  const emptied = (value: unknown): unknown => {
    if (Array.isArray(value)) return [];
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [
        key,
        /count|total/i.test(key) ? 0 : key === 'next' || key === 'offset' ? null : key === 'pageCount' ? 0 : emptied(part),
      ]),
    );
  };
  const { body } = reply;
  const isOne =
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    (Object.hasOwn(body, 'account_obj') ||
      Object.hasOwn(body, 'softDelete') ||
      Object.hasOwn(body, 'unique_id') ||
      Object.hasOwn(body, 'name'));
  return isOne ? { status: 404, body: { detail: 'Not found.' } } : { ...reply, body: emptied(body) };
}
