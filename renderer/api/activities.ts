import type { PickedFile } from '../../shared/contracts/api.ts';
import type { ActivityView } from '../../shared/contracts/record.contract.ts';
import { attachmentFilePrefix } from '../../shared/contracts/surface.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

/** How much of a timeline is shown at once. */
const SHOWN = 200;

export function useTimeline(noun: NounName, id: string): Answer<{ rows: ActivityView[]; total: number }> {
  return useQuery(`timeline ${noun} ${id}`, () => crm().activities.timeline({ collection: noun, id, limit: SHOWN }));
}

/** What was logged on a record, counted; null where nothing can be. */
export function useActivityCount(noun: NounName, id: string | null): number {
  return (
    useQuery(id === null ? null : `timeline ${noun} ${id} count`, () =>
      crm().activities.timeline({ collection: noun, id: id ?? '', limit: 1 }),
    ).data?.total ?? 0
  );
}

/** Colleagues whose name begins with the text, to be named in a comment. */
export async function peopleLike(text: string): Promise<{ id: string; name: string }[]> {
  const result = await settled(() =>
    crm().directory.list({ search: text, filters: [{ path: 'kind', operator: 'is', value: 'user' }], limit: 5 }),
  );
  return result.ok ? result.value.rows.map((row) => ({ id: row.id, name: row.displayName })) : [];
}

export const activities = {
  log: (fields: Parameters<ReturnType<typeof crm>['activities']['create']>[0]) => settled(() => crm().activities.create(fields)),
  change: (id: string, changes: Parameters<ReturnType<typeof crm>['activities']['change']>[0]['changes']) =>
    settled(() => crm().activities.change({ id, changes })),
  take: (file: PickedFile, onProgress: (bytes: number) => void) => settled(() => crm().files.take(file, onProgress)),
  /** `noteId`: the entry it was written with. */
  attach: (fileId: string, about: NounName, aboutId: string, noteId: string | null = null) =>
    settled(() => crm().attachments.add({ fileId, about, aboutId, noteId })),
  open: (id: string, confirmed: boolean) => settled(() => crm().attachments.open({ id, confirmed })),
  save: (id: string) => settled(() => crm().files.save(`${attachmentFilePrefix}${id}`)),
};
