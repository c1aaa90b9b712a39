import type { ArchiveFacts, ArchivePlace, Backup, CheckReport, SafetyJob } from '../../../shared/contracts/safety.contract.ts';

/** Backups, restore and the check of the open book. One job of a person's runs at a time; others are refused with SAFETY_BUSY. */
export interface Safety {
  state(): { folder: string; backups: Backup[]; isDue: boolean; job: SafetyJob | null; report: CheckReport | null };
  backUp(): SafetyJob;
  exportBook(): SafetyJob;
  look(place: ArchivePlace): Promise<ArchiveFacts>;
  restore(place: ArchivePlace): Promise<SafetyJob>;
  cancel(): void;
  check(): SafetyJob;
  mend(ids: readonly string[]): Promise<{ mended: number; left: number }>;
  /** The book changed, or the settings did. */
  changed(): void;
  /** Backs up what is new since the last backup, before something that changes a lot. A failure is told, and stops nothing. */
  before(reason: 'import' | 'upgrade'): Promise<void>;
  /** Stops what runs, then backs up what is new as far as the time allows; what it does not, the next start does. */
  close(): Promise<void>;
}
