import type { FormatName } from './formats.ts';
import { manifest2 } from './manifest-2.ts';

/** One step brings one file of the data folder, as JSON, from the form before to `to`. Steps are fossils: never changed once released. */
export interface Step {
  of: FormatName;
  to: number;
  /** Within the data folder. */
  file: string;
  up(content: unknown): unknown;
}

/** In the order they are carried out. */
export const steps: readonly Step[] = [{ of: 'manifest', to: 2, file: 'manifest.json', up: manifest2 }];
