import { useEffect, useSyncExternalStore } from 'react';
import type { MailRow, OutboxState } from '../../shared/contracts/outbox.contract.ts';
import type { Crm } from '../../shared/contracts/api.ts';
import { crm, settled } from './crm.ts';

export interface OutboxList {
  rows: MailRow[];
  sentTotal: number;
}

/** What main tells of the outbox, and the list as long as a screen shows it. */
let state: OutboxState | null = null;
let list: OutboxList | null = null;
let isListening = false;
let told = 0;
let asked = 0;
const listeners = new Set<() => void>();
const listListeners = new Set<() => void>();

const tell = (whom: ReadonlySet<() => void>) => {
  for (const listener of whom) listener();
};

async function askState(): Promise<void> {
  const before = told;
  const result = await settled(() => crm().outbox.state({}));
  // What was told while the question was under way is newer than its answer.
  if (!result.ok || told !== before) return;
  state = result.value;
  tell(listeners);
}

async function askList(): Promise<void> {
  asked += 1;
  const turn = asked;
  const result = await settled(() => crm().outbox.list({}));
  if (!result.ok || turn !== asked) return;
  list = result.value;
  tell(listListeners);
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  crm().on('outbox', (next) => {
    told += 1;
    state = next;
    tell(listeners);
    if (listListeners.size > 0) void askList();
  });
  crm().onConnection((connected) => {
    if (!connected) return;
    void askState();
    if (listListeners.size > 0) void askList();
  });
  // The page learns of a network that is back before main looks for it.
  window.addEventListener('online', () => void settled(() => crm().outbox.wake({})));
  void askState();
}

const subscribeTo = (whom: Set<() => void>) => (listener: () => void) => {
  listen();
  whom.add(listener);
  return () => whom.delete(listener);
};
const subscribe = subscribeTo(listeners);
const subscribeList = subscribeTo(listListeners);

/** How many e-mails wait, failed or may have been sent; null until main has answered. */
export function useOutboxState(): OutboxState | null {
  return useSyncExternalStore(subscribe, () => state);
}

export function useOutboxList(): OutboxList | null {
  useEffect(() => void askList(), []);
  return useSyncExternalStore(subscribeList, () => list);
}

type Api = Crm['outbox'];
type Input<M extends keyof Api> = Parameters<Api[M]>[0];

export const outbox = {
  get: (id: string) => settled(() => crm().outbox.get({ id })),
  save: (input: Input<'save'>) => settled(() => crm().outbox.save(input)),
  cancel: (id: string) => settled(() => crm().outbox.cancel({ id })),
  sendAgain: (id: string) => settled(() => crm().outbox.sendAgain({ id })),
  markSent: (id: string) => settled(() => crm().outbox.markSent({ id })),
  account: () => settled(() => crm().outbox.account({})),
  changeAccount: (input: Input<'changeAccount'>) => settled(() => crm().outbox.changeAccount(input)),
  removeAccount: () => settled(() => crm().outbox.removeAccount({})),
  test: (to: string) => settled(() => crm().outbox.test({ to })),
};
