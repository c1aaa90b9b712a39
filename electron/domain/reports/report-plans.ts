import type { FieldFilter } from '../../../shared/contracts/list.ts';
import type { Report, ReportName, ReportSeries } from '../../../shared/contracts/reports.contract.ts';
import { type ActivityRecord, activityTime } from '../../../shared/nouns/activity/activity.ts';
import { type Client, industries, lifecycleStages } from '../../../shared/nouns/client/client.ts';
import { computeInvoice, type Invoice } from '../../../shared/nouns/invoice/invoice.ts';
import {
  computeOpportunity,
  isOpportunityOpen,
  type Opportunity,
  opportunityStages,
} from '../../../shared/nouns/opportunity/opportunity.ts';
import type { LocationItemPrice } from '../../../shared/nouns/location-item-price/location-item-price.ts';
import { type NounName, titleOf } from '../../../shared/nouns/nouns.ts';
import { searchFold } from '../../../shared/lib/text.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { BookReader } from '../book.ts';
import type { Part } from './tally.ts';

/** How a report is counted. What a record adds depends on the record alone, never on the day: the day is asked when it is read. */
export interface ReportPlan {
  noun: NounName;
  series: Report['series'];
  isMoney: boolean;
  /** Names: a row for each value. Months: twelve of them, as YYYY-MM. Days: by how far from today. An empty text is no value. */
  kind: 'names' | 'months' | 'days';
  /** The field that the rows are of. */
  path: string;
  /** The months begin with this one instead of ending with it. */
  ahead?: boolean;
  /** Rows that are shown in this order, also where nothing is in them. */
  order?: readonly string[];
  /** Of names: only what happened in this month and those before it counts; a row has its month behind a stroke. */
  recentMonths?: number;
  /** Of names: a row is what a list takes for the same, then a line end and the text as it was written. */
  isTyped?: true;
  /** Of names: a row is an item and one of its own prices; it counts where that is another one than the default is now. */
  isAgainstDefault?: true;
  /** `dayOf`: the person's own day at an instant. */
  partsOf: (record: StoredRecord, dayOf: (instant: string) => string) => readonly Part[];
  labelOf: (book: Pick<BookReader, 'get'>, row: string) => string;
  /** What a list is asked for to show what was counted in a row of names, or in any month (without its days); null: it cannot. */
  filtersOf: (row: string, series: ReportSeries) => FieldFilter[] | null;
}

const counted: Report['series'] = [{ key: 'count', unit: 'count' }];
const money = (...keys: ReportSeries[]): Report['series'] => keys.map((key) => ({ key, unit: 'money' }));
const is = (path: string, value: string): FieldFilter =>
  value === '' ? { path, operator: 'isEmpty', value } : { path, operator: 'is', value };
const openStages = (Object.keys(opportunityStages) as Opportunity['stage'][]).filter(
  (stage): stage is Exclude<Opportunity['stage'], 'closed_won' | 'closed_lost'> => isOpportunityOpen(stage),
);
const monthOf = (day: string | null) => day?.slice(0, 7) ?? '';

/** Only the amounts count here, which do not follow from the day. */
const anyDay = '0000-01-01';

function pipelinePart(opportunity: Opportunity, row: string): Part[] {
  const { stage, amount, currency } = opportunity;
  if (!isOpportunityOpen(stage)) return [];
  const likely = computeOpportunity(opportunity, anyDay).weightedAmount ?? '0';
  return [{ currency, row, add: { count: '1', amount: amount ?? '0', likely } }];
}

/** Texts that people type: they are one where a list takes them for the same, as "bakery" and "Bakery" are. */
function clientsBy(path: string, valueOf: (client: Client) => string | null, labels: Readonly<Record<string, string>>): ReportPlan {
  const written = (value: string) => (Object.hasOwn(labels, value) ? (labels[value] ?? value) : value);
  return {
    noun: 'clients',
    series: counted,
    isMoney: false,
    kind: 'names',
    path,
    isTyped: true,
    partsOf(record) {
      const text = written(valueOf(record as Client) ?? '').trim();
      return [{ currency: null, row: text === '' ? '' : `${searchFold(text).trim()}\n${text}`, add: { count: '1' } }];
    },
    labelOf: (_, row) => row,
    filtersOf: (row) => [is(path, row)],
  };
}

const activitySeries = ['call', 'visit', 'email', 'comment'] as const;

export const reportPlans: Readonly<Record<ReportName, ReportPlan>> = {
  pipeline: {
    noun: 'opportunities',
    series: [...counted, ...money('amount', 'likely')],
    isMoney: true,
    kind: 'names',
    path: 'stage',
    order: openStages,
    partsOf: (record) => pipelinePart(record as Opportunity, (record as Opportunity).stage),
    labelOf: (_, row) => opportunityStages[row as Opportunity['stage']],
    filtersOf: (row) => [is('stage', row)],
  },
  stageMonths: {
    noun: 'opportunities',
    series: [...counted, ...money(...openStages)],
    isMoney: true,
    kind: 'months',
    path: 'expectedCloseDate',
    ahead: true,
    partsOf(record) {
      const { stage, amount, currency, expectedCloseDate } = record as Opportunity;
      if (!isOpportunityOpen(stage)) return [];
      return [{ currency, row: monthOf(expectedCloseDate), add: { count: '1', [stage]: amount ?? '0' } }];
    },
    labelOf: (_, row) => row,
    filtersOf: (_, series) => (series === 'count' ? [is('isOpen', 'true')] : [is('stage', series)]),
  },
  closing: {
    noun: 'opportunities',
    series: [...counted, ...money('amount', 'likely')],
    isMoney: true,
    kind: 'months',
    path: 'expectedCloseDate',
    ahead: true,
    partsOf: (record) => pipelinePart(record as Opportunity, monthOf((record as Opportunity).expectedCloseDate)),
    labelOf: (_, row) => row,
    filtersOf: () => [is('isOpen', 'true')],
  },
  wonLost: {
    noun: 'opportunities',
    series: [...counted, ...money('won', 'lost')],
    isMoney: true,
    kind: 'months',
    path: 'closedOn',
    partsOf(record) {
      const { stage, amount, currency, closedOn } = record as Opportunity;
      if (isOpportunityOpen(stage)) return [];
      const add = { count: '1', [stage === 'closed_won' ? 'won' : 'lost']: amount ?? '0' };
      return [{ currency, row: monthOf(closedOn), add }];
    },
    labelOf: (_, row) => row,
    filtersOf: (_, series) =>
      series === 'count' ? [is('isOpen', 'false')] : [is('stage', series === 'won' ? 'closed_won' : 'closed_lost')],
  },
  followUps: {
    noun: 'clients',
    series: counted,
    isMoney: false,
    kind: 'days',
    path: 'nextFollowUpDate',
    partsOf: (record) => [{ currency: null, row: (record as Client).nextFollowUpDate ?? '', add: { count: '1' } }],
    labelOf: (_, row) => row,
    filtersOf: () => [],
  },
  activity: {
    noun: 'activities',
    series: [...counted, ...activitySeries.map((key) => ({ key, unit: 'count' as const }))],
    isMoney: false,
    kind: 'names',
    path: 'authorId',
    recentMonths: 3,
    partsOf(record, dayOf) {
      const activity = record as ActivityRecord;
      // An e-mail that never left is nothing that was done.
      const own = activity.kind === 'email' && activity.status !== 'sent' ? undefined : activitySeries.find((one) => one === activity.kind);
      const row = `${activity.authorId ?? ''}|${monthOf(dayOf(activityTime(activity)))}`;
      return own === undefined ? [] : [{ currency: null, row, add: { count: '1', [own]: '1' } }];
    },
    labelOf(book, row) {
      const person = book.get('directory', row);
      return person === undefined ? row : titleOf('directory', person);
    },
    // Their list cannot be asked for a person: who did something is no field of it.
    filtersOf: () => null,
  },
  revenue: {
    noun: 'invoices',
    series: [...counted, ...money('invoiced', 'paid', 'due', 'overdue')],
    isMoney: true,
    kind: 'months',
    path: 'issueDate',
    partsOf(record) {
      const invoice = record as Invoice;
      if (invoice.status === 'draft' || invoice.status === 'cancelled') return [];
      const { total, amountPaid, amountDue } = computeInvoice(invoice, anyDay);
      const row = `${monthOf(invoice.issueDate)}|${invoice.dueDate ?? ''}`;
      return [{ currency: invoice.currency, row, add: { count: '1', invoiced: total, paid: amountPaid, due: amountDue } }];
    },
    labelOf: (_, row) => row,
    filtersOf: (_, series) => [
      { path: 'status', operator: 'isNot', value: 'draft' },
      { path: 'status', operator: 'isNot', value: 'cancelled' },
      ...(series === 'overdue' ? [is('isOverdue', 'true')] : []),
      ...(series === 'due' ? [{ path: 'amountDue', operator: 'isNot' as const, value: '0' }] : []),
      ...(series === 'paid' ? [{ path: 'amountPaid', operator: 'isNot' as const, value: '0' }] : []),
    ],
  },
  stages: {
    noun: 'clients',
    series: counted,
    isMoney: false,
    kind: 'names',
    path: 'lifecycleStage',
    order: Object.keys(lifecycleStages),
    partsOf: (record) => [{ currency: null, row: (record as Client).lifecycleStage, add: { count: '1' } }],
    labelOf: (_, row) => lifecycleStages[row as Client['lifecycleStage']],
    filtersOf: (row) => [is('lifecycleStage', row)],
  },
  industries: clientsBy('industry', ({ industry }) => industry, industries),
  prices: {
    noun: 'locationItemPrices',
    series: [...counted, { key: 'lower', unit: 'count' }, { key: 'higher', unit: 'count' }],
    isMoney: false,
    kind: 'names',
    path: 'itemPriceId',
    isAgainstDefault: true,
    partsOf(record) {
      const { itemPriceId, customPrice } = record as LocationItemPrice;
      return customPrice === null ? [] : [{ currency: null, row: `${itemPriceId}|${customPrice}`, add: { count: '1' } }];
    },
    labelOf(book, row) {
      const [id = ''] = row.split('|');
      const item = book.get('itemPrices', id);
      return item === undefined ? id : titleOf('itemPrices', item);
    },
    filtersOf(row, series) {
      const [id = '', price = ''] = row.split('|');
      const differs: FieldFilter[] = [
        is('itemPriceId', id),
        { path: 'customPrice', operator: 'isNotEmpty', value: '' },
        { path: 'customPrice', operator: 'isNot', value: price },
      ];
      if (series === 'count') return differs;
      return [...differs, { path: 'customPrice', operator: series === 'lower' ? 'atMost' : 'atLeast', value: price }];
    },
  },
  regions: clientsBy('address.region', ({ address }) => address?.region ?? null, {}),
};
