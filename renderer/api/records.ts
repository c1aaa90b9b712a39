import type { HistoryEntry, RecordAt } from '../../shared/contracts/history.contract.ts';
import type { InvoiceView } from '../../shared/nouns/invoice/invoice.contract.ts';
import type { ListRequest, ListRequestInput, Page } from '../../shared/contracts/list.ts';
import type {
  ActivityView,
  CaseView,
  ClientView,
  ContactView,
  DirectoryView,
  ItemPriceView,
  LocationContactView,
  LocationItemPriceView,
  OwnFieldView,
  LocationView,
  OpportunityView,
  TaskView,
} from '../../shared/contracts/record.contract.ts';
import type { SearchHit } from '../../shared/contracts/search.contract.ts';
import type { Banking } from '../../shared/nouns/client/client.ts';
import { type FieldInfo, idsIn, valueAt } from '../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nouns, titleOf } from '../../shared/nouns/nouns.ts';
import type { Result } from '../../shared/lib/result.ts';
import { crm, settled } from './crm.ts';
import { type Answer, putAnswer, useQuery } from './query.ts';
import { touchesList, touchesRecord } from './touches.ts';

export interface ViewOf {
  clients: ClientView;
  contacts: ContactView;
  locations: LocationView;
  itemPrices: ItemPriceView;
  opportunities: OpportunityView;
  cases: CaseView;
  tasks: TaskView;
  invoices: InvoiceView;
  directory: DirectoryView;
  ownFields: OwnFieldView;
  activities: ActivityView;
  locationContacts: LocationContactView;
  locationItemPrices: LocationItemPriceView;
}
export type AnyView = ViewOf[NounName];

/** The methods every noun has, seen alike: lists and details are made from field lists, not from one noun's type. */
export interface RecordApi {
  list(request: ListRequestInput): Promise<Result<Page<AnyView>>>;
  ids(request: Omit<ListRequest, 'offset' | 'limit'>): Promise<Result<{ ids: string[] }>>;
  get(input: { id: string }): Promise<Result<AnyView>>;
  create(fields: object): Promise<Result<{ record: AnyView; operationId: string | null }>>;
  change(input: { id: string; changes: object }): Promise<Result<{ record: AnyView; operationId: string | null }>>;
  changeMany(input: { ids: string[]; changes: object }): Promise<Result<{ operationId: string | null; changed: number }>>;
  goingAlong(input: { ids: string[] }): Promise<Result<Record<'goes' | 'stays', Partial<Record<NounName, number>>>>>;
  remove(input: { ids: string[] }): Promise<Result<{ operationId: string; removed: number; withThem: number; stillNamed: number }>>;
  restore(input: { ids: string[] }): Promise<Result<{ operationId: string; restored: number }>>;
}

export function recordApi(noun: NounName): RecordApi {
  const api = crm()[noun] as unknown as RecordApi;
  return {
    list: (request) => settled(() => api.list(request)),
    ids: (request) => settled(() => api.ids(request)),
    get: (input) => settled(() => api.get(input)),
    create: (fields) => settled(() => api.create(fields)),
    change: (input) => settled(() => api.change(input)),
    changeMany: (input) => settled(() => api.changeMany(input)),
    goingAlong: (input) => settled(() => api.goingAlong(input)),
    remove: (input) => settled(() => api.remove(input)),
    restore: (input) => settled(() => api.restore(input)),
  };
}

const recordKey = (noun: NounName, id: string) => `record ${noun} ${id}`;

export function useRecord(noun: NounName, id: string | null): Answer<AnyView> {
  return useQuery(id === null ? null : recordKey(noun, id), () => recordApi(noun).get({ id: id ?? '' }), touchesRecord(noun, id ?? ''));
}

/** The people of the company that work there, by name; the first 500. */
export function usePeople(): { id: string; name: string }[] | undefined {
  const ask = () =>
    recordApi('directory').list({
      filters: [
        { path: 'kind', operator: 'is', value: 'user' },
        { path: 'isActive', operator: 'is', value: 'true' },
      ],
      sort: [{ path: 'displayName', descending: false }],
      limit: 500,
    });
  const answer = useQuery('people', ask, touchesList('directory'));
  return answer.data?.rows.map((row) => ({ id: row.id, name: (row as DirectoryView).displayName }));
}

/** How many records a list has, live; null asks nothing. */
export function useListCount(noun: NounName, request: Omit<ListRequest, 'offset' | 'limit'> | null): number | undefined {
  const ask = () => recordApi(noun).list({ ...request, limit: 1 });
  return useQuery(request === null ? null : `count ${noun} ${JSON.stringify(request)}`, ask, touchesList(noun, request?.show)).data?.total;
}

export function putRecord(noun: NounName, record: AnyView): void {
  putAnswer(recordKey(noun, record.id), record);
}

/**
 * What of one noun hangs on a record, or names it in the field that is given; primary first. Of more than 500 the first 500
 * are shown, and that there are more is said.
 */
export function useChildren(noun: NounName, parentId: string, field: string | null = null): Answer<Page<AnyView>> {
  const ask = () =>
    recordApi(noun).list({
      ...(field === null ? { parentId } : { filters: [{ path: field, operator: 'is', value: parentId }] }),
      sort: [
        ...(fieldsOf(noun).some(({ path }) => path === 'isPrimary') ? [{ path: 'isPrimary', descending: true }] : []),
        { path: nouns[noun].titlePath },
      ],
      limit: 500,
    });
  return useQuery(`children ${noun} ${parentId} ${field ?? ''}`, ask, touchesList(noun));
}

export function useHistory(noun: NounName, id: string): Answer<{ entries: HistoryEntry[]; total: number }> {
  return useQuery(`history ${noun} ${id}`, () => crm().history.ofRecord({ collection: noun, id, limit: 200 }));
}

/** The record as it stood at the end of a day; nothing is asked without one. */
export function useRecordAt(noun: NounName, id: string, day: string | null): Answer<RecordAt> {
  return useQuery(day === null ? null : `at ${noun} ${id} ${day}`, () => crm().history.at({ collection: noun, id, day: day ?? '' }));
}

export function useCounts(): Record<NounName, number> | undefined {
  return useQuery('counts', () => crm().app.counts({})).data;
}

export function useSampleRecords(): number {
  return useQuery('sample', () => crm().app.sample({})).data?.records ?? 0;
}

export function useAppInfo() {
  return useQuery('info', () => crm().app.info({})).data;
}

const noHits: SearchHit[] = [];

export function useRecentHits(limit: number): SearchHit[] {
  return useQuery(limit === 0 ? null : `recent ${limit}`, () => crm().search.recent({ limit })).data?.hits ?? noHits;
}

export function find(text: string, limit: number): Promise<Result<{ hits: SearchHit[]; total: number }>> {
  return settled(() => crm().search.find({ text, limit }));
}

/** Banking data in full, for one client that a person asked to see. Kept by nobody. */
export function bankingOf(id: string): Promise<Result<{ banking: Banking | null }>> {
  return settled(() => crm().clients.banking({ id }));
}

export const book = {
  undo: (target: string | null) => settled(() => crm().history.undo({ target })),
  undoState: () => settled(() => crm().history.state({})),
  redo: () => settled(() => crm().history.redo({})),
  restoreField: (input: { collection: NounName; id: string; operationId: string; path: string }) =>
    settled(() => crm().history.restoreField(input)),
  restoreTo: (input: { collection: NounName; id: string; day: string; field: string | null }) =>
    settled(() => crm().history.restoreTo(input)),
  addSample: () => settled(() => crm().app.addSample({})),
  removeSample: () => settled(() => crm().app.removeSample({})),
  dismissNotice: (id: string) => settled(() => crm().app.dismissNotice({ id })),
};

/** A title for any record on its way to a screen. */
export function viewTitle(noun: NounName, record: AnyView): string {
  return titleOf(noun, record);
}

/** What a field of the record refers to, with the names. */
export function referencesOf(record: AnyView, field: Pick<FieldInfo, 'path' | 'of'>): { id: string; name: string }[] {
  const unnamed = field.of === undefined ? 'record' : nouns[field.of].singular;
  return idsIn(valueAt(record, field.path)).map((id) => ({ id, name: record.names[id] ?? `Unknown ${unnamed}` }));
}
