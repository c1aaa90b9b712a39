import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { Crm } from '../../shared/contracts/api.ts';
import type { Device, RecordMark, SyncState } from '../../shared/contracts/sync.contract.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { Result } from '../../shared/lib/result.ts';
import type { ReceiptView, SyncNeeds, WaitingView } from '../../shared/sync/sync-view.ts';
import { onBookChanged } from './changes.ts';
import { crm, settled } from './crm.ts';

/** What main tells of the servers; null until it has answered. */
let state: SyncState | null = null;
/** Counts up whenever what waits, or needs somebody, may be another. */
let version = 0;
let told = 0;
let isListening = false;
const listeners = new Set<() => void>();
const versionListeners = new Set<() => void>();

function put(next: SyncState): void {
  state = next;
  for (const listener of listeners) listener();
}

function count(): void {
  version += 1;
  for (const listener of versionListeners) listener();
}

async function ask(): Promise<void> {
  const before = told;
  const result = await settled(() => crm().sync.state({}));
  // What was told while the question was under way is newer than its answer.
  if (result.ok && told === before) put(result.value);
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  crm().on('sync', (next) => {
    told += 1;
    put(next);
  });
  let counted = '';
  crm().on('status', ({ server }) => {
    // How a sync gets on changes many times a second; what waits does not.
    const now = JSON.stringify(server);
    if (now !== counted) count();
    counted = now;
  });
  onBookChanged(count);
  crm().onConnection((connected) => {
    if (!connected) return;
    void ask();
    count();
  });
  void ask();
}

const subscribeTo = (whom: Set<() => void>) => (listener: () => void) => {
  listen();
  whom.add(listener);
  return () => whom.delete(listener);
};
const subscribe = subscribeTo(listeners);
const subscribeVersion = subscribeTo(versionListeners);

export function useSyncState(): SyncState | null {
  return useSyncExternalStore(subscribe, () => state);
}

/** An answer of main that is asked for again whenever the servers or the book changed; the old one stays until then. */
function useTold<T>(key: string, call: () => Promise<Result<T>>): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  const now = useSyncExternalStore(subscribeVersion, () => version);
  useEffect(() => {
    let isCurrent = true;
    void settled(call).then((result) => {
      if (isCurrent && result.ok) setAnswer(result.value);
    });
    return () => {
      isCurrent = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the key stands for the call: `call` is a new function at every render
  }, [key, now]);
  return answer;
}

export const useNeeds = (): SyncNeeds | null => useTold('needs', () => crm().sync.needs({}));
export const useWaiting = (limit: number): { items: WaitingView[]; total: number } | null =>
  useTold(`waiting ${limit}`, () => crm().sync.waiting({ offset: 0, limit }));
export const useReceipts = (search: string, limit: number): { items: ReceiptView[]; total: number } | null =>
  useTold(`receipts ${limit} ${search}`, () => crm().sync.receipts({ search, offset: 0, limit }));

type Api = Crm['sync'];
type Input<M extends keyof Api> = Parameters<Api[M]>[0];

/** A state that a command answered is shown at once. */
async function shown(call: () => Promise<Result<SyncState>>): Promise<Result<SyncState>> {
  const before = told;
  const result = await settled(call);
  if (result.ok && told === before) put(result.value);
  return result;
}

export const sync = {
  settle: (choices: Input<'settle'>['choices']) => settled(() => crm().sync.settle({ choices })),
  dismiss: (ids: string[]) => settled(() => crm().sync.dismiss({ ids })),
  syncNow: () => settled(() => crm().sync.syncNow({})),
  workOffline: (isOffline: boolean) => settled(() => crm().sync.workOffline({ isOffline })),
  compare: () => settled(() => crm().sync.compare({})),
  rehearse: () => settled(() => crm().sync.rehearse({})),
  confirmDeletions: () => settled(() => crm().sync.confirmDeletions({})),
  goOn: (remoteId: string) => settled(() => crm().sync.goOn({ remoteId })),
  exportReceipts: (search: string) => settled(() => crm().sync.exportReceipts({ search })),
  save: (fileId: string) => settled(() => crm().files.save(fileId)),
  look: (input: Input<'look'>) => shown(() => crm().sync.look(input)),
  join: (same: Input<'join'>['same'], nouns: NounName[] | null) => shown(() => crm().sync.join({ same, nouns })),
  leave: () => shown(() => crm().sync.leave({})),
  disconnect: (input: Input<'disconnect'>) => shown(() => crm().sync.disconnect(input)),
  devices: (remoteId: string): Promise<Result<{ devices: Device[] }>> => settled(() => crm().sync.devices({ remoteId })),
  signOutDevice: (remoteId: string, id: string) => settled(() => crm().sync.signOutDevice({ remoteId, id })),
};

// --- marks of records on screen ----------------------------------------------------------------------------------------

interface Marked {
  noun: NounName;
  id: string;
  mark: RecordMark | null;
  listeners: Set<() => void>;
}
const marked = new Map<string, Marked>();
const wanted = new Set<string>();
let isAsking = false;
let isMarking = false;
/** Of one call; rows on screen are fewer. */
const marksAtOnce = 500;

/** What is not sent, was refused or was changed twice of a record; asked for together for all that is on screen. */
export function useMark(noun: NounName, id: string | null): RecordMark | null {
  const key = `${noun}/${id ?? ''}`;
  // The same function for the same record: another one would forget the mark and ask again with every drawing.
  const subscribeMark = useCallback(
    (listener: () => void) => {
      if (id === null) return () => {};
      listenForMarks();
      let entry = marked.get(key);
      if (entry === undefined) marked.set(key, (entry = { noun, id, mark: null, listeners: new Set() }));
      entry.listeners.add(listener);
      want(key);
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size === 0) marked.delete(key);
      };
    },
    [noun, id, key],
  );
  return useSyncExternalStore(subscribeMark, () => marked.get(key)?.mark ?? null);
}

export const markOf = (mark: RecordMark | null, field: string): RecordMark['fields'][number] | null =>
  mark?.fields.find((one) => one.field === field.split('.')[0] || one.field === field) ?? null;

function listenForMarks(): void {
  listen();
  if (isMarking) return;
  isMarking = true;
  subscribeVersion(() => {
    for (const key of marked.keys()) want(key);
  });
}

function want(key: string): void {
  wanted.add(key);
  if (isAsking) return;
  isAsking = true;
  // What is drawn in one go is asked for in one go.
  setTimeout(() => void askMarks().finally(askedMarks), 0);
}

function askedMarks(): void {
  isAsking = false;
  const [next] = wanted;
  if (next !== undefined) want(next);
}

async function askMarks(): Promise<void> {
  const byNoun = new Map<NounName, string[]>();
  for (const key of wanted) {
    const entry = marked.get(key);
    if (entry !== undefined) byNoun.set(entry.noun, [...(byNoun.get(entry.noun) ?? []), entry.id]);
  }
  wanted.clear();
  for (const [noun, ids] of byNoun)
    for (let at = 0; at < ids.length; at += marksAtOnce) {
      const asked = ids.slice(at, at + marksAtOnce);
      const result = await settled(() => crm().sync.marks({ noun, ids: asked }));
      if (!result.ok) continue;
      const found = new Map(result.value.marks.map((mark) => [mark.id, mark]));
      for (const id of asked) putMark(`${noun}/${id}`, found.get(id) ?? null);
    }
}

function putMark(key: string, mark: RecordMark | null): void {
  const entry = marked.get(key);
  if (entry === undefined || JSON.stringify(entry.mark) === JSON.stringify(mark)) return;
  entry.mark = mark;
  for (const listener of entry.listeners) listener();
}
