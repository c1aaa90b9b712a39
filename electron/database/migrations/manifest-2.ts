/**
 * `manifest.json`: the numbers of rows are said of the one collection of records and of the operations, and of each
 * database, which form it has. All there were had the first one, a collection for each noun.
 */
export function manifest2(manifest: unknown): unknown {
  const { others = [], ...used } = manifest as { others?: Copy[] } & Copy;
  return { ...inNewForm(used), format: 2, others: others.map(inNewForm) };
}

interface Copy {
  counts: Record<string, number>;
}

function inNewForm<T extends Copy>(copy: T): T & { databaseForm: 1 } {
  const { operations = 0, ...records } = copy.counts;
  return { ...copy, databaseForm: 1, counts: { records: Object.values(records).reduce((sum, count) => sum + count, 0), operations } };
}
