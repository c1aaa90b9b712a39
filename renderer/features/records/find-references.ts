import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { isReference } from '../../../shared/nouns/field.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { ListRequestInput } from '../../../shared/contracts/list.ts';
import { hasTags, tagNouns, type TagNoun } from '../../../shared/contracts/tag.contract.ts';
import { tagsApi } from '../../api/tags.ts';
import { recordApi, viewTitle } from '../../api/records.ts';
import type { FindOptions, ReferenceOption } from '../../ui/value-editor.tsx';

const shown = 20;

/** Tags in use there: what is offered while one is written. */
const tagFinders = Object.fromEntries(
  tagNouns.map((noun): [TagNoun, FindOptions] => [
    noun,
    {
      async find() {
        const result = await tagsApi.inUse(noun);
        return result.ok ? result.value.tags.slice(0, 500).map(({ tag }) => ({ value: tag, label: tag })) : [];
      },
      named: async (tag) => tag,
    },
  ]),
) as Record<TagNoun, FindOptions>;

/** One finder per question for good: editors ask again when it changes. */
const finders = new Map<string, FindOptions>();

/**
 * Records that a field may name, by any words that find them. Contacts of the client that the record is about come
 * before all others; people who are not active any more are not offered.
 */
export function finderFor(noun: NounName, field: FieldInfo, clientId: string | null = null): FindOptions | undefined {
  if (field.kind === 'tags' && hasTags(noun)) return tagFinders[noun];
  if (!isReference(field) || field.of === undefined) return undefined;
  const { of } = field;
  const first = of === 'contacts' && clientId !== null && clientId !== '' ? clientId : null;
  const filters = Object.entries({ ...field.where, ...(of === 'directory' ? { isActive: 'true' } : {}) }).map(([path, value]) => ({
    path,
    operator: 'is' as const,
    value,
  }));
  const key = JSON.stringify([of, filters, first]);
  let finder = finders.get(key);
  if (finder === undefined) {
    finder = {
      async find(text) {
        const asked = { search: text, filters };
        const own = first === null ? [] : await listed(of, { ...asked, parentId: first });
        const all = own.length >= shown ? [] : await listed(of, asked);
        return [...own, ...all.filter(({ value }) => own.every((one) => one.value !== value))].slice(0, shown);
      },
      async named(id) {
        const result = await recordApi(of).get({ id });
        return result.ok ? viewTitle(of, result.value) : null;
      },
    };
    finders.set(key, finder);
  }
  return finder;
}

async function listed(noun: NounName, request: ListRequestInput): Promise<ReferenceOption[]> {
  const result = await recordApi(noun).list({ ...request, sort: [{ path: nouns[noun].titlePath }], limit: shown });
  return result.ok ? result.value.rows.map((record) => ({ value: record.id, label: viewTitle(noun, record) })) : [];
}
