import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { isReference } from '../../../shared/nouns/field.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { ListRequestInput } from '../../../shared/contracts/list.ts';
import { hasTags, tagNouns, type TagNoun } from '../../../shared/contracts/tag.contract.ts';
import { tagsApi } from '../../api/tags.ts';
import { type AnyView, recordApi, viewTitle } from '../../api/records.ts';
import type { FindOptions, ReferenceOption } from '../../ui/reference-picker.tsx';

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

/** Whose records are meant: of the client that the record is of, or of the one that its location or contact belongs to. */
export interface Scope {
  clientId?: unknown;
  locationId?: unknown;
  contactId?: unknown;
}

/** Of these only the client's own may be named; where there is no client yet, any. */
const ownOnly = new Set<NounName>(['locations', 'opportunities', 'cases']);

/** One finder per question for good: editors ask again when it changes. */
const finders = new Map<string, FindOptions>();

/**
 * Records that a field may name, by any words that find them; whose names begin with the text come first. Those of the client
 * that the record is about are offered alone or before all others; people who are not active any more are not offered.
 */
export function finderFor(noun: NounName, field: FieldInfo, scope: Scope = {}): FindOptions | undefined {
  if (field.kind === 'tags' && hasTags(noun)) return tagFinders[noun];
  if (!isReference(field) || field.of === undefined) return undefined;
  const { of } = field;
  const hasClient = Object.hasOwn(nouns[of].parents, 'clientId');
  const by = (path: 'clientId' | 'locationId' | 'contactId') => {
    const id = scope[path];
    return hasClient && path !== field.path && typeof id === 'string' && id !== '' ? id : null;
  };
  const [clientId, locationId, contactId] = [by('clientId'), by('locationId'), by('contactId')];
  const filters = Object.entries({ ...field.where, ...(of === 'directory' ? { isActive: 'true' } : {}) }).map(([path, value]) => ({
    path,
    operator: 'is' as const,
    value,
  }));
  const key = JSON.stringify([of, filters, clientId, locationId, contactId]);
  let finder = finders.get(key);
  if (finder === undefined) {
    let client: Promise<string | null> | null = null;
    const clientOf = () => (client ??= clientId !== null ? Promise.resolve(clientId) : clientNamedBy(locationId, contactId));
    finder = {
      async find(text) {
        const first = await clientOf();
        const asked = { search: text, filters };
        const own = first === null ? [] : await listed(of, { ...asked, parentId: first }, text);
        // Of another client only where the person says so: a role may be of somebody from elsewhere.
        const all = first !== null && (own.length >= shown || (ownOnly.has(of) && clientId !== null)) ? [] : await listed(of, asked, text);
        return merged(own, all);
      },
      async named(id) {
        const result = await recordApi(of).get({ id });
        return result.ok ? (optionOf(of, result.value).shown ?? null) : null;
      },
    };
    finders.set(key, finder);
  }
  return finder;
}

async function clientNamedBy(locationId: string | null, contactId: string | null): Promise<string | null> {
  const named =
    locationId !== null
      ? await recordApi('locations').get({ id: locationId })
      : contactId !== null
        ? await recordApi('contacts').get({ id: contactId })
        : null;
  return named?.ok === true && 'clientId' in named.value ? named.value.clientId : null;
}

function merged(...lists: readonly ReferenceOption[][]): ReferenceOption[] {
  return [...new Map(lists.flat().map((option) => [option.value, option])).values()].slice(0, shown);
}

/** Whose name is the text, whose begins with it, and whom any of its words find. */
async function listed(noun: NounName, request: ListRequestInput, text: string): Promise<ReferenceOption[]> {
  const { titlePath } = nouns[noun];
  const ask = async (narrowed: ListRequestInput) => {
    const result = await recordApi(noun).list({ ...narrowed, sort: [{ path: titlePath }], limit: shown });
    return result.ok ? result.value.rows.map((record) => optionOf(noun, record)) : [];
  };
  if (text.trim() === '') return ask(request);
  const beginning = (operator: 'is' | 'startsWith') =>
    ask({ ...request, search: '', filters: [...(request.filters ?? []), { path: titlePath, operator, value: text.trim() }] });
  return merged(...(await Promise.all([beginning('is'), beginning('startsWith'), ask(request)])));
}

/** What tells records of one name apart. */
function optionOf(noun: NounName, record: AnyView): ReferenceOption {
  const label = viewTitle(noun, record);
  const client = 'clientName' in record ? record.clientName : null;
  const city = 'physicalAddress' in record ? record.physicalAddress.city : 'address' in record ? record.address.city : null;
  const code = 'itemCode' in record ? record.itemCode : null;
  const detail = [client, city, code].filter((part) => part !== null && part !== '').join(', ');
  return { value: record.id, label, detail, shown: client !== null && ownOnly.has(noun) ? `${label} (${client})` : label };
}
