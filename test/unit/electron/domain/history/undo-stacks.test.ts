import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStacks, undoDepth, type UndoStacks } from '../../../../../electron/domain/history/undo-stacks.ts';
import type { Operation } from '../../../../../shared/operations/operation.ts';

let number = 0;
function step(kind: Operation['kind'], target: string | null, group: string | null = null, records = 1): Operation {
  number += 1;
  const head = { deviceId: 'laptop', actor: 'Ada', at: '', stamp: '', command: 'clients.change' };
  const changes = Array.from({ length: records }, (_, at) => ({ collection: 'clients', id: String(at), before: {}, after: {} }));
  return { id: `operation-${number}`, seq: number, ...head, kind, group, target, changes };
}

function after(...operations: Operation[]): { undo: string[]; redo: string[] } {
  const { undo, redo } = operations.reduce<UndoStacks>(nextStacks, { undo: [], redo: [] });
  return { undo: undo.map(({ target }) => target), redo: redo.map(({ target }) => target) };
}

describe('the undo stacks', () => {
  it('put each step on top', () => {
    const [a, b] = [step('do', null), step('do', null)];
    expect(after(a, b)).toEqual({ undo: [a.id, b.id], redo: [] });
  });

  it('move a step to redo when it is undone and back when it is done again', () => {
    const [a, b] = [step('do', null), step('do', null)];
    expect(after(a, b, step('undo', b.id))).toEqual({ undo: [a.id], redo: [b.id] });
    expect(after(a, b, step('undo', b.id), step('undo', a.id))).toEqual({ undo: [], redo: [b.id, a.id] });
    expect(after(a, b, step('undo', b.id), step('redo', b.id))).toEqual({ undo: [a.id, b.id], redo: [] });
  });

  it('take a step out of the middle', () => {
    const [a, b] = [step('do', null), step('do', null)];
    expect(after(a, b, step('undo', a.id))).toEqual({ undo: [b.id], redo: [a.id] });
  });

  it('forget what could be done again when something new is done', () => {
    const [a, b] = [step('do', null), step('do', null)];
    expect(after(a, step('undo', a.id), b)).toEqual({ undo: [b.id], redo: [] });
  });

  it('keep an import as one step, also with an edit in between, and count its records together', () => {
    const [first, edit, second] = [step('do', null, 'import', 200), step('do', null), step('do', null, 'import', 100)];
    const stacks = [first, edit, second].reduce<UndoStacks>(nextStacks, { undo: [], redo: [] });
    expect(stacks.undo).toMatchObject([
      { target: 'import', operationIds: [first.id, second.id], records: 300 },
      { target: edit.id, records: 1 },
    ]);
  });

  it('move an import once though its undo came in pieces', () => {
    const all = [step('do', null, 'import'), step('do', null, 'import'), step('undo', 'import'), step('undo', 'import')];
    expect(after(...all)).toEqual({ undo: [], redo: ['import'] });
  });

  it('stay as they are when the step is not there', () => {
    const a = step('do', null);
    expect(after(a, step('undo', 'long gone'), step('redo', 'long gone'))).toEqual({ undo: [a.id], redo: [] });
  });

  it(`keep ${undoDepth} steps`, () => {
    const all = Array.from({ length: undoDepth + 5 }, () => step('do', null));
    expect(after(...all).undo).toEqual(all.slice(5).map(({ id }) => id));
  });

  it('never hold a step twice, and never change the stacks they were given', () => {
    const kinds = fc.record({ kind: fc.constantFrom('do', 'undo', 'redo'), back: fc.nat(5), grouped: fc.boolean() });
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 40 }), (steps) => {
        let stacks: UndoStacks = { undo: [], redo: [] };
        const done: Operation[] = [];
        for (const { kind, back, grouped } of steps) {
          const target = done.at(-1 - back);
          const one =
            kind === 'do' ? step('do', null, grouped ? 'group' : null) : step(kind as 'undo' | 'redo', target?.group ?? target?.id ?? null);
          const before = structuredClone(stacks);
          const next = nextStacks(stacks, one);
          expect(stacks).toEqual(before);
          stacks = next;
          if (kind === 'do') done.push(one);
          expect(new Set(stacks.undo.map((entry) => entry.target)).size).toBe(stacks.undo.length);
          expect(new Set(stacks.redo.map((entry) => entry.target)).size).toBe(stacks.redo.length);
        }
      }),
    );
  });
});
