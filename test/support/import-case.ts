import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type ImportJob,
  type ImportPlan,
  importPlanSchema,
  type RowReport,
  rowVerdicts,
} from '../../shared/contracts/transfer.contract.ts';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Backend } from '../../electron/platform/platform.ts';
import { backendOf } from './book-backend.ts';
import { request } from './opened-book.ts';
import { openDesk, type TransferDesk } from './transfer-desk.ts';
import { say } from '../../shared/words/say.ts';

/**
 * Small files with what is right, as folders beside the repository: `input.*` and `expect.json`. What the keys of
 * `expect.json` mean stands in the README.md there.
 */
export const caseFolder = resolve(import.meta.dirname, '../../../shared/cases/import');

export type Value = string | number | boolean | null | { [key: string]: unknown } | readonly Value[];
export type Fields = Record<string, Value>;
type Range = number | { min?: number; max?: number };

export interface Expectation {
  records?: Record<string, Fields[]>;
  none?: Record<string, Fields[]>;
  every?: Record<string, Fields>;
  count?: Record<string, Range>;
  anywhere?: Value[];
  verdicts?: Record<string, Range>;
  unchanged?: true;
  told?: string[];
  toldBefore?: string[];
  preview?: Record<string, Value>;
  refused?: true;
  anyOf?: Expectation[];
}

interface Step {
  import?: string | { name: string; text: string };
  rows?: number[];
  with?: Partial<ImportPlan>;
  make?: NounName;
  fields?: object;
  as?: string;
  export?: NounName;
  format?: 'csv' | 'xlsx' | 'vcard';
  call?: string;
  input?: unknown;
  gives?: Record<string, Value>;
  search?: string;
  finds?: string;
  reads?: string;
  any?: Partial<ImportPlan>[];
  trySettings?: string;
  to?: unknown[];
  expect?: Expectation;
  newBook?: true;
}

interface Way {
  steps?: Step[];
  expect?: Expectation;
}
type Case = Way & { ways?: Way[] };

/** The names of all cases. Throws where the folder is not there: without it nothing would be tested. */
export function importCases(): string[] {
  if (!existsSync(caseFolder))
    throw new Error('The import cases are missing: put the folder shared/cases/import beside the repository, then run the tests again.');
  return readdirSync(caseFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** What of the case does not hold, in sentences; none where all of it does. */
export async function failuresOf(name: string): Promise<string[]> {
  const folder = join(caseFolder, name);
  const told = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8')) as Case;
  const input = readdirSync(folder).find((file) => file.startsWith('input.')) as string;
  const files = (file: string) => readFileSync(join(folder, file));
  const failures: string[] = [];
  for (const { steps = [{ import: input }], expect } of told.ways ?? [told]) {
    const failed = await runSteps([...steps, ...(expect === undefined ? [] : [{ expect }])], files);
    if (failed.length === 0) return [];
    failures.push(...failed);
  }
  return failures;
}

/** Imports a file into an empty book as it is proposed, and answers what does not hold afterwards. */
export async function failuresAfter(fileName: string, content: string | Uint8Array, expect: Expectation): Promise<string[]> {
  return runSteps([{ import: fileName }, { expect }], () => Buffer.from(content as Uint8Array));
}

export async function runSteps(steps: readonly Step[], files: (name: string) => Buffer): Promise<string[]> {
  let run = await CaseRun.begin(files);
  const failures: string[] = [];
  for (const step of steps) {
    if (step.newBook === true) run = await CaseRun.begin(files);
    else failures.push(...(await run.step(step)));
  }
  return failures;
}

type Found = Record<string, unknown>;

class CaseRun {
  readonly #desk: TransferDesk;
  readonly #backend: Backend;
  readonly #files: (name: string) => Buffer;
  readonly #named = new Map<string, unknown>();
  readonly #notes: string[] = [];
  readonly #told: string[] = [];
  #preview: Found | null = null;
  #verdicts: Record<string, number> = {};
  #wasRefused = false;
  #isUnchanged = false;

  private constructor(desk: TransferDesk, files: (name: string) => Buffer) {
    this.#desk = desk;
    this.#files = files;
    this.#backend = backendOf(desk.laptop, undefined, desk.imports);
  }

  static async begin(files: (name: string) => Buffer): Promise<CaseRun> {
    return new CaseRun(await openDesk(), files);
  }

  async step(step: Step): Promise<string[]> {
    if (step.import !== undefined) return this.#import(step);
    if (step.make !== undefined) return this.#make(step.make, step);
    if (step.export !== undefined) return this.#export(step.export, step);
    if (step.call !== undefined) return this.#call(step.call, step);
    if (step.search !== undefined) return this.#search(step.search, step.finds ?? '');
    if (step.reads !== undefined) return this.#reads(step.reads, step.any ?? []);
    if (step.expect !== undefined) return this.#holds(step.expect);
    throw new Error(`This step of a case is not known: ${JSON.stringify(step)}`);
  }

  #file(step: Step): { name: string; content: Uint8Array } {
    const { import: what } = step;
    if (typeof what === 'object') return { name: what.name, content: Buffer.from(what.text) };
    if (what?.startsWith('$')) return this.#named.get(what.slice(1)) as { name: string; content: Uint8Array };
    const content = this.#files(what as string);
    if (step.rows === undefined) return { name: what as string, content };
    const lines = content.toString('utf8').split('\n');
    return { name: what as string, content: Buffer.from([lines[0], ...step.rows.map((row) => lines[row - 1])].join('\n')) };
  }

  async #import(step: Step): Promise<string[]> {
    const { name, content } = this.#file(step);
    const { imports } = this.#desk;
    this.#wasRefused = false;
    const before = JSON.stringify(await this.#everything());
    try {
      const { plan, preview } = await this.#desk.look(name, content, step.with ?? {});
      this.#preview = preview as unknown as Found; // only what the cases look at
      this.#notes.push(...preview.notes.map(say));
      let dry = await imports.dryRun(plan);
      while (!dry.complete) dry = await imports.dryRun(plan);
      this.#verdicts = dry.counts;
      this.#tell(dry.rows);
      const job = await this.#desk.bring(plan);
      await this.#tellJob(job);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#wasRefused = true;
      this.#told.push(say(error.problem));
    }
    this.#isUnchanged = JSON.stringify(await this.#everything()) === before;
    return [];
  }

  #tell(rows: readonly RowReport[]): void {
    for (const { row, reason } of rows) if (reason !== null) this.#told.push(`${row}: ${say(reason)}`);
  }

  async #tellJob(job: ImportJob): Promise<void> {
    if (job.problem !== null) this.#told.push(say(job.problem));
    if (job.note !== null) this.#told.push(say(job.note));
    for (const verdict of Object.keys(rowVerdicts) as RowReport['verdict'][]) this.#tell(await this.#desk.rows(job.id, verdict));
  }

  async #make(noun: NounName, { fields, as }: Step): Promise<string[]> {
    const made = await this.#backend.call(`${noun}.create`, this.#filled(fields));
    if (!made.ok) return [`${noun} was not made: ${say(made.error)}`];
    if (as !== undefined) this.#named.set(as, (made.value as { record: { id: string } }).record.id);
    return [];
  }

  async #export(noun: NounName, { format = 'csv', as = '' }: Step): Promise<string[]> {
    const { fileId, fileName } = await this.#desk.exports.create({
      collection: noun,
      format,
      list: request(),
      columns: [],
      includeSecret: false,
    });
    this.#named.set(as, { name: fileName, content: await this.#desk.read(fileId) });
    return [];
  }

  async #call(method: string, { input, gives = {}, as }: Step): Promise<string[]> {
    const answer = await this.#backend.call(method, this.#filled(input));
    if (!answer.ok) return [`${method}: ${say(answer.error)}`];
    if (as !== undefined) this.#named.set(as, answer.value);
    return Object.entries(gives)
      .filter(([path, value]) => !isValue(at(answer.value, path.split('.')), value))
      .map(([path, value]) => `${method} gives ${path} ${JSON.stringify(at(answer.value, path.split('.')))}, not ${JSON.stringify(value)}`);
  }

  async #search(text: string, finds: string): Promise<string[]> {
    const { hits } = await this.#desk.laptop.search.find(text, 20);
    return hits[0]?.title === finds ? [] : [`Search ${text} finds ${JSON.stringify(hits.map(({ title }) => title))}, not first ${finds}`];
  }

  async #reads(file: string, any: readonly Partial<ImportPlan>[]): Promise<string[]> {
    const told: string[] = [];
    for (const settings of any) {
      try {
        const plan = importPlanSchema.safeParse({ fileId: await this.#desk.take(file, this.#files(file)), ...settings });
        if (!plan.success) continue;
        const preview = (await this.#desk.imports.preview(plan.data)) as unknown as Found; // only what the cases look at
        if (Object.entries(settings).every(([key, value]) => preview[key] === value)) return [];
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        told.push(say(error.problem));
      }
    }
    return [`${file} cannot be read with any of ${JSON.stringify(any)} ${told.join(' ')}`];
  }

  /** "$x.record.id" → what it stands for. */
  #filled(value: unknown): unknown {
    if (typeof value === 'string' && value.startsWith('$')) {
      const [name, ...steps] = value.slice(1).split('.');
      return at(this.#named.get(name as string), steps);
    }
    if (Array.isArray(value)) return value.map((item) => this.#filled(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#filled(item)]));
  }

  async #everything(): Promise<Record<string, Found[]>> {
    const all: Record<string, Found[]> = {};
    for (const noun of nounNames) {
      const records: Found[] = [];
      for (let offset = 0; ; offset = records.length) {
        const answer = await this.#backend.call(`${noun}.list`, { offset, limit: 200 });
        if (!answer.ok) break;
        const { rows: page, total } = answer.value as { rows: Found[]; total: number };
        records.push(...page);
        if (records.length >= total || page.length === 0) break;
      }
      all[noun] = records;
    }
    return all;
  }

  async #holds(expected: Expectation): Promise<string[]> {
    return this.#failures(expected, await this.#everything());
  }

  #failures(expected: Expectation, all: Record<string, Found[]>): string[] {
    const failures: string[] = [];
    const fail = (isRight: boolean, sentence: () => string) => {
      if (!isRight) failures.push(sentence());
    };
    const isAny = expected.anyOf?.map((one) => this.#failures(one, all)) ?? [];
    const mayBeRefused = expected.refused === true || expected.anyOf?.some(({ refused }) => refused === true) === true;
    fail(mayBeRefused || !this.#wasRefused, () => `It was refused: ${this.#told.at(-1)}`);
    fail(expected.refused !== true || this.#wasRefused, () => 'It was not refused');
    for (const [noun, wanted] of Object.entries(expected.records ?? {})) {
      fail(
        hasEach(all[noun] ?? [], wanted),
        () => `${noun} are not ${JSON.stringify(wanted)}, they are ${JSON.stringify(all[noun]?.map(filledOnly))}`,
      );
    }
    for (const [noun, wanted] of Object.entries(expected.none ?? {}))
      for (const one of wanted)
        fail(!(all[noun] ?? []).some((record) => fits(record, one)), () => `One of ${noun} is ${JSON.stringify(one)}`);
    for (const [noun, wanted] of Object.entries(expected.every ?? {}))
      for (const record of all[noun] ?? [])
        fail(fits(record, wanted), () => `${JSON.stringify(filledOnly(record))} is not ${JSON.stringify(wanted)}`);
    for (const [noun, range] of Object.entries(expected.count ?? {}))
      fail(
        isIn((all[noun] ?? []).length, range),
        () => `There are ${all[noun]?.length} ${noun}, not ${JSON.stringify(range)}: ${JSON.stringify(all[noun]?.map(filledOnly))}`,
      );
    const values = Object.values(all)
      .flat()
      .flatMap((record) => leavesOf(filledOnly(record)));
    for (const value of expected.anywhere ?? [])
      fail(
        values.some((one) => isValue(one, value)),
        () => `${JSON.stringify(value)} is nowhere`,
      );
    for (const [verdict, range] of Object.entries(expected.verdicts ?? {}))
      fail(
        isIn(this.#verdicts[verdict] ?? 0, range),
        () => `${JSON.stringify(this.#verdicts)}, not ${verdict} ${JSON.stringify(range)}: ${this.#told.join(' | ')}`,
      );
    fail(expected.unchanged !== true || this.#isUnchanged, () => 'The book was changed');
    for (const words of expected.told ?? [])
      fail(
        [...this.#notes, ...this.#told].some((sentence) => new RegExp(words, 'i').test(sentence)),
        () => `Nothing says ${words}: ${JSON.stringify([...this.#notes, ...this.#told])}`,
      );
    for (const words of expected.toldBefore ?? [])
      fail(
        this.#notes.some((sentence) => new RegExp(words, 'i').test(sentence)),
        () => `No note says ${words}: ${JSON.stringify(this.#notes)}`,
      );
    for (const [key, value] of Object.entries(expected.preview ?? {}))
      fail(
        isValue(this.#preview?.[key], value),
        () => `${key} of the preview is ${JSON.stringify(this.#preview?.[key])}, not ${JSON.stringify(value)}`,
      );
    if (isAny.length > 0 && isAny.every((one) => one.length > 0))
      failures.push(`None of these holds: ${isAny.map((one) => one.join('; ')).join(' — or — ')}`);
    return failures;
  }
}

/** For each of the wanted a record of its own. */
function hasEach(records: readonly Found[], wanted: readonly Fields[]): boolean {
  const [first, ...others] = wanted;
  if (first === undefined) return true;
  return records.some(
    (record) =>
      fits(record, first) &&
      hasEach(
        records.filter((one) => one !== record),
        others,
      ),
  );
}

/** What the record's machinery says is no field of its own. */
const machinery = new Set(['id', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'names', 'clientId']);

function fits(record: Found, fields: Fields): boolean {
  return Object.entries(fields).every(([path, value]) => {
    const found = path === '*' ? leavesOf(filledOnly(record)) : path === 'custom.*' ? Object.values(record['custom'] as Found) : null;
    if (found === null) return isValue(at(record, path.startsWith('custom.') ? ['custom', path.slice(7)] : path.split('.')), value);
    if (value === null) return found.every((one) => isValue(one, null));
    const wanted = isObject(value) && Array.isArray(value['all']) ? (value['all'] as Value[]) : [value];
    return wanted.every((one) => found.some((leaf) => isValue(leaf, one)));
  });
}

function isValue(found: unknown, wanted: Value): boolean {
  if (wanted === null) return found === null || found === undefined || found === '' || (Array.isArray(found) && found.length === 0);
  if (isObject(wanted)) {
    if ('not' in wanted) return !isValue(found, wanted['not'] as Value);
    if ('oneOf' in wanted) return (wanted['oneOf'] as Value[]).some((one) => isValue(found, one));
    if ('has' in wanted) return Array.isArray(found) && (wanted['has'] as Value[]).every((one) => found.some((item) => isValue(item, one)));
    if ('like' in wanted) return leavesOf(found).some((leaf) => new RegExp(String(wanted['like'])).test(String(leaf).trim()));
  }
  if (Array.isArray(found)) return found.length === 1 && isValue(found[0], wanted);
  if (typeof wanted === 'number') return found !== null && found !== '' && Number(found) === wanted;
  return typeof wanted === 'string' ? typeof found === 'string' && found.trim() === wanted.trim() : found === wanted;
}

function isIn(count: number, range: Range): boolean {
  return typeof range === 'number' ? count === range : count >= (range.min ?? 0) && count <= (range.max ?? Number.POSITIVE_INFINITY);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function at(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((found, step) => (found === null || found === undefined ? undefined : (found as Found)[step]), value);
}

function filledOnly(record: Found): Found {
  return Object.fromEntries(
    Object.entries(record).filter(
      ([key, value]) => !machinery.has(key) && !isValue(value, null) && leavesOf(value).some((leaf) => leaf !== null),
    ),
  );
}

function leavesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isObject(value) ? Object.values(value).flatMap(leavesOf) : [value];
}
