import { words } from '../../shared/words/words.ts';
import { announce } from './announcer.tsx';
import { showProblem } from './problem.tsx';

/** Puts the text on the clipboard and says so, or that the system did not take it. `what` begins a sentence. True when it is there. */
export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const says = `${what} could not be copied: the clipboard did not take it. Try again while this window is in front.`;
    showProblem({ code: 'NOT_COPIED', ...words('said.text', { text: says }) });
    return false;
  }
  announce(`${what} copied`);
  return true;
}
