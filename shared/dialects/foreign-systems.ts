/**
 * The systems that were there before us, one line each: what people call them, how they can be signed in to, the likeliest first,
 * and whether an organisation has to be named. What else is to be known of one is its manifest (manifests.ts, docs/remotes.md).
 */
export const foreignSystems = {
  skhokho: { label: 'Skhokho', ways: ['password', 'session'], organisation: 'needed' },
  programs: { label: 'Programs', ways: ['token', 'password'], organisation: 'no' },
  summit: { label: 'Summit', ways: ['token'], organisation: 'no' },
  casework: { label: 'Casework', ways: ['token', 'password'], organisation: 'no' },
  bottlecrm: { label: 'BottleCRM', ways: ['token'], organisation: 'maybe' },
} as const satisfies Record<string, HowToSignIn & { label: string }>;

export type DialectName = keyof typeof foreignSystems;
export const dialectNames = Object.keys(foreignSystems) as [DialectName, ...DialectName[]];

export const signInWays = { password: 'E-mail and password', token: 'Token', session: 'Session cookie' } as const;
export type SignInWay = keyof typeof signInWays;

export interface HowToSignIn {
  ways: readonly SignInWay[];
  organisation: 'no' | 'maybe' | 'needed';
}
