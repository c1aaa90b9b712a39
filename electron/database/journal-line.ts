import { crc32 } from 'node:zlib';
import { journaledKinds, type Operation } from '../../shared/operations/operation.ts';
import { isStamp } from '../../shared/sync/stamp.ts';

/** A line of the journal: `<crc32 of the rest, 8 hex digits> <operation as JSON>\n`. */
export function encodeLine(operation: Operation): Buffer {
  const json = Buffer.from(JSON.stringify(operation));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, lineEnd]);
}

/** The operation in a line (without its line break); null when the line is damaged. */
export function decodeLine(line: Buffer): Operation | null {
  if (line.length < 11 || line[8] !== 0x20) return null;
  const json = line.subarray(9);
  if (line.toString('latin1', 0, 8) !== checksum(json)) return null;
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    return isOperation(value) ? value : null;
  } catch {
    return null;
  }
}

/** Id and number of the operation in a line without reading it whole; null where they are not at its beginning. */
export function headOfLine(line: Buffer): { id: string; seq: number } | null {
  const head = /^[0-9a-f]{8} \{"id":"([\w-]+)","seq":(\d+),/.exec(line.toString('latin1', 0, 120));
  return head === null ? null : { id: head[1] as string, seq: Number(head[2]) };
}

/** The checksum says that the line is what was written; this says that an operation was. Unknown fields stay in it. */
export function isOperation(value: unknown): value is Operation {
  if (value === null || typeof value !== 'object') return false;
  const { id, seq, stamp, changes, at, actor, deviceId, command, kind, group, target, sync, log } = value as Partial<Operation>;
  return (
    typeof id === 'string' &&
    Number.isSafeInteger(seq) &&
    (seq as number) > 0 &&
    isStamp(stamp) &&
    [at, actor, deviceId, command].every((text) => typeof text === 'string') &&
    journaledKinds.includes(kind as Operation['kind']) &&
    (kind !== 'sync' || isFields(sync)) &&
    (kind !== 'log' || isFields(log)) &&
    [group, target].every((text) => text === null || typeof text === 'string') &&
    Array.isArray(changes) &&
    changes.every(isChange)
  );
}

function isChange(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { collection, id, before, after } = value;
  return typeof collection === 'string' && typeof id === 'string' && (before === null || isFields(before)) && isFields(after);
}

const isFields = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

const lineEnd = Buffer.from('\n');

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
