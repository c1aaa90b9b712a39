import type { NounName } from '../../shared/nouns/nouns.ts';
import { nouns } from '../../shared/nouns/nouns.ts';
import { locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { newId } from '../../shared/lib/ids.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { formatStamp } from '../../shared/sync/stamp.ts';
import { inOrganisation, type Store, type Write } from '../../server/store/tenant.ts';
import { type BookSize, generatedClient, generatedContact, generatedLocation, seededRandom } from '../support/generated-book.ts';

/** 12,000 locations × 40 items: 480,000 prices to look at, of which one in ten is a location's own. */
export const serverBenchSize: BookSize & { items: number; ownPrices: number } = {
  clients: 100_000,
  contacts: 250_000,
  locations: 12_000,
  items: 40,
  ownPrices: 48_000,
};

const chunk = 2_000;

/** Puts a book of that size into an organisation's tables, as the server itself writes records. */
export async function fillOrganisation(
  store: Store,
  organisation: string,
  userId: string,
  size: typeof serverBenchSize,
  onProgress: (written: number) => void = () => {},
): Promise<void> {
  const random = seededRandom(7);
  const start = Date.parse('2024-01-01T00:00:00.000Z');
  let made = 0;
  const stored = (noun: NounName, fields: object, id: string): StoredRecord => {
    made += 1;
    const at = new Date(start + made * 60_000).toISOString();
    // Parsed by the noun's own schema, whose type is lost in the table of schemas.
    return {
      ...nouns[noun].fieldsSchema.parse(fields),
      id,
      createdAt: at,
      createdBy: userId,
      updatedAt: at,
      updatedBy: userId,
      deletedAt: null,
      mergedInto: null,
      notDuplicateOf: [],
      stamps: { '*': formatStamp(start + made, 0, 'bench') },
    } as unknown as StoredRecord;
  };
  let waiting: Write[] = [];
  const flush = async () => {
    const writes = waiting;
    waiting = [];
    await inOrganisation(store, organisation, async (tenant) => {
      await tenant.lock();
      await tenant.put(writes, null);
    });
    onProgress(made);
  };
  const add = async (of: NounName, fields: object, id = newId()): Promise<string> => {
    const after = stored(of, fields, id);
    waiting.push({ of, before: null, after });
    if (waiting.length >= chunk) await flush();
    return after.id;
  };
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;

  const clients: string[] = [];
  for (let at = 0; at < size.clients; at += 1) clients.push(await add('clients', generatedClient(at)));
  for (let at = 0; at < size.contacts; at += 1) {
    const isPrimary = at < size.clients;
    await add('contacts', generatedContact(at, isPrimary ? (clients[at] as string) : pick(clients), isPrimary));
  }
  const locations: string[] = [];
  for (let at = 0; at < size.locations; at += 1)
    locations.push(await add('locations', { ...generatedLocation(at, clients[at % clients.length] as string), isPrimary: true }));
  const items: string[] = [];
  for (let at = 0; at < size.items; at += 1)
    items.push(
      await add('itemPrices', { invoiceItem: `Item ${at}`, itemCode: `IT${at}`, defaultPrice: `${10 + at}.00`, defaultTaxRate: '0.0775' }),
    );
  for (let at = 0; at < size.ownPrices; at += 1) {
    const locationId = locations[Math.floor(at / 4) % locations.length] as string;
    const itemPriceId = items[(at * 7 + (at % 4)) % items.length] as string;
    await add('locationItemPrices', { locationId, itemPriceId, customPrice: '9.50' }, locationItemPriceId(locationId, itemPriceId));
  }
  if (waiting.length > 0) await flush();
}
