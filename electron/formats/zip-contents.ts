import { createReadStream } from 'node:fs';
import { strFromU8, Unzip, UnzipInflate } from 'fflate';
import { ProblemError } from '../../shared/lib/result.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import { unreadable } from '../domain/transfer/file-problem.ts';
import { words } from '../../shared/words/words.ts';

/** A small file can unpack to something that fills the memory (a "zip bomb"). Real workbooks stay far below. */
export const UNPACKED_LIMIT = 300 * 1024 * 1024;
const ENTRY_LIMIT = 5000;
/** Of compressed bytes at a time: even packed a thousandfold they unpack to 16 MB. */
const PIECE = 16 * 1024;

/**
 * Unpacks the XML files of a workbook once, counting, and answers the text of those that `keep` names. Throws when the
 * zip is damaged or unpacks to more than `limit` bytes; what the zip says of its sizes is not believed.
 */
export async function zipContents(
  path: string,
  keep: (name: string) => boolean,
  limit = UNPACKED_LIMIT,
): Promise<{ names: string[]; texts: Map<string, string> }> {
  const names: string[] = [];
  const texts = new Map<string, string>();
  let unpacked = 0;
  const problems: Error[] = [];
  const unzip = new Unzip((entry) => {
    names.push(entry.name);
    if (names.length > ENTRY_LIMIT) problems.push(tooMuch());
    if (!/\.(?:xml|rels)$/.test(entry.name) || problems.length > 0) return;
    const kept: Uint8Array[] | null = keep(entry.name) ? [] : null;
    entry.ondata = (error, data, final) => {
      if (error !== null) problems.push(error);
      if (data === undefined || data === null) return;
      unpacked += data.length;
      if (unpacked > limit) {
        problems.push(tooMuch());
        entry.terminate?.();
        return;
      }
      kept?.push(data);
      if (final && kept !== null) texts.set(entry.name, strFromU8(Buffer.concat(kept)));
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const breathe = createBreather();
  try {
    for await (const piece of createReadStream(path, { highWaterMark: PIECE })) {
      unzip.push(piece as Uint8Array);
      if (problems[0] !== undefined) throw problems[0];
      await breathe();
    }
    unzip.push(new Uint8Array(0), true);
    if (problems[0] !== undefined) throw problems[0];
  } catch (error) {
    throw error instanceof ProblemError ? error : damaged();
  }
  return { names, texts };
}

const tooMuch = () => unreadable(words('unreadable.unpacksTooFar'), words('unreadable.saveSheetAsCsv'));

export const damaged = () => unreadable(words('unreadable.damagedExcel'), words('unreadable.saveFromExcel'));
