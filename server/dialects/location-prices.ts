import type { BookRecord } from '../../shared/dialects/book-view.ts';
import { errorAnswers } from '../../shared/dialects/error-body.ts';
import { priceNumber, pricePair } from '../../shared/dialects/programs.ts';
import { encode, type Shape } from '../../shared/dialects/shape.ts';
import { locationItemPriceFieldsSchema, locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { sql } from 'kysely';
import { Refusal } from '../routes/answer.ts';
import { runCommand } from '../store/command.ts';
import { bookRecordOf, withBook } from '../store/lazy-book.ts';
import { type Piece, rowsInPieces } from '../store/list-sql.ts';
import type { Kept } from '../store/tenant.ts';
import { untilChanged } from '../store/until-changed.ts';
import { type Answered, asked, type Call, doerOf, inPieces, queryOf, seen, statusOf } from './calls.ts';
import { contextOf, eyesOf } from './facade.ts';

/**
 * There is a price for every location and every item, of which only those with something of their own are stored
 * (docs/decisions/0005). The others are worked out here, and never kept.
 */

type Own = Kept<'locationItemPrices'>;
/** What a price hangs on: a location or an item. */
type Parent = { id: string; number: number };

const locationsAtOnce = 250;
/** Rows that are sent together. */
const rowsAtOnce = 1_000;

/** Prices by location, then by item, both in the order they were made in. */
export async function listPrices(call: Call): Promise<Answered> {
  const { conditions } = queryOf(call);
  const numberOf = (path: string) => conditions.find((condition) => condition.path === path)?.value;
  const status = statusOf(call.endpoint);
  return inPieces(status, pricesInPieces(call, numberOf('locationId'), numberOf('itemPriceId')), async (texts) => texts);
}

/** Items, and what the price of each says where a location has nothing of its own, but for its id. */
interface Usual {
  items: Kept<'itemPrices'>[];
  texts: string[];
}

/** Items of all companies together. */
const usualOf = untilChanged<Usual>({ most: 20_000, mostOne: 10_000 }, ({ items }) => items.length + 1);

async function usualPrices(call: Call, item: unknown): Promise<Usual> {
  const { tenant, seq } = call.speaker;
  const key = `${tenant.organisation} ${item === undefined ? '' : Number(item)}`;
  const known = usualOf.get(key, seq);
  if (known !== null) return known;
  const found = await sql<{ doc: unknown; number: number }>`select r.doc, r.number from records r
    where r.organisation_id = ${tenant.organisation} and r.collection = 'itemPrices' and r.deleted_at is null ${only(item)}
    order by r.number`.execute(tenant.tx);
  const items = tenant.opened('itemPrices', found.rows);
  const prices = items.map((one) => priceOf({ id: 'any', number: 1 }, parentOf(one), null));
  const usual = { items, texts: (await write(call, items, prices)).map(afterId) };
  usualOf.put(key, seq, usual);
  return usual;
}

const only = (number: unknown) => (number === undefined ? sql`` : sql`and r.number = ${Number(number)}`);

async function* pricesInPieces(call: Call, location: unknown, item: unknown): AsyncGenerator<Piece<string>, void, void> {
  const { tenant, sight } = call.speaker;
  const { items, texts: usual } = await usualPrices(call, item);
  if (items.length === 0) return;
  const locations = sql`select r.id, r.number from records r where r.organisation_id = ${tenant.organisation}
    and r.collection = 'locations' and r.deleted_at is null ${only(location)} and ${sight('locations', 'r')}
    order by r.number`;
  for await (const { rows, isLast } of rowsInPieces<Parent>(tenant, locations, locationsAtOnce)) {
    if (rows.length === 0) yield { rows: [], isLast };
    const own = rows.length === 0 ? new Map<string, string>() : await ownTexts(call, rows, items);
    let texts: string[] = [];
    for (const [at, place] of rows.entries()) {
      for (const [index, { record, number }] of items.entries()) {
        const id = priceNumber(place.number, number);
        texts.push(own.get(`${place.id} ${record.id}`) ?? `{"id":${id}${usual[index] as string}`);
      }
      if (texts.length < rowsAtOnce && at < rows.length - 1) continue;
      yield { rows: texts, isLast: isLast && at === rows.length - 1 };
      texts = [];
    }
  }
}

/** Prices of these locations that say something of their own, as JSON, by location and item. */
async function ownTexts(call: Call, locations: readonly Parent[], items: readonly Kept<'itemPrices'>[]): Promise<Map<string, string>> {
  const { tenant } = call.speaker;
  const byId = <T extends { id: string }>(all: readonly T[]) => new Map(all.map((one) => [one.id, one]));
  const [places, wanted] = [byId(locations), byId(items.map(parentOf))];
  const found = await sql<{ doc: unknown; number: number }>`select r.doc, r.number from records r
    where r.organisation_id = ${tenant.organisation} and r.collection = 'locationItemPrices' and r.deleted_at is null
    and r.parent_id = any(${[...places.keys()]}::text[])
    ${items.length === 1 ? sql`and r.second_id = ${items[0]?.record.id}` : sql``}`.execute(tenant.tx);
  const prices = tenant.opened('locationItemPrices', found.rows).flatMap((own) => {
    const { locationId, itemPriceId } = own.record;
    const [location, item] = [places.get(locationId), wanted.get(itemPriceId)];
    return location === undefined || item === undefined ? [] : priceOf(location, item, own);
  });
  const texts = await write(call, items, prices);
  return new Map(prices.map(({ record: { locationId, itemPriceId } }, at) => [`${locationId} ${itemPriceId}`, texts[at] as string]));
}

/** Sets what a location has of its own, or takes it back. */
export async function changePrice(call: Call): Promise<Answered> {
  const { resource, speaker, parameters, endpoint } = call;
  const { tenant } = speaker;
  const pair = pricePair(Number(/^\d{1,16}$/.test(parameters['id'] ?? '') ? parameters['id'] : Number.NaN));
  if (pair === null) throw new Refusal(errorAnswers.notFound());
  await tenant.lock();
  const [location] = await seen(call, 'locations', [String(pair.location)]);
  const [item] = (await seen(call, 'itemPrices', [String(pair.item)])) as Kept<'itemPrices'>[];
  if (location === undefined || item === undefined) throw new Refusal(errorAnswers.notFound());
  const [place, what] = [parentOf(location), parentOf(item)];
  const read = async () => {
    const [own] = await tenant.get('locationItemPrices', [locationItemPriceId(place.id, what.id)]);
    return priceOf(place, what, own?.record.deletedAt === null ? own : null);
  };
  const { fields } = await asked(call, resource.change as Shape, await read());
  if (Object.keys(fields).length > 0)
    await runCommand(tenant, doerOf(call), [], (tx) => {
      tx.create('locationItemPrices', { locationId: place.id, itemPriceId: what.id, ...fields });
    });
  const [text] = await write(call, [item], [await read()]);
  return { status: statusOf(endpoint), body: JSON.parse(text as string) as unknown };
}

const parentOf = ({ record, number }: Kept): Parent => ({ id: record.id, number });

/** A price as if it were stored: with the number it is called by, whether anything of it is stored or not. */
function priceOf(location: Parent, item: Parent, own: Own | null): Own {
  const ids = { locationId: location.id, itemPriceId: item.id };
  const bare = {
    createdAt: '',
    createdBy: '',
    updatedAt: '',
    updatedBy: '',
    deletedAt: null,
    mergedInto: null,
    notDuplicateOf: [],
    stamps: {},
  };
  const record = own?.record ?? { ...locationItemPriceFieldsSchema.parse(ids), ...bare, id: locationItemPriceId(location.id, item.id) };
  return { record, number: priceNumber(location.number, item.number) };
}

/** Prices as the dialect shows them, as JSON. */
async function write({ speaker, resource }: Call, items: readonly Kept<'itemPrices'>[], prices: readonly Own[]): Promise<string[]> {
  const known = [
    ...items.map((kept) => ({ of: 'itemPrices' as const, kept })),
    ...prices.map((kept) => ({ of: 'locationItemPrices' as const, kept })),
  ];
  const { value } = await withBook(speaker.tenant, eyesOf(speaker), known, (book) => {
    const context = contextOf(speaker, book);
    return prices.map((kept) => encode(resource.answer, bookRecordOf(kept) as BookRecord, context).wire);
  });
  return value.map((wire) => JSON.stringify(wire));
}

/** What stands behind the id, which is the first member. */
const afterId = (text: string) => text.replace(/^\{"id":\d+/, '');
