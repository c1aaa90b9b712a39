/** Numbers for bench tables: medians over runs, since machines are noisy. Milliseconds unless the name says otherwise. */
export function percentile(values: readonly number[], part: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] as number;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
}

export interface BenchTable {
  name: string;
  rows: Record<string, string | number>[];
}

/** One line of a figures table; `aim` is what the figure is held against. */
export function figure(what: string, value: number, unit: string, aim: string, meets: boolean | null): Record<string, string | number> {
  return { figure: what, value: rounded(value), unit, aim, met: meets === null ? '' : meets ? 'yes' : 'NO' };
}
