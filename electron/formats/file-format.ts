import { open } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';
import { emptyFile, unreadable } from '../domain/transfer/file-problem.ts';
import { decodedHead, type DetectedEncoding, detectEncoding, type Encoding } from './text-decoding.ts';
import { words } from '../../shared/words/words.ts';

export type FileFormat = 'text' | 'xlsx' | 'vcard';

export interface RecognisedFile {
  format: FileFormat;
  /** Of text files. */
  encoding: DetectedEncoding | null;
}

const HEAD = 64 * 1024;

/** Says what a file is by what is in it; its name is not believed. Throws FILE_UNREADABLE or FILE_EMPTY for what cannot be imported. */
export async function recogniseFile(path: string, fileName: string, encoding: Encoding | null): Promise<RecognisedFile> {
  const head = await firstBytes(path);
  if (head.length === 0) throw emptyFile(fileName);
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return { format: 'xlsx', encoding: null };
  if (startsWith(head, [0xd0, 0xcf, 0x11, 0xe0])) {
    throw unreadable(words('unreadable.oldExcel'), words('unreadable.saveWithoutPassword'));
  }
  const known = await fileTypeFromBuffer(head);
  if (known !== undefined && known.ext !== 'vcf' && !known.mime.startsWith('text/') && !known.mime.endsWith('xml')) throw notAList();
  const detected = encoding === null ? await detectEncoding(path) : { encoding, guessed: false };
  const text = await decodedHead(path, detected.encoding, HEAD);
  if (text.trim() === '') throw emptyFile(fileName);
  if (isBinary(text)) throw notAList();
  if (/^[\uFEFF\s]*BEGIN\s*:\s*VCARD/i.test(text)) return { format: 'vcard', encoding: detected };
  if (/\.(?:vcf|vcard)$/i.test(fileName)) {
    if (/^BEGIN\s*:\s*VCARD/im.test(text)) return { format: 'vcard', encoding: detected };
    throw unreadable(words('unreadable.noVcard'), words('unreadable.exportContactsAgain'));
  }
  return { format: 'text', encoding: detected };
}

/** Control characters other than line breaks and tabs do not occur in lists; a few may have slipped in. */
function isBinary(text: string): boolean {
  const control = text.match(/[\u0001-\u0008\u000e-\u001a\u001c-\u001f]/g)?.length ?? 0;
  return control > 8 && control / text.length > 0.02;
}

const notAList = () => unreadable(words('unreadable.notAList'), words('unreadable.chooseOneOfThese'));

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD);
    const { bytesRead } = await file.read(buffer, 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
