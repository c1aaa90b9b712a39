import { markPainted } from '../../ui/painted.ts';

/**
 * The time from a key in Search to the results of it on screen, for `npm run bench`. Marks carry the length of what was
 * typed and nothing of it.
 */
const KEY = 'search:key';
const PAINTED = 'search:painted';
/** The browser keeps every mark it is given; a long day of searching does not need them. */
const MOST = 2000;

let pressedAt = 0;

/** A key went down in Search. What it makes of the text is known only when the text changes. */
export function keyPressed(at: number): void {
  pressedAt = at;
}

export function textChanged(length: number): void {
  if (performance.getEntriesByName(KEY).length > MOST) {
    performance.clearMarks(KEY);
    performance.clearMarks(PAINTED);
  }
  performance.mark(KEY, { startTime: pressedAt === 0 ? performance.now() : pressedAt, detail: { length } });
  pressedAt = 0;
}

/** The results are in the page. */
export function resultsShown(length: number): void {
  markPainted(PAINTED, { length });
}
