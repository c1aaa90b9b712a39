/**
 * What the screens, the import and the export need to know of a field. One list per noun (`clientFieldInfo` …):
 * columns, filters, forms, import targets and export columns are all made from it.
 */
export type FieldKind =
  | 'text'
  | 'multiline'
  | 'email'
  | 'phone'
  | 'url'
  | 'date'
  | 'instant'
  | 'number'
  | 'decimal'
  /** A fraction that people read and write as percent: "0.0775" is 7.75 %. */
  | 'rate'
  | 'boolean'
  | 'choice'
  /** A list of known values that also takes any other text. */
  | 'openChoice'
  | 'tags'
  | 'links'
  /** The id of another record; `of` names its collection. */
  | 'reference'
  /** Ids of several records of one collection. */
  | 'references';

/** Fields a record must have: `{ kind: 'team' }`. */
export type Condition = Readonly<Record<string, string>>;

export interface FieldInfo<
  Of extends string =
    | 'clients'
    | 'contacts'
    | 'locations'
    | 'itemPrices'
    | 'opportunities'
    | 'cases'
    | 'tasks'
    | 'invoices'
    | 'directory'
    | 'activities',
> {
  /** Path in the record: "name", "address.city". */
  path: string;
  /** What the field is called on screen, in sentence case. */
  label: string;
  kind: FieldKind;
  /** Heading under which the detail screen shows it. */
  group: string;
  required?: boolean;
  /** Shown as a column in a list that nobody has arranged yet. */
  inList?: boolean;
  /** Computed or kept by the book itself: can be shown, sorted and filtered, not edited or imported. */
  computed?: boolean;
  /** Banking data: masked, never searched, never exported unless asked. */
  secret?: boolean;
  choices?: Readonly<Record<string, string>>;
  /** The collection a reference names. Nouns that are not in the registry yet name theirs through `Of`. */
  of?: Of;
  /** Which of its records a reference may name: `{ kind: 'user' }`. */
  where?: Condition;
  /** The field belongs only to records that are so: members are of teams. */
  when?: Condition;
  /** Said once, when the record is made. */
  fixed?: boolean;
  /** Preferred column width in pixels. */
  width: number;
}

/** A path in steps. What is behind "custom." or "externalIds." is one name, which may have points in it. */
export function stepsOf(path: string): string[] {
  // Lists write thousands of records by these, and most paths are one step.
  if (!path.includes('.')) return [path];
  const named = /^(custom|externalIds)\.(.+)$/s.exec(path);
  return named === null ? path.split('.') : [named[1] as string, named[2] as string];
}

/** The fields a person named: one per value under `custom`, called as they called it. */
export function ownFieldsOf(record: { custom: Record<string, string | number | boolean | null> }): FieldInfo[] {
  return Object.entries(record.custom).map(([name, value]) => ({
    path: `custom.${name}`,
    label: name,
    kind: typeof value === 'boolean' ? 'boolean' : typeof value === 'number' ? 'number' : 'text',
    group: 'Own fields',
    width: 160,
  }));
}

/** Reads a path from a record; null where any step is missing. */
export function valueAt(record: object, path: string): unknown {
  return valueAlong(record, stepsOf(path));
}

/** The same for who reads many records: the steps of the path are found once. */
export function valueAlong(record: object, steps: readonly string[]): unknown {
  let value: unknown = record;
  for (const step of steps) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return null;
    value = (value as Record<string, unknown>)[step];
  }
  return value ?? null;
}

/** Sets a path in a plain object, making the objects on the way. For building a command's input from a form or a row. */
export function setAt(target: Record<string, unknown>, path: string, value: unknown): void {
  const steps = stepsOf(path);
  const last = steps.pop() as string;
  let at = target;
  for (const step of steps) {
    const next = at[step];
    if (next === null || typeof next !== 'object') at[step] = {};
    at = at[step] as Record<string, unknown>;
  }
  at[last] = value;
}

/** True where the record, or the input that will make one, is as the condition says. */
export function isAs(record: object, condition: Condition | undefined): boolean {
  return condition === undefined || Object.entries(condition).every(([path, value]) => valueAt(record, path) === value);
}

/** The ids a reference, or a list of them, holds. */
export function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function isReference(field: Pick<FieldInfo, 'kind'>): boolean {
  return field.kind === 'reference' || field.kind === 'references';
}
