import { type Seeded, seededFrom } from '../../support/seeded.ts';
import { type LineFault, lineFaults } from './fault-line.ts';
import { before, generated } from './world-calls.ts';

/**
 * What happens in a world, one thing a line. `n` is where an input comes from, `after` how many requests of a sync go well before it is
 * hit: by a fault of the line, by the end of the program (`kill`), by a disk that takes nothing more (`disk`).
 */
export type WorldStep =
  | { on: number; do: 'call'; method: string; n: number }
  | { on: number; do: 'sync'; fault: LineFault | null; after: number }
  | { on: number; do: 'settle'; take: 'mine' | 'theirs' | 'asItIs' }
  | { on: number; do: 'restart' }
  | { on: number; do: 'kill'; after: number }
  | { on: number; do: 'disk'; after: number }
  | { on: number; do: 'clock'; ms: number }
  | { do: 'time'; ms: number }
  | { do: 'server' }
  | { do: 'version'; by: number }
  | { do: 'backup' }
  | { do: 'bringBack'; how: 'restored' | 'copied' }
  | { do: 'role'; who: number; role: Role }
  | { do: 'account'; who: number; isActive: boolean };

/** Of a person who signs in; teams are records, which commands change. */
export type Role = 'admin' | 'manager' | 'member';
const roles = ['admin', 'manager', 'member'] as const;

export interface WorldPlan {
  seed: number;
  laptops: number;
  /** Whose the laptops are, in turns; the first is an administrator, who is alone where nothing is said. */
  people?: Role[];
  steps: WorldStep[];
}

export interface WorldEnd {
  calls: Map<string, { done: number; refused: number }>;
  /** Why commands were refused, each once. */
  reasons: Set<string>;
  syncs: number;
  failed: number;
}

const hour = 3_600_000;

export interface PlanShape {
  /** Few kinds of commands, and nothing goes wrong. */
  isThin?: boolean;
  length?: number;
  /** Half-way nobody comes by for weeks or half a year, and on each laptop so much is done meanwhile. */
  away?: number;
}

/** The world of a seed. */
export function planOf(seed: number, { isThin = false, length = 60, away = 0 }: PlanShape = {}): WorldPlan {
  const random = seededFrom(seed);
  const laptops = 3 + random.below(3);
  const people: Role[] = ['admin', ...Array.from({ length: isThin ? 0 : random.below(3) }, () => random.pick(['manager', 'member']))];
  const methods = isThin ? generated.filter((name) => /^(clients|contacts|tasks)\.(create|change|remove)$/.test(name)) : generated;
  const steps: WorldStep[] = [];
  // Something to meet in.
  const first = ['clients', 'clients', 'contacts', 'locations', 'itemPrices', 'tasks', 'cases', 'opportunities', 'invoices', 'directory'];
  for (const noun of [...first, ...first, 'activities', 'locationItemPrices', 'locationContacts', 'ownFields'])
    steps.push({ on: 0, do: 'call', method: `${noun}.create`, n: random.below(1e6) });
  for (let on = 0; on < laptops; on += 1) steps.push({ on, do: 'sync', fault: null, after: 0 });
  for (let at = 0; at < length; at += 1) {
    if (away > 0 && at === Math.floor(length / 2)) steps.push(...absence(random, laptops, methods, away));
    const step = stepOf(random, laptops, methods, isThin, people.length);
    // A command that needs another one first mostly gets it.
    if (step.do === 'call' && !isThin)
      for (const method of before(step.method)) steps.push({ on: step.on, do: 'call', method, n: random.below(1e6) });
    // What a check finds lost is on the server.
    if (step.do === 'call' && step.method === 'safety.mend') steps.push({ on: step.on, do: 'sync', fault: null, after: 0 });
    steps.push(step);
  }
  return { seed, laptops, people, steps };
}

const often = ['clients.change', 'clients.change', 'contacts.change', 'clients.create', 'history.undo'] as const;

function stepOf(random: Seeded, laptops: number, methods: readonly string[], isThin: boolean, people: number): WorldStep {
  const on = random.below(laptops);
  const what = random.below(20);
  if (what < 5) return { on, do: 'sync', fault: isThin || random.oneIn(2) ? null : random.pick(lineFaults), after: random.below(18) };
  if (what === 5) return { on, do: 'settle', take: random.pick(['mine', 'theirs', 'asItIs']) };
  if (what === 6 && (isThin || random.oneIn(2))) return { on, do: 'restart' };
  if (what === 6) return { on, do: random.pick(['kill', 'disk']), after: random.below(30) };
  if (what === 7 && !isThin) return { on, do: 'clock', ms: random.pick([-24, -2, 2, 24]) * hour };
  if (what === 8 && !isThin && random.oneIn(12)) return { do: 'time', ms: random.pick([14, 31, 100, 181, 200]) * 24 * hour };
  if (what === 8) return { do: 'time', ms: random.pick([1, 30, 600]) * 60_000 };
  if (what === 9 && !isThin && random.oneIn(3)) return { do: 'server' };
  if (what === 9 && !isThin && random.oneIn(3)) return serverStep(random);
  if (what === 10 && people > 1 && random.oneIn(4)) return { do: 'account', who: 1 + random.below(people - 1), isActive: random.oneIn(2) };
  if (what === 10 && people > 1 && random.oneIn(3)) return { do: 'role', who: 1 + random.below(people - 1), role: random.pick(roles) };
  const method = !isThin && random.oneIn(2) ? random.pick(often) : (methods[random.below(methods.length)] ?? 'clients.create');
  return { on, do: 'call', method, n: random.below(1e6) };
}

function absence(random: Seeded, laptops: number, methods: readonly string[], away: number): WorldStep[] {
  const steps: WorldStep[] = [];
  const days = random.pick([14, 45, 100, 179, 181, 200]);
  for (let on = 0; on < laptops; on += 1)
    for (let at = 0; at < away; at += 1) {
      const method = random.oneIn(2) ? random.pick(often) : (methods[random.below(methods.length)] ?? 'clients.create');
      if (!method.startsWith('safety.')) steps.push({ on, do: 'call', method, n: random.below(1e6) });
    }
  return [...steps, { do: 'time', ms: days * 24 * hour }];
}

/** What rarely happens to a server. */
function serverStep(random: Seeded): WorldStep {
  const what = random.below(5);
  if (what === 0) return { do: 'version', by: random.pick([-2, -1, 0, 1, 2]) };
  if (what < 3) return { do: 'backup' };
  return { do: 'bringBack', how: random.pick(['restored', 'copied']) };
}

/**
 * The fewest steps of the plan that are still red. What came after it broke goes first, then whole laptops, then ever smaller pieces
 * while what is left stays red, until no single step can be left out. `redAt` says at which step a plan breaks, null where it does not.
 */
export async function shrunk(plan: WorldPlan, redAt: (plan: WorldPlan) => Promise<number | null>, mostRuns = 120): Promise<WorldPlan> {
  let small = plan;
  let runs = 0;
  const tried = async (steps: WorldStep[]): Promise<boolean> => {
    if (steps.length === small.steps.length || runs >= mostRuns) return false;
    runs += 1;
    const at = await redAt({ ...plan, steps });
    if (at === null) return false;
    small = { ...plan, steps: steps.slice(0, at + 1) };
    return true;
  };
  const at = await redAt(plan);
  if (at === null) return plan;
  small = { ...plan, steps: plan.steps.slice(0, at + 1) };
  for (let on = 0; on < plan.laptops; on += 1) await tried(small.steps.filter((step) => !('on' in step) || step.on !== on));
  for (let size = Math.ceil(small.steps.length / 2); ; size = Math.ceil(size / 2)) {
    let hasShrunk = false;
    for (let end = small.steps.length; end > 0; end = Math.min(end - size, small.steps.length)) {
      const from = Math.max(0, end - size);
      if (await tried([...small.steps.slice(0, from), ...small.steps.slice(end)])) hasShrunk = true;
    }
    // A plan without steps is red where no world can be run at all: there is nothing left to leave out.
    if (runs >= mostRuns || small.steps.length === 0 || (size === 1 && !hasShrunk)) return small;
  }
}

/** One operation a line, as `--plan FILE` reads it. */
export const planText = ({ steps, ...head }: WorldPlan) => [JSON.stringify(head), ...steps.map((step) => JSON.stringify(step))].join('\n');
export function planFrom(text: string): WorldPlan {
  const [head = '{}', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  return { ...(JSON.parse(head) as Omit<WorldPlan, 'steps'>), steps: lines.map((line) => JSON.parse(line) as WorldStep) };
}
