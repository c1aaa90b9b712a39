import type { CrmEvents } from '../../shared/contracts/api.ts';
import { perNoun } from '../../shared/nouns/nouns.ts';

type Changed = CrmEvents['changed'];

/** While an import runs, lists on screen are asked for again this often; each time costs time that the import needs. */
const BUSY_PAUSE_MS = 1000;

/** Passes on what changed: at once, and while something long changes the book many times a second, once a second. */
export function tellChanges(send: (change: Changed) => void, isBusy: () => boolean): (change: Changed) => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isHeldBack = false;
  return (change) => {
    if (timer !== null) {
      isHeldBack = true;
      return;
    }
    send(change);
    if (!isBusy()) return;
    timer = setTimeout(() => {
      timer = null;
      if (isHeldBack) send(everything());
      isHeldBack = false;
    }, BUSY_PAUSE_MS);
  };
}

/** Nobody knows any more which records it was: every list looks again. */
function everything(): Changed {
  return { ...perNoun<string[]>(() => []), all: true };
}
