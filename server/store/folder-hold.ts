import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Refused } from '../refused.ts';

/** A data folder that is this process's alone. */
export interface FolderHold {
  /** What is said to other processes that ask the holder (`askHolder`). Until then they are told to come back. */
  answerWith(answer: (question: unknown) => Promise<unknown>): void;
  release(): Promise<void>;
}

export type HolderAnswer = { from: 'nobody' } | { from: 'holder'; answer: unknown };

const LONGEST_QUESTION = 64 * 1024;
/** A dead lock is taken away in one round and the place taken in the next; others may be at it, or have died over it. */
const mostRounds = 100;
const LOOK_AGAIN_MS = 10;
/** What a socket's address may have on every system; longer ones are cut off without a word. */
const LONGEST_ADDRESS = 100;

/**
 * Takes the data folder for this process. PGlite takes no lock: two processes in one lose what was acknowledged
 * (docs/server.md). The lock is a socket that this process listens on, so the kernel itself knows whether the holder
 * lives: no number of a process that another program, or another container, has by now.
 */
export async function holdFolder(folder: string): Promise<FolderHold> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let answer: (question: unknown) => Promise<unknown> = async () => ({
    refused: 'The server is starting or stopping. Try again in a moment.',
  });
  const server = createServer((asked, reply) => {
    readQuestion(asked)
      .then((question) => answer(question))
      .catch(() => ({ refused: 'The server could not do it. What went wrong is in its log.' }))
      .then((said) => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said)))
      .catch(() => reply.destroy());
  });
  const free = await (process.platform === 'win32' ? listenOnPipe(server, folder) : listenInFolder(server, folder));
  return {
    answerWith: (next) => (answer = next),
    release: async () => {
      free();
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
}

/** Asks the process that holds the folder, if there is one. */
export async function askHolder(folder: string, question: object): Promise<HolderAnswer> {
  if (process.platform === 'win32') return ask(pipeOf(folder), question);
  return viaShortPath(folder, (short) => ask(join(short, 'lock'), question));
}

async function listenInFolder(server: Server, folder: string): Promise<() => void> {
  const lock = join(folder, 'lock');
  // Under a name of its own first, and linked when it listens: a lock that does not answer is that of a dead process.
  const own = `lock.${randomUUID()}`;
  await viaShortPath(folder, (short) => listen(server, join(short, own))).catch((error: unknown) => {
    throw new Refused(
      `The folder ${folder} cannot be held (${codeOf(error)}): it takes no socket. Give --data a folder on a local disk that you may write to.`,
      { cause: error },
    );
  });
  try {
    chmodSync(join(folder, own), 0o600);
    const { ino } = lstatSync(join(folder, own));
    for (let round = 0; round < mostRounds; round += 1) {
      if (tryLink(join(folder, own), lock))
        return () => {
          if (inodeOf(lock) === ino) rmSync(lock, { force: true });
        };
      if (await isAnswered(folder, 'lock')) break;
      await removeDead(folder, own, 'lock');
    }
    throw inUse(folder);
  } catch (error) {
    await new Promise((done) => server.close(done));
    throw error;
  } finally {
    rmSync(join(folder, own), { force: true });
  }
}

/**
 * Takes away a socket that nobody listens on any more. Whoever does so links its own socket first under a name made of the dead one's
 * number, which only one can: so it is the same dead socket still that it takes away, and never that of somebody who was quicker. A
 * claim that was left behind is taken away in the same manner.
 */
async function removeDead(folder: string, own: string, name: string): Promise<void> {
  const dead = inodeOf(join(folder, name));
  if (dead === null) return;
  const claim = `lock.over.${dead}`;
  if (!tryLink(join(folder, own), join(folder, claim))) {
    if (await isAnswered(folder, claim)) await wait(LOOK_AGAIN_MS);
    else await removeDead(folder, own, claim);
    return;
  }
  try {
    if (inodeOf(join(folder, name)) === dead && !(await isAnswered(folder, name))) rmSync(join(folder, name), { force: true });
  } finally {
    rmSync(join(folder, claim), { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Only where the system says that nobody listens is nobody there: two writers are worse than one needless refusal. */
function isAnswered(folder: string, name: string): Promise<boolean> {
  return viaShortPath(
    folder,
    (short) =>
      new Promise<boolean>((done) => {
        const socket = connect(join(short, name));
        socket.once('connect', () => {
          socket.destroy();
          done(true);
        });
        socket.once('error', (error) => done(!isNobody(error)));
      }),
  );
}

async function listenOnPipe(server: Server, folder: string): Promise<() => void> {
  await listen(server, pipeOf(folder)).catch((error: unknown) => {
    throw codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES' ? inUse(folder) : error;
  });
  return () => {};
}

const pipeOf = (folder: string) => `\\\\.\\pipe\\fieldbook-${createHash('sha256').update(resolve(folder).toLowerCase()).digest('hex')}`;

function listen(server: Server, address: string): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(address, () => {
      server.removeListener('error', failed);
      server.unref();
      // A caller that breaks off is no reason for a server to end.
      server.on('error', () => {});
      done();
    });
  });
}

/** Runs work with a short way to the folder where its own path is too long for a socket. */
async function viaShortPath<T>(folder: string, work: (short: string) => Promise<T>): Promise<T> {
  const longestName = `/lock.${randomUUID()}`.length;
  if (Buffer.byteLength(folder) + longestName <= LONGEST_ADDRESS) return work(folder);
  const between = mkdtempSync(join(tmpdir(), 'fieldbook-'));
  try {
    symlinkSync(folder, join(between, 'data'));
    return await work(join(between, 'data'));
  } finally {
    rmSync(between, { recursive: true, force: true });
  }
}

async function ask(socketPath: string, question: object): Promise<HolderAnswer> {
  try {
    const reply = await new Promise<IncomingMessage>((done, failed) => {
      request({ socketPath, method: 'POST', path: '/' }, done).once('error', failed).end(JSON.stringify(question));
    });
    return { from: 'holder', answer: JSON.parse(await readText(reply, Number.POSITIVE_INFINITY)) as unknown };
  } catch (error) {
    if (isNobody(error)) return { from: 'nobody' };
    throw new Refused('The running server broke off. What went wrong is in its log.', { cause: error });
  }
}

const readQuestion = async (asked: IncomingMessage): Promise<unknown> => JSON.parse(await readText(asked, LONGEST_QUESTION)) as unknown;

async function readText(message: IncomingMessage, longest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longest) throw new Error('A question that is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function inUse(folder: string): Refused {
  return new Refused(`The folder ${folder} is in use by another server. Stop that one, or give --data another folder.`);
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;
const isNobody = (error: unknown): boolean => ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(String(codeOf(error)));

function inodeOf(path: string): number | null {
  try {
    return lstatSync(path).ino;
  } catch {
    return null;
  }
}
