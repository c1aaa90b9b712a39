import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { type NounName, placeNouns } from '../../../shared/nouns/nouns.ts';

/** Sizes of a list in pixels, which its header, its rows and the scrolling must agree on. */
export const HEADER = 34;

/** The width of what stands before the first column: the tick, and the star of what can be a favourite. */
export function widthOfTicks(noun: NounName): number {
  return canBeFavourite(noun) ? 62 : 40;
}

export function canBeFavourite(noun: NounName): boolean {
  return placeNouns.includes(noun);
}

export const NARROWEST = 60;
export const WIDEST = 800;

/** About what the bold letters of a header take, and what stands beside them: the padding, the arrow, the menu. */
const LETTER = 6.6;
const BESIDE = 46;

/** The width a column starts with: what its values like, and never less than its name. */
export function startingWidth(field: FieldInfo): number {
  return Math.max(field.width, Math.ceil(field.label.length * LETTER) + BESIDE);
}

/** The width of a column: as a person set it, or as its field would like it. */
export function columnWidth(field: FieldInfo, widths: Readonly<Record<string, number>>): number {
  return Math.min(WIDEST, Math.max(NARROWEST, widths[field.path] ?? startingWidth(field)));
}
