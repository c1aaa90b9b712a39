import type { AppStatus } from '../../shared/contracts/app.contract.ts';

/** What the start order (electron/main.ts) knows and the domain does not; main hands it in. */
export interface AppService {
  info(): { version: string; adapter: 'electron' | 'browser'; dataFolder: string; platform: string };
  status(): AppStatus;
  dismissNotice(id: string): void;
  /** Returns at once; the caller is answered before everything closes. */
  quit(): void;
}
