/** What whoever runs the server is told: whole sentences that say what to do, with nothing in them that people keep. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Where a fault of ours is, for the log: messages of a database quote values, so none is in it. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code) ? ` ${error.code}` : '';
  const places = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return `${error.name}${code} ${places
    .map((line) => line.trim().slice(3))
    .slice(0, 5)
    .join(' < ')}`.trim();
}
