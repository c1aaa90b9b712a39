/** A ratio may be this much worse than the baseline's before it is called a regression: single runs differ by less. */
const tolerated = 0.15;

/** The ratios to a peer in the tables of a run, by table and figure: what does not depend on how quick the machine is. */
export function ratiosOf(tables) {
  return Object.fromEntries(
    tables.map(({ name, rows }) => [
      name,
      Object.fromEntries(rows.filter(({ unit }) => unit === '×').map((row) => [row.figure, row.value])),
    ]),
  );
}

/** Sentences about what is more than 15 % above the baseline. In a ratio that the baseline lacks nothing can be told. */
export function regressions(tables, baseline) {
  const found = [];
  for (const [name, ratios] of Object.entries(ratiosOf(tables))) {
    for (const [figure, ratio] of Object.entries(ratios)) {
      const before = baseline[name]?.[figure];
      if (before === undefined || ratio <= before * (1 + tolerated)) continue;
      found.push(
        `REGRESSION ${name}: ${figure} is ${ratio} ×, ${Math.round((ratio / before - 1) * 100)} % above the baseline's ${before} ×`,
      );
    }
  }
  return found;
}
