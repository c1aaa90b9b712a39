import { isDeepStrictEqual } from 'node:util';
import type { AppStatus } from '../../shared/contracts/app.contract.ts';

export type Notice = AppStatus['notices'][number];

/** What a person must be told, one notice per id: the newest about a thing replaces the one before. */
export interface NoticeBoard {
  list(): Notice[];
  post(notice: Notice): void;
  remove(id: string): void;
  onChanged(listener: () => void): void;
}

export function noticeBoard(): NoticeBoard {
  const notices = new Map<string, Notice>();
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    list: () => [...notices.values()],
    post(notice) {
      const known = notices.get(notice.id);
      if (isDeepStrictEqual(known, notice)) return;
      notices.set(notice.id, notice);
      changed();
    },
    remove(id) {
      if (notices.delete(id)) changed();
    },
    onChanged: (listener) => void listeners.push(listener),
  };
}
