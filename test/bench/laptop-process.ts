import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { node24 } from '../../build/paths.mjs';

/** Who signs in on every laptop. */
export const account = { email: 'bench@example.com', password: 'a long enough password' };

/** What a laptop is asked to do; each answers a number, 0 where there is nothing to say. */
export interface Asks {
  /** Opens its folder, and signs in to the server where it did not yet. */
  open(given: { folder: string; url: string }): Promise<number>;
  /** Makes so many documents of a book here. */
  make(given: { documents: number }): Promise<number>;
  /** Changes so many documents, one after the other. */
  edit(given: { documents: number }): Promise<number>;
  /** Sends what waits and takes in what is new. Answers the documents that are here then. */
  sync(given: object): Promise<number>;
  /** From now on as in an open window: what changes goes and comes by itself. */
  live(given: object): Promise<number>;
  /** Writes this text into one document. */
  write(given: { text: string }): Promise<number>;
  /** Comes back when that text stands in the document here. Answers when that was, in ms since 1970. */
  see(given: { text: string }): Promise<number>;
  close(given: object): Promise<number>;
}

interface Question {
  id: number;
  ask: keyof Asks;
  given: object;
}
interface Answer {
  id: number;
  value: number;
  /** Processor time of the laptop's process so far, in seconds. */
  cpu: number;
  problem: string | null;
}

export interface Laptop {
  ask<K extends keyof Asks>(what: K, given: Parameters<Asks[K]>[0]): Promise<number>;
  /** Seconds of its processor time, as of its last answer. */
  cpu(): number;
  kill(): Promise<void>;
}

/** Starts a laptop as a process of its own: a file beside this one that calls `answerAsks`. */
export function startLaptop(file: 'laptop-program.ts' | 'pouchdb-program.ts'): Laptop {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), { execPath: node24, execArgv: [] });
  const open = new Map<number, { done: (value: number) => void; failed: (error: Error) => void }>();
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let [last, cpu] = [0, 0];
  child.on('message', (answer: Answer) => {
    cpu = answer.cpu;
    const waiting = open.get(answer.id);
    open.delete(answer.id);
    if (answer.problem === null) waiting?.done(answer.value);
    else waiting?.failed(new Error(answer.problem));
  });
  child.once('close', (code) => {
    for (const { failed } of open.values()) failed(new Error(`The laptop ended with ${code}`));
  });
  return {
    ask(what, given) {
      last += 1;
      const question: Question = { id: last, ask: what, given };
      return new Promise((done, failed) => {
        open.set(question.id, { done, failed });
        child.send(question);
      });
    },
    cpu: () => cpu,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The other side, in the laptop's process. */
export function answerAsks(asks: Asks): void {
  const carriedOut = async ({ id, ask, given }: Question) => {
    const answer = (value: number, problem: string | null) => {
      const { user, system } = process.cpuUsage();
      process.send?.({ id, value, cpu: (user + system) / 1e6, problem } satisfies Answer);
    };
    try {
      answer(await (asks[ask] as (given: object) => Promise<number>)(given), null);
    } catch (error) {
      answer(0, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  };
  process.on('message', (question: Question) => void carriedOut(question));
  process.once('disconnect', () => process.exit(0));
}

/** How a book of so many documents is made up. */
export function sharesOf(documents: number): { clients: number; contacts: number; locations: number } {
  const clients = Math.round(documents / 4);
  const locations = Math.round(documents / 8);
  return { clients, locations, contacts: documents - clients - locations };
}
