import { topLevelChanges } from '../shared/dialects/shape.ts';
import { type Problem, ProblemError } from '../shared/lib/result.ts';
import { isReference, valueAt } from '../shared/nouns/field.ts';
import { fieldsOf, type NounName, titleOf } from '../shared/nouns/nouns.ts';
import { joinLines } from '../shared/sync/join-lines.ts';
import type { ConflictView, RefusedView, SettleChoice } from '../shared/sync/sync-view.ts';
import type { Transaction } from '../shared/operations/transaction.ts';
import { openConflicts, type RemoteSetup } from './cycle.ts';
import type { ForeignBook } from './remote-book.ts';
import { secretPaths } from './secret-members.ts';
import { hashOf, type OpenConflict, type ShadowEntry, type Unkept } from './shadow-store.ts';
import { words } from '../shared/words/words.ts';

/**
 * What a system that knows nothing of conflicts leaves for a person: fields that both sides changed, and what it refuses.
 * Taking a value is a command like any other, with undo, and the next cycle sends it. A conflict is open while the field says
 * what it said then (shadow-store.ts): undo opens it again until that cycle, and is sent as another change after it.
 */
export interface OpenQuestions {
  conflicts(): ConflictView[];
  refused(): RefusedView[];
  settle(choices: readonly SettleChoice[]): Promise<{ operationId: string | null }>;
  /** Somebody has seen what was refused: it is off the list, and still waits. */
  dismiss(ids: readonly string[]): Promise<void>;
}

type Asked = Pick<RemoteSetup, 'shadow' | 'book' | 'manifest'>;

/** `setup` opens the shadow anew: what is on disk counts. */
export function openQuestions(deps: {
  remoteId: string;
  label: string;
  book: Pick<ForeignBook, 'get'>;
  change: (command: string, work: (tx: Transaction) => void) => Promise<string | null>;
  setup: () => Asked;
}): OpenQuestions {
  const { remoteId, label, book, change, setup } = deps;
  const idOf = ({ resource, bookId, path }: Pick<OpenConflict, 'resource' | 'bookId' | 'path'>) =>
    [remoteId, resource, bookId, path].join('|');
  const nounIn = ({ manifest }: Asked, resource: string) => manifest.resources.find(({ name }) => name === resource)?.of as NounName;

  /** A value as the book says it: what is named there by the system's id is named by ours; undefined where it is not in the book. */
  function ownValue({ manifest, shadow }: Asked, noun: NounName, path: string, value: unknown): unknown {
    const info = fieldsOf(noun).find((one) => one.path === path);
    if (info === undefined || !isReference(info) || typeof value !== 'string') return value;
    if (info.of !== undefined && book.get(info.of, value) !== undefined) return value;
    const found = manifest.resources.flatMap(({ name, of }) => (of === info.of ? (shadow.byRemoteId(name, value)?.bookId ?? []) : []));
    return found[0];
  }

  function viewOf(asked: Asked, conflict: OpenConflict): ConflictView {
    const { resource, bookId, path, stands, at } = conflict;
    const noun = nounIn(asked, resource);
    const record = book.get(noun, bookId);
    const info = fieldsOf(noun).find((one) => one.path === path);
    const shown = (value: unknown) => ownValue(asked, noun, path, value) ?? null;
    return {
      id: idOf(conflict),
      collection: noun,
      recordId: bookId,
      title: record === undefined ? null : titleOf(noun, record as never),
      field: path,
      label: info?.label ?? path,
      system: label,
      base: null,
      mine: { value: shown(conflict.mine), by: 'This book', at },
      theirs: { value: shown(conflict.theirs), by: label, at },
      kept: stands === 'theirs' ? 'theirs' : 'mine',
      now: isSecret(asked, conflict) || record === undefined ? null : (valueAt(record, path) ?? null),
      at,
    };
  }

  const isSecret = ({ manifest }: Asked, { resource, path }: OpenConflict) => secretPaths(manifest, resource).includes(path);

  /** What the field is to say; undefined where it stays as it is. */
  function wanted(asked: Asked, conflict: OpenConflict, take: SettleChoice['take']): unknown {
    const kept = conflict.stands === 'theirs' ? 'theirs' : 'mine';
    if (take === 'asItIs' || take === kept) return undefined;
    if (isSecret(asked, conflict)) throw new ProblemError(typeItAnew);
    if (take === 'both') {
      const { mine, theirs } = conflict;
      const joined = typeof mine === 'string' && typeof theirs === 'string' ? joinLines('', mine, theirs) : null;
      if (joined === null) throw new ProblemError(noBoth);
      return joined.text;
    }
    const value = ownValue(asked, nounIn(asked, conflict.resource), conflict.path, conflict[take]);
    if (value === undefined) throw new ProblemError(notHere);
    return value;
  }

  return {
    conflicts() {
      const asked = setup();
      return openConflicts(asked).map((one) => viewOf(asked, one));
    },
    refused() {
      const asked = setup();
      const all = asked.manifest.resources.flatMap(({ name, of }) =>
        refusedIn(asked, name).map((entry) => ({ entry, of: of as NounName })),
      );
      const unkept = unkeptIn(asked).map((one): RefusedView => {
        const of = nounIn(asked, one.resource);
        const record = one.bookId === null ? undefined : book.get(of, one.bookId);
        return {
          id: unkeptId(remoteId, one),
          kind: 'unkept',
          collection: of,
          recordId: one.bookId,
          title: record === undefined ? one.title : titleOf(of, record as never),
          code: 'unkept',
          field: one.path,
          message: one.message,
          system: label,
          at: one.at,
        };
      });
      const refused = all.map(({ entry, of }): RefusedView => {
        const record = book.get(of, entry.bookId);
        return {
          id: refusalId(remoteId, entry),
          kind: 'refused',
          collection: of,
          recordId: entry.bookId,
          title: record === undefined ? null : titleOf(of, record as never),
          code: 'refused',
          field: entry.refused?.path ?? null,
          message: `${label}: ${entry.refused?.message ?? ''}`,
          at: record?.updatedAt ?? '',
        };
      });
      return [...refused, ...unkept];
    },
    async settle(choices) {
      const asked = setup();
      const open = new Map(openConflicts(asked).map((one) => [idOf(one), one]));
      const chosen = choices.flatMap(({ id, take }) => {
        const conflict = open.get(id);
        return conflict === undefined ? [] : [{ conflict, value: wanted(asked, conflict, take) }];
      });
      if (chosen.length === 0) throw new ProblemError(answeredAlready);
      const changes = chosen.filter(({ value }) => value !== undefined);
      let operationId: string | null = null;
      if (changes.length > 0) {
        operationId = await change('conflicts.settle', (tx) => {
          for (const { conflict, value } of changes) {
            const noun = nounIn(asked, conflict.resource);
            const record = tx.get(noun, conflict.bookId);
            if (record === null) throw new ProblemError(answeredAlready);
            const kind = asked.manifest.resources.find(({ name }) => name === conflict.resource)?.merge.answer.kind;
            if (kind !== undefined) tx.change(noun, record.id, topLevelChanges(kind, record, { [conflict.path]: value }));
          }
        });
      }
      const seen = new Set(chosen.flatMap(({ conflict, value }) => (value === undefined ? [idOf(conflict)] : [])));
      if (seen.size > 0) {
        asked.shadow.setMeta({ conflicts: asked.shadow.meta.conflicts.filter((one) => !seen.has(idOf(one))) });
        await asked.shadow.save();
      }
      return { operationId };
    },
    async dismiss(ids) {
      const asked = setup();
      const hashes = [
        ...asked.manifest.resources.flatMap(({ name }) =>
          refusedIn(asked, name).flatMap((entry) => (ids.includes(refusalId(remoteId, entry)) ? [entry.refused?.hash ?? ''] : [])),
        ),
        ...unkeptIn(asked).flatMap((one) => (ids.includes(unkeptId(remoteId, one)) ? [unkeptHash(one)] : [])),
      ];
      if (hashes.length === 0) return;
      asked.shadow.setMeta({ seen: [...new Set([...asked.shadow.meta.seen, ...hashes])].slice(-mostSeen) });
      await asked.shadow.save();
    },
  };
}

const mostSeen = 1000;
const refusalId = (remoteId: string, { resource, bookId }: ShadowEntry) => [remoteId, resource, bookId].join('|');

const refusedIn = ({ shadow }: Asked, resource: string): ShadowEntry[] =>
  [...shadow.entries(resource)].filter(({ refused }) => refused !== null && !shadow.meta.seen.includes(refused.hash));

const unkeptHash = ({ resource, remoteId, path, message }: Unkept) => hashOf([resource, remoteId, path, message]);
const unkeptId = (remoteId: string, one: Unkept) => [remoteId, 'unkept', unkeptHash(one)].join('|');

const unkeptIn = ({ shadow, manifest }: Asked): Unkept[] =>
  shadow.meta.unkept.filter(
    (one) => manifest.resources.some(({ name }) => name === one.resource) && !shadow.meta.seen.includes(unkeptHash(one)),
  );

const typeItAnew: Problem = {
  code: 'INVALID_INPUT',
  ...words('sync.secretsNotKept'),
};
const noBoth: Problem = { code: 'INVALID_INPUT', ...words('sync.noBoth') };
const notHere: Problem = {
  code: 'INVALID_INPUT',
  ...words('sync.namedNotHere'),
};
/** No open question has that id. */
export const answeredAlready: Problem = {
  code: 'NOT_FOUND',
  ...words('sync.answeredAlready'),
};
