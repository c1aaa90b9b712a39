import { create } from 'zustand';
import { type ColumnMapping, type FilePreview, type ImportPlan, importPlanSchema } from '../../../shared/contracts/transfer.contract.ts';
import { booleanOf, choiceOf } from '../../../shared/nouns/choice-guess.ts';
import { type ImportNoun, type ImportTarget, importTarget, ownTargets } from '../../../shared/nouns/import-target.ts';
import type { Problem } from '../../../shared/lib/result.ts';
import { imports } from '../../api/transfer.ts';
import { announce } from '../../ui/announcer.tsx';
import { words } from '../../../shared/words/words.ts';

/** The steps in front of an import, and the import itself. */
export type Step = 'file' | 'columns' | 'values' | 'check' | 'job';

interface ImportFlow {
  step: Step;
  /** A file on its way into the book. */
  taking: { name: string; size: number; done: number } | null;
  /** The file is being looked at again because a setting changed. */
  isLooking: boolean;
  preview: FilePreview | null;
  plan: ImportPlan | null;
  jobId: string | null;
  problem: Problem | null;
}

const atStart: ImportFlow = { step: 'file', taking: null, isLooking: false, preview: null, plan: null, jobId: null, problem: null };

/** Kept outside the screen, so that a look at a client in between loses nothing. */
export const useImportFlow = create<ImportFlow>()(() => atStart);
const { setState: set, getState: get } = useImportFlow;

/** Takes files in and looks at what they hold. Several vCards become one list; of anything else there is one at a time. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  const file = oneOf(files);
  if (get().taking !== null) return;
  if (file === null) {
    set({
      problem: {
        code: 'ONE_FILE',
        ...words('imports.oneFile'),
      },
    });
    return;
  }
  forgetFile();
  set({ ...atStart, taking: { name: file.name, size: file.size, done: 0 } });
  const taken = await imports.take(file, (done) => set({ taking: { name: file.name, size: file.size, done } }));
  if (!taken.ok) return set({ taking: null, problem: taken.error });
  const plan = importPlanSchema.parse({ fileId: taken.value.fileId });
  const looked = await imports.preview(plan);
  set({ taking: null });
  if (!looked.ok) {
    void imports.drop(taken.value.fileId);
    return set({ problem: looked.error });
  }
  set({ preview: looked.value, plan: planFrom(plan, looked.value), step: 'columns', problem: null });
}

function oneOf(files: readonly File[]): File | null {
  if (files.length === 1) return files[0] as File;
  if (files.length === 0 || !files.every(({ name }) => /\.(?:vcf|vcard)$/i.test(name))) return null;
  return new File(
    files.flatMap((file) => [file, '\r\n']),
    `${files.length} vCards.vcf`,
  );
}

function planFrom(
  plan: ImportPlan,
  { columns, defaults, matchBy, onMatch, encoding, delimiter, hasHeader, headerRow, totalRows, sheet }: FilePreview,
): ImportPlan {
  return { ...plan, encoding, delimiter, hasHeader, headerRow, totalRows, sheet, columns, defaults, matchBy, onMatch };
}

/** Reads the file another way: another encoding, delimiter or sheet, or with its first row as data. */
export async function readAgain(
  settings: Partial<Pick<ImportPlan, 'encoding' | 'delimiter' | 'hasHeader' | 'headerRow' | 'sheet' | 'lists'>>,
): Promise<void> {
  const { plan } = get();
  if (plan === null) return;
  // What was found out for one reading does not hold for another; what the person said stays.
  const isAnew = 'sheet' in settings || 'delimiter' in settings;
  const { hasHeader, headerRow } = isAnew || 'hasHeader' in settings ? { hasHeader: null, headerRow: null } : plan;
  const again: ImportPlan = { ...plan, hasHeader, headerRow, ...settings };
  set({ isLooking: true });
  const looked = await imports.preview(again);
  set({ isLooking: false });
  if (!looked.ok) return set({ problem: looked.error });
  set({ preview: looked.value, plan: planFrom(again, looked.value), problem: null });
  announce('The file was read again');
}

export function changePlan(changes: Partial<ImportPlan>): void {
  const { plan } = get();
  if (plan !== null) set({ plan: { ...plan, ...changes }, problem: null });
}

export function changeColumn(column: number, changes: Partial<ColumnMapping>): void {
  const { plan } = get();
  if (plan === null) return;
  const known = plan.columns.find((mapping) => mapping.column === column) ?? { column, target: null, values: {}, dateOrder: null };
  changePlan({
    columns: [...plan.columns.filter((mapping) => mapping.column !== column), { ...known, ...changes }].sort((a, b) => a.column - b.column),
  });
}

/** The field that a target names, also one that people made. */
export function targetOf(preview: FilePreview | null, name: string): ImportTarget | null {
  return importTarget(name, ownTargets(preview?.ownFields ?? []));
}

const usually: readonly ImportNoun[] = ['clients', 'contacts', 'locations'];

/** What the rows are about, as the places of the columns say, and what else they name. */
export function nounsAbout(preview: FilePreview, plan: ImportPlan): ImportNoun[] {
  const placed = plan.columns.flatMap(({ target }) => (target === null ? [] : (targetOf(preview, target)?.noun ?? [])));
  const lists = plan.lists ?? preview.lists;
  return [...new Set([...(lists === null ? [] : [lists]), ...placed, ...(placed.length === 0 && lists === null ? usually : [])])];
}

/** Gives a column another place; values that the new place knows are mapped at once. */
export function placeColumn(column: number, target: string | null): void {
  const known = target === null ? null : targetOf(get().preview, target);
  const values: Record<string, string> = {};
  for (const text of known === null ? [] : (get().preview?.distinct[String(column)] ?? [])) {
    const value = meaningOf(known as ImportTarget, text);
    if (value !== null) values[text] = value;
  }
  changeColumn(column, { target, values });
}

/** What a value of the file means without being told; null where it has to be. */
export function meaningOf(target: ImportTarget, text: string): string | null {
  if (target.choices !== undefined) return choiceOf(target.choices, text);
  const value = target.kind === 'boolean' ? booleanOf(text) : null;
  return value === null ? null : value ? 'yes' : 'no';
}

export interface ValueColumn {
  column: number;
  header: string;
  target: ImportTarget;
  values: readonly string[];
}

/** Columns whose values are choices in the book, as far as they have few enough of them to be shown. */
export function valueColumns(preview: FilePreview, plan: ImportPlan): ValueColumn[] {
  return plan.columns.flatMap(({ column, target }) => {
    const known = target === null ? null : targetOf(preview, target);
    const values = preview.distinct[String(column)] ?? [];
    if (known === null || values.length === 0 || (known.choices === undefined && known.kind !== 'boolean')) return [];
    return [{ column, header: preview.headers[column] ?? '', target: known, values }];
  });
}

export function goTo(step: Step): void {
  set({ step, problem: null });
}

export async function startImport(): Promise<void> {
  const { plan, preview } = get();
  if (plan === null || preview === null) return;
  const started = await imports.start(plan);
  if (!started.ok) return set({ problem: started.error });
  announce('The import has begun');
  set({ ...atStart, step: 'job', jobId: started.value.id });
}

export function openJob(jobId: string): void {
  forgetFile();
  set({ ...atStart, step: 'job', jobId });
}

/** Back to the first step; a file that was only looked at is not kept. */
export function startOver(): void {
  forgetFile();
  set(atStart);
}

function forgetFile(): void {
  const { plan, step } = get();
  if (plan !== null && step !== 'job') void imports.drop(plan.fileId);
}
