import type { FieldInfo } from '../../../shared/entities/field.ts';
import { type NounName, nounNames, nouns } from '../../../shared/entities/nouns.ts';
import { recordApi, viewTitle } from '../../api/records.ts';
import type { FindOptions } from '../../ui/value-editor.tsx';

/** Records to refer to, by any words that find them. One function per noun for good: editors ask again when it changes. */
const finders = Object.fromEntries(
  nounNames.map((noun): [NounName, FindOptions] => [
    noun,
    async (text) => {
      const result = await recordApi(noun).list({ search: text, sort: [{ path: nouns[noun].titlePath }], limit: 20 });
      return result.ok ? result.value.rows.map((record) => ({ value: record.id, label: viewTitle(noun, record) })) : [];
    },
  ]),
) as Record<NounName, FindOptions>;

export function finderFor(field: FieldInfo): FindOptions | undefined {
  return field.kind === 'reference' && field.of !== undefined ? finders[field.of] : undefined;
}
