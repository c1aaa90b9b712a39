/**
 * The number of each form that something of the book has on disk. Who changes one adds one here, and a step
 * `<what>-<number>.ts` beside this file that brings the form before it up to it (docs/formats.md).
 */
export const formats = {
  /** Fields of a record, in checkpoints, archives and operations. */
  record: 1,
  operation: 1,
  journal: 1,
  checkpoint: 1,
  manifest: 2,
  archive: 1,
  settings: 1,
} as const;
export type FormatName = keyof typeof formats;
