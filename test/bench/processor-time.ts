import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Processor time of a process and of those that it started, in seconds; NaN where the system does not say. What ended counts as well. */
export function cpuSeconds(pid: number): number {
  try {
    const [, ...own] = statOf(pid);
    const children = readdirSync('/proc').flatMap((name) => {
      try {
        const stat = /^\d+$/.test(name) ? statOf(Number(name)) : [];
        return stat[0] === pid ? [(stat[1] as number) + (stat[2] as number)] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
    return [...own, ...children].reduce((sum, one) => sum + one, 0) / ticksPerSecond();
  } catch {
    return Number.NaN;
  }
}

/** The process that started it, its own time in user and system mode, and that of children that have ended. */
function statOf(pid: number): number[] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
}

let ticks = 0;
const ticksPerSecond = () => (ticks ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })));
