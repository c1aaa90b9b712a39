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

/** What has to be left for the columns between those that stay, and the least that a title is cut to. */
const BETWEEN = 200;
const LEAST_TITLE = 160;

export interface ShownColumns {
  /** From the left, as they are drawn. */
  columns: readonly FieldInfo[];
  sizes: readonly number[];
  /** Which of them stays at the beginning while the others are moved. */
  title: number;
  /** How many of the last ones stay at the end while the others are moved. */
  kept: number;
}

/** Those in `keep` at the end, where they stay in sight; the others as they are. */
export function withKeptLast(columns: readonly FieldInfo[], keep: readonly string[]): readonly FieldInfo[] {
  const kept = keep.flatMap((path) => columns.find((field) => field.path === path) ?? []);
  return kept.length === 0 ? columns : [...columns.filter((field) => !kept.includes(field)), ...kept];
}

/**
 * The columns of a list that is `room` pixels wide. The title stays at the beginning, and leaves some room for the others however wide it
 * was made, so that no list looks empty. Those in `keep`, the last ones, stay at the end; where that would leave nothing between, they follow
 * the title instead.
 */
export function shownColumns(
  columns: readonly FieldInfo[],
  widths: Readonly<Record<string, number>>,
  of: { room: number; before: number; titlePath: string; keep: readonly string[] },
): ShownColumns {
  const title = columns.find(({ path }) => path === of.titlePath) ?? columns[0];
  if (title === undefined) return { columns, sizes: [], title: 0, kept: 0 };
  const kept = columns.filter((field) => field !== title && of.keep.includes(field.path));
  const others = columns.filter((field) => !kept.includes(field));
  const widthOfKept = kept.reduce((sum, field) => sum + columnWidth(field, widths), 0);
  // Not known before the first look at the list: as wide as it is without a limit.
  const room = of.room === 0 ? Number.POSITIVE_INFINITY : of.room - of.before;
  const stays = kept.length > 0 && room >= columnWidth(title, widths) + widthOfKept + BETWEEN;
  const most = Math.max(LEAST_TITLE, room - (stays ? widthOfKept + BETWEEN : Math.max(widthOfKept, BETWEEN)));
  const at = others.indexOf(title) + 1;
  const shown = stays ? [...others, ...kept] : [...others.slice(0, at), ...kept, ...others.slice(at)];
  return {
    columns: shown,
    sizes: shown.map((field) => Math.min(field === title ? most : WIDEST, columnWidth(field, widths))),
    title: at - 1,
    kept: stays ? kept.length : 0,
  };
}
