import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and resolves with its exit code (128 + n for a signal, as a shell reports it).
 * Signals sent to this process are passed on, so that stopping the outer script stops the inner one; when that has ended,
 * this process ends too and does not go on to the next thing: with 130 at least, because a job that was stopped has not
 * succeeded, unless the program was its `lastStep` and ended in good order.
 */
export function runChild(command, args, { timeLimit, lastStep = false, onChild, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const limit = timeLimit && setTimeout(() => giveUpOn(child, timeLimit), timeLimit);
    let isStopped = false;
    const passOn = (signal) => {
      isStopped = true;
      // A terminal sends Ctrl-C to the whole group itself; passing it on as well would make it arrive twice.
      if (signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY)) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    // npm puts a shell in between, and a shell that is stopped does not pass it on: its end is noticed here.
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid !== parent && passOn('SIGTERM'), 500);
    if (!process.env.npm_lifecycle_event) clearInterval(watch);
    const finish = (result) => {
      clearTimeout(limit);
      clearInterval(watch);
      for (const signal of signals) process.removeListener(signal, passOn);
      if (isStopped) process.exit(lastStep ? result.code : result.code || 130);
      resolve(result);
    };
    child.once('error', (error) => finish({ code: 127, signal: null, error }));
    child.once('close', (code, signal) => finish({ code: code ?? 128 + (signalNumbers[signal] ?? 0), signal, error: null }));
    onChild?.(child);
  });
}

function giveUpOn(child, timeLimit) {
  console.error(`Stopped after ${Math.round(timeLimit / 60_000)} minutes.`);
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
