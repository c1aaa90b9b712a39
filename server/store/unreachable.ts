const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
];
/** PostgreSQL says: is being started, is being stopped, has no connection left, lost the connection. */
const serverCodes = ['57P01', '57P02', '57P03', '53300', '08000', '08003', '08006'];
const driverWords = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether the database did not answer: the same can work in a moment. Answers what to call it; null for any other error. */
export function unreachable(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (networkCodes.includes(code) || serverCodes.includes(code)) return code;
  return driverWords.test(error.message) ? 'no answer' : null;
}

/** Whether PostgreSQL does not let this user in, or has no such database: waiting does not help. */
export function isTurnedAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['28000', '28P01', '3D000', '42501'].includes(String(error.code));
}
