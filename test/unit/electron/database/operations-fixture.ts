import type { Change, Operation } from '../../../../shared/operations/operation.ts';
import { formatStamp } from '../../../../shared/sync/stamp.ts';

/** The operation with this number of a person who adds one client after the other. */
export function operation(seq: number, changes?: Change[]): Operation {
  return {
    id: `operation-${seq}`,
    seq,
    deviceId: 'laptop',
    actor: 'Ada',
    at: '2026-03-04T09:00:00.000Z',
    stamp: formatStamp(1_772_000_000_000 + seq, 0, 'laptop'),
    command: 'clients.create',
    kind: 'do',
    group: null,
    target: null,
    changes: changes ?? [{ collection: 'clients', id: `client-${seq}`, before: null, after: { name: `Client ${seq}` } }],
  };
}

export function operations(from: number, to: number): Operation[] {
  return Array.from({ length: to - from + 1 }, (_, at) => operation(from + at));
}
