import { type RawBuilder, sql } from 'kysely';
import type { NounName } from '../../shared/nouns/nouns.ts';

export type Sql = RawBuilder<boolean>;

/** The condition of somebody who may see every record. */
export const seesAll: Sql = sql`true`;

/** Which records of a noun somebody sees, as a condition on the row that `alias` stands for (auth/visibility.ts). */
export type Sight = (of: NounName, alias: string) => Sql;

/** Of administrators, and of the server itself. */
export const wholeSight: Sight = () => seesAll;

/** What is looked at with a sight: everything, or only who else has a value that no two may share. */
export interface Eyes {
  sight: Sight;
  on: 'everything' | 'holders';
}

export const openEyes: Eyes = { sight: wholeSight, on: 'everything' };
