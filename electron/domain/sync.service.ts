import type {
  ConnectInput,
  DisconnectInput,
  ReceiptView,
  SettleChoice,
  SyncNeeds,
  SyncPageState,
  WaitingView,
} from '../../shared/sync/sync-view.ts';

/** What screens and commands can ask of the servers of a book. All of it works offline but `connect`. */
export interface SyncService {
  state(): SyncPageState;
  /** What waits for a person. */
  needs(): SyncNeeds;
  /** One journaled step for all of them, that undo takes back: then the conflicts are open again. */
  settle(choices: readonly SettleChoice[]): Promise<{ operationId: string | null }>;
  /** Takes refusals and what was set aside off the list: somebody has seen them. A journaled step that undo takes back. */
  dismiss(ids: readonly string[]): Promise<{ operationId: string | null }>;
  /** Changes that are not on the servers, the oldest first. */
  waiting(page: { offset: number; limit: number }): { total: number; items: WaitingView[] };
  /** Begins at once, whatever was put off. Its end is told by `state` and the event. */
  syncNow(): void;
  /** So many deletions are meant: they go with the next sync, which begins at once. */
  confirmDeletions(): void;
  setOffline(isOffline: boolean): Promise<void>;
  /** What would go and come; sends nothing of the book. The answer stands in `state().rehearsal`. */
  rehearse(): void;
  /** The newest first. */
  receipts(query: { search: string; offset: number; limit: number }): Promise<{ total: number; items: ReceiptView[] }>;
  /** All of them, as lines of JSON. */
  exportReceipts(): Promise<string>;
  connect(input: ConnectInput): Promise<{ remoteId: string }>;
  disconnect(input: DisconnectInput): Promise<void>;
}
