import type { Words } from '../../shared/words/words.ts';

/** Why a sync ended before its end. Its words are for a person and say what to do; they name no customer and no token. */
export class SyncProblem extends Error {
  override readonly name = 'SyncProblem';
  readonly kind: SyncProblemKind;
  readonly says: Words;
  /** When the server asked to be left alone until. */
  readonly retryAfterMs: number | null;
  constructor(kind: SyncProblemKind, says: Words, retryAfterMs: number | null = null) {
    super(kind);
    this.kind = kind;
    this.says = says;
    this.retryAfterMs = retryAfterMs;
  }
}

/** offline and busy pass by themselves and are tried again; the others need a person, or another version. */
export type SyncProblemKind =
  | 'offline'
  | 'busy'
  | 'notOurs'
  | 'certificate'
  | 'signIn'
  | 'disabled'
  | 'otherOrganisation'
  | 'clientTooOld'
  | 'serverTooOld'
  | 'massDelete'
  | 'goesBack'
  | 'disk'
  | 'stopped'
  | 'unexpected';
