import { create } from 'zustand';
import type { MailRow } from '../../../shared/contracts/outbox.contract.ts';
import type { AnyView } from '../../api/records.ts';
import { viewTitle } from '../../api/records.ts';
import { readKept, writeKept } from '../../ui/kept-text.ts';

/** The e-mail that is being written or read: a new one on a record, or one of the outbox. */
export interface Compose {
  /** Null for a new one. */
  id: string | null;
  about: MailRow['about'];
  aboutId: string;
  aboutName: string;
  /** What a new one is addressed to. */
  to: string[];
}

interface ComposeState {
  open: Compose | null;
  start: (compose: Compose) => void;
  close: () => void;
}

export const useCompose = create<ComposeState>()((set) => ({
  open: null,
  start: (open) => set({ open }),
  close: () => set({ open: null }),
}));

export function writeTo(about: 'clients' | 'contacts', record: AnyView): void {
  const email = 'ways' in record ? record.ways.email : 'email' in record ? record.email : null;
  useCompose.getState().start({
    id: null,
    about,
    aboutId: record.id,
    aboutName: viewTitle(about, record),
    to: typeof email === 'string' ? [email] : [],
  });
}

/** What was typed and neither sent nor kept as a draft of the outbox. */
export interface MailDraft {
  at: string;
  to: string[];
  subject: string;
  text: string;
  isLater: boolean;
  /** As the field for day and time has it: local, without a zone. */
  localTime: string;
}

const keyOf = ({ id, aboutId }: Pick<Compose, 'id' | 'aboutId'>) => `fieldbook.draft.mail.${id ?? `new-${aboutId}`}`;

export function readMailDraft(of: Compose): MailDraft | null {
  const draft = readKept<MailDraft>(keyOf(of));
  if (typeof draft?.at !== 'string' || typeof draft.text !== 'string') return null;
  return {
    at: draft.at,
    to: Array.isArray(draft.to) ? draft.to.filter((one) => typeof one === 'string') : [],
    subject: draft.subject ?? '',
    text: draft.text,
    isLater: draft.isLater === true,
    localTime: draft.localTime ?? '',
  };
}

export function writeMailDraft(of: Compose, draft: MailDraft | null): void {
  writeKept(keyOf(of), draft);
}
