import { isWorkerCommand, type Operation } from '../../../shared/operations/operation.ts';
import type { UndoEntry } from '../ports.ts';

/** Oldest first; the last entry is the next to be undone or done again. */
export interface UndoStacks {
  undo: UndoEntry[];
  redo: UndoEntry[];
}

/** Older steps leave the stack; they stay in the history of each record. */
export const undoDepth = 1000;

/**
 * The stacks after an operation. The same function runs when a command is done and when the journal is read, so undo
 * survives a restart exactly. Operations of one group are one step; they join it also when other steps came between.
 * A long undo may come as several operations with one target: the first moves the step, the others find it moved.
 */
export function nextStacks(stacks: UndoStacks, operation: Operation): UndoStacks {
  if (operation.kind === 'undo') return move(stacks.undo, stacks.redo, operation, (undo, redo) => ({ undo, redo }));
  if (operation.kind === 'redo') return move(stacks.redo, stacks.undo, operation, (redo, undo) => ({ undo, redo }));
  // What others did, here or elsewhere, is not this person's to undo.
  if (operation.kind !== 'do' || isWorkerCommand(operation.command)) return stacks;
  const target = operation.group ?? operation.id;
  const at = operation.group === null ? -1 : placeOf(stacks.undo, target);
  const joined = at < 0 ? undefined : stacks.undo[at];
  if (joined === undefined) {
    const entry = { target, command: operation.command, operationIds: [operation.id], records: operation.changes.length };
    return { undo: [...stacks.undo, entry].slice(-undoDepth), redo: [] };
  }
  return {
    undo: stacks.undo.with(at, {
      ...joined,
      operationIds: [...joined.operationIds, operation.id],
      records: joined.records + operation.changes.length,
    }),
    redo: [],
  };
}

function move(
  from: UndoEntry[],
  to: UndoEntry[],
  operation: Operation,
  result: (from: UndoEntry[], to: UndoEntry[]) => UndoStacks,
): UndoStacks {
  const at = operation.target === null ? -1 : placeOf(from, operation.target);
  const entry = from[at];
  if (entry === undefined) return result(from, to);
  return result(from.toSpliced(at, 1), [...to, entry].slice(-undoDepth));
}

function placeOf(entries: UndoEntry[], target: string): number {
  return entries.findLastIndex((entry) => entry.target === target);
}
