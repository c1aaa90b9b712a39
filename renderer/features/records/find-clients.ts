import { recordApi, viewTitle } from '../../api/records.ts';
import type { ReferenceOption } from '../../ui/value-editor.tsx';

/** Clients to refer to, by any words that find them. */
export async function findClients(text: string): Promise<ReferenceOption[]> {
  const result = await recordApi('clients').list({ search: text, sort: [{ path: 'name' }], limit: 20 });
  return result.ok ? result.value.rows.map((record) => ({ value: record.id, label: viewTitle('clients', record) })) : [];
}
