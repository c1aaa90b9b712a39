import type { AppStatus } from '../../shared/contracts/app.contract.ts';
import { say } from '../../shared/words/say.ts';

/** Notices as the screen shows them. */
export const saidNotices = (notices: AppStatus['notices']) => notices.map((notice) => ({ ...notice, text: say(notice.text) }));
