import type { FieldInfo } from '../../../shared/entities/field.ts';

/** Sizes of a list in pixels, which its header, its rows and the scrolling must agree on. */
export const HEADER = 34;
export const TICKS = 40;
export const NARROWEST = 60;
export const WIDEST = 800;

/** The width of a column: as a person set it, or as its field would like it. */
export function columnWidth(field: FieldInfo, widths: Readonly<Record<string, number>>): number {
  return Math.min(WIDEST, Math.max(NARROWEST, widths[field.path] ?? field.width));
}
