import { serverKinds, type ServerKind } from '../../../shared/contracts/sync.contract.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import type { ReceiptView, RemoteView } from '../../../shared/sync/sync-view.ts';
import { displayText, formatCount } from '../../ui/field-text.ts';
import { momentText } from '../settings/sync-sentence.ts';

export const isNoun = (collection: string): collection is NounName => (nounNames as readonly string[]).includes(collection);

export const kindText = (kind: string): string => (Object.hasOwn(serverKinds, kind) ? serverKinds[kind as ServerKind] : kind);

/** What a server is called where there may be several: what it is, and where. */
export const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

export const many = (count: number, one: string, more: string): string => `${formatCount(count)} ${count === 1 ? one : more}`;

type Counts = ReceiptView['sent'];
export const totalOf = ({ created, changed, deleted }: Counts): number => created + changed + deleted;

/** "compared: 3 differed, 6 left as they are": what a comparison found. */
function comparedText({ mended, left }: NonNullable<ReceiptView['compared']>): string {
  const found = [
    ...(mended > 0 ? [`${formatCount(mended)} differed`] : []),
    ...(left > 0 ? [`${formatCount(left)} left as ${left === 1 ? 'it is' : 'they are'}`] : []),
  ];
  return `compared: ${found.length === 0 ? 'nothing differed' : found.join(', ')}`;
}

/** "4 went, 6 came, 1 put together": what a sync did, in one line. */
export function receiptText(receipt: Pick<ReceiptView, 'sent' | 'received' | 'merged' | 'state' | 'compared'>): string {
  const { sent, received, merged, state, compared } = receipt;
  const [go, come] = state === 'rehearsed' ? ['would go', 'would come'] : ['went', 'came'];
  const parts = [
    ...(totalOf(sent) > 0 ? [`${formatCount(totalOf(sent))} ${go}`] : []),
    ...(totalOf(received) > 0 ? [`${formatCount(totalOf(received))} ${come}`] : []),
    ...(merged > 0 ? [`${formatCount(merged)} put together`] : []),
  ];
  if (compared !== null) parts.push(comparedText(compared));
  if (parts.length > 0) return parts.join(', ');
  return state === 'failed' ? 'did not get through' : 'nothing new';
}

/** "2 new, 1 changed": of what went or came. */
export function countsText({ created, changed, deleted }: Counts): string {
  const parts = [
    ...(created > 0 ? [`${formatCount(created)} new`] : []),
    ...(changed > 0 ? [`${formatCount(changed)} changed`] : []),
    ...(deleted > 0 ? [`${formatCount(deleted)} deleted`] : []),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export type Tone = 'green' | 'amber' | 'red' | 'gray';

/** How a server stands, from its last sync and from what waits for it. */
export function serverText({ last, waiting, direction }: RemoteView, isOffline: boolean): { text: string; tone: Tone } {
  const wait = direction !== 'read' && waiting > 0 ? `, ${many(waiting, 'change waits', 'changes wait')}` : '';
  if (isOffline) return { text: `Working offline${wait}`, tone: 'amber' };
  if (last === null) return { text: `Not asked yet${wait}`, tone: 'gray' };
  const at = momentText(last.at);
  if (last.state === 'failed') return { text: `Not reached at ${at}${wait}`, tone: 'red' };
  if (last.state === 'waits') return { text: `Reached at ${at}, something needs you${wait}`, tone: 'red' };
  return wait === '' ? { text: `In step as of ${at}`, tone: 'green' } : { text: `Reached at ${at}${wait}`, tone: 'amber' };
}

export function fieldOf(noun: NounName, field: string): FieldInfo | undefined {
  return fieldsOf(noun).find(({ path }) => path === field);
}

export function fieldLabel(collection: string, field: string): string {
  if (!isNoun(collection)) return field;
  const [top = '', ...inner] = field.split('.');
  if (top === 'deletedAt') return 'Deleted';
  const own = fieldOf(collection, field);
  if (own !== undefined) return own.label;
  // A field in parts (an address) is called like the group its parts stand in.
  const part = fieldsOf(collection).find(({ path }) => path.startsWith(`${top}.`));
  if (inner.length === 0 && part !== undefined) return part.group;
  return plainWords(inner.at(-1) ?? top);
}

/** "paymentTerms" → "Payment terms". */
function plainWords(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value as people read it; whole addresses and lists on one line. */
export function valueText(collection: string, field: string, value: unknown): string {
  if (field === 'deletedAt') return value === null ? 'Kept' : 'Deleted';
  const info = isNoun(collection) ? fieldOf(collection, field) : undefined;
  const text = info === undefined ? plainText(collection, field, value) : displayText(info, value);
  return text === '' ? 'Empty' : text;
}

function plainText(collection: string, field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((one) => plainText(collection, field, one)).join(', ');
  return Object.entries(value as Record<string, unknown>)
    .filter(([part]) => part !== 'id')
    .map(([part, one]) => {
      const info = isNoun(collection) ? fieldOf(collection, `${field}.${part}`) : undefined;
      return info === undefined ? plainText(collection, field, one) : displayText(info, one);
    })
    .filter((text) => text !== '')
    .join(', ');
}
