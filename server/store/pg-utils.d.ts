declare module 'pg/lib/utils.js' {
  /** Of values as they are given, what PostgreSQL takes as texts. */
  const utils: { prepareValue(value: unknown): string | Buffer | null };
  export default utils;
}
