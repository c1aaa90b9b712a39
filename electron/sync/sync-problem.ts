/** Why a sync ended before its end. The sentence is for a person and says what to do; it names no customer and no token. */
export class SyncProblem extends Error {
  override readonly name = 'SyncProblem';
  readonly kind: SyncProblemKind;
  readonly sentence: string;
  /** When the server asked to be left alone until. */
  readonly retryAfterMs: number | null;
  constructor(kind: SyncProblemKind, sentence: string, retryAfterMs: number | null = null) {
    super(kind);
    this.kind = kind;
    this.sentence = sentence;
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
