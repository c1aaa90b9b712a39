import { Worker } from 'node:worker_threads';
import type { UnprovenFile } from './unproven-file.ts';

export interface FileToProve {
  file: UnprovenFile;
  sha256: string;
  /** Where each line should begin, and the end of the last. */
  starts: Uint32Array;
}

/** What a checkpoint that is on screen already still owes. */
export interface CheckpointProof {
  /**
   * Reads all files, compares each with its sum, and has them held in memory from then on: nothing is read from the disk again.
   * False where one of them is not as it was written.
   */
  hold(): Promise<boolean>;
  /** Lets the files go, for a book that is given up. */
  close(): void;
}

interface Asked {
  path: string;
  length: number;
  sha256: string;
  starts: Uint32Array;
}

export function checkpointProof(files: readonly FileToProve[]): CheckpointProof {
  const close = () => {
    for (const { file } of files) file.close();
  };
  return {
    async hold() {
      const asked = files.map(({ file: { path, length }, sha256, starts }): Asked => ({ path, length, sha256, starts }));
      const proven = await readElsewhere(asked);
      if (proven === null) return false;
      for (const [place, { file }] of files.entries()) file.hold(Buffer.from(proven[place] as ArrayBuffer));
      return true;
    },
    close,
  };
}

/** Reading and summing take a second in a large book, so a thread of its own does it; the bytes change hands, and are not copied. */
const reading = `
  const { closeSync, openSync, readSync } = require('node:fs');
  const { createHash } = require('node:crypto');
  const { parentPort, workerData } = require('node:worker_threads');
  const atOnce = 4 * 1024 * 1024;

  function proven({ path, length, sha256, starts }) {
    const bytes = Buffer.from(new ArrayBuffer(length));
    const hash = createHash('sha256');
    const file = openSync(path, 'r');
    try {
      for (let at = 0; at < length; ) {
        const read = readSync(file, bytes, at, Math.min(atOnce, length - at), at);
        if (read === 0) return null;
        hash.update(bytes.subarray(at, at + read));
        at += read;
      }
    } finally {
      closeSync(file);
    }
    if (hash.digest('hex') !== sha256) return null;
    let end = 0;
    for (let place = 1; place < starts.length; place += 1) {
      end = bytes.indexOf(10, end) + 1;
      if (end !== starts[place]) return null;
    }
    return end === length ? bytes.buffer : null;
  }

  let found = [];
  try {
    for (const asked of workerData) {
      const bytes = proven(asked);
      if (bytes === null) throw new Error('not as it was written');
      found.push(bytes);
    }
  } catch {
    found = null;
  }
  parentPort.postMessage(found, found ?? []);
`;

function readElsewhere(asked: readonly Asked[]): Promise<ArrayBuffer[] | null> {
  return new Promise((resolve) => {
    const worker = new Worker(reading, { eval: true, workerData: asked });
    worker.once('message', (found: ArrayBuffer[] | null) => resolve(found));
    // What could not be read counts as damaged: it is read again in the slow way, which says what it is.
    worker.once('error', () => resolve(null));
    worker.once('exit', () => resolve(null));
  });
}
