import { bottlecrmManifest } from './bottlecrm.manifest.ts';
import { caseworkManifest } from './casework.manifest.ts';
import type { DialectName } from './foreign-systems.ts';
import type { Manifest } from './manifest.ts';
import { programsManifest } from './programs.manifest.ts';
import { skhokhoManifest } from './skhokho.manifest.ts';
import { summitManifest } from './summit.manifest.ts';

const byKind: Readonly<Record<DialectName, Manifest>> = {
  skhokho: skhokhoManifest,
  programs: programsManifest,
  summit: summitManifest,
  casework: caseworkManifest,
  bottlecrm: bottlecrmManifest,
};

/** The systems that were there before us, as the engine reads them. */
export const manifests: readonly Manifest[] = Object.values(byKind);
