import { describe, expect, it } from 'vitest';
import type { LocationPriceFilter, ManyPrices } from '../../../../shared/nouns/location-item-price/location-price.contract.ts';
import { locationItemPriceId } from '../../../../shared/nouns/location-item-price/location-item-price.ts';
import { contentOf, openLaptop, problemOf, type TestBook } from '../../../support/opened-book.ts';

/** Two clients with three locations, and three items; made one minute after the other. */
async function priceList() {
  const laptop = await openLaptop();
  const minute = () => laptop.clock.moveTo(new Date(laptop.clock.now() + 60_000).toISOString());
  const { record: bakery } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const { record: school } = await laptop.clients.create({ name: 'Mill School' });
  const location = async (clientId: string, name: string) => (await laptop.locations.create({ clientId, name })).record.id;
  const south = await location(bakery.id, 'South Depot');
  const north = await location(bakery.id, 'North Depot');
  minute();
  const item = async (invoiceItem: string, itemCode: string, defaultPrice: string) =>
    (await laptop.itemPrices.create({ invoiceItem, itemCode, defaultPrice, defaultTaxRate: '0.0775' })).record.id;
  const screen = await item('Drug screen', 'DS001', '45.00');
  const breath = await item('Breath test', 'BT010', '20.00');
  const visit = await item('Visit', 'DX1', '80.00');
  minute();
  const annex = await location(school.id, 'Annex');
  minute();
  return { laptop, bakery, south, north, annex, screen, breath, visit };
}

const ask = (laptop: TestBook, filter: Partial<LocationPriceFilter & { offset: number; limit: number }> = {}) =>
  laptop.locationPrices.list({ locationId: null, itemPriceId: null, ownOnly: false, search: '', offset: 0, limit: 100, ...filter });

const shown = (laptop: TestBook, filter: Parameters<typeof ask>[1] = {}) =>
  ask(laptop, filter).rows.map(({ locationName, itemPriceName, finalPrice }) => `${locationName}: ${itemPriceName} ${finalPrice}`);

const many: ManyPrices = { locations: { kind: 'all' }, items: { kind: 'all' }, price: { kind: 'keep' }, taxRate: { kind: 'keep' } };

describe('the prices of locations', () => {
  it('are there for every location and item, in their order, and none is stored', async () => {
    const { laptop } = await priceList();
    expect(shown(laptop)).toEqual([
      'Annex: Breath test 20.00',
      'Annex: Drug screen 45.00',
      'Annex: Visit 80.00',
      'North Depot: Breath test 20.00',
      'North Depot: Drug screen 45.00',
      'North Depot: Visit 80.00',
      'South Depot: Breath test 20.00',
      'South Depot: Drug screen 45.00',
      'South Depot: Visit 80.00',
    ]);
    expect(laptop.book.counts('locationItemPrices')).toEqual({ live: 0, deleted: 0 });
  });

  it('look the same whether a part of them is stored or not', async () => {
    const { laptop, south, annex, screen } = await priceList();
    const before = laptop.locationPrices.get(south, screen);
    expect(before).toMatchObject({
      id: locationItemPriceId(south, screen),
      customPrice: null,
      customTaxRate: null,
      finalPrice: '45.00',
      finalTaxRate: '0.0775',
      createdAt: laptop.itemPrices.get(screen).createdAt,
      updatedAt: laptop.itemPrices.get(screen).createdAt,
    });
    expect(laptop.locationPrices.get(annex, screen).createdAt).toBe(laptop.locations.get(annex).createdAt);
    const { price } = await laptop.locationPrices.set(south, screen, { customPrice: '50.00' });
    expect(Object.keys(price).toSorted()).toEqual(Object.keys(before).toSorted());
    expect(price).toMatchObject({ id: before.id, createdAt: before.createdAt, finalPrice: '50.00', finalTaxRate: '0.0775' });
    expect(price.updatedAt > before.updatedAt).toBe(true);
    expect(ask(laptop, { locationId: south }).rows[1]).toEqual(price);
    const { price: after } = await laptop.locationPrices.clear(south, screen);
    expect({ ...after, updatedAt: before.updatedAt, updatedBy: before.updatedBy }).toEqual(before);
  });

  it('are listed by location, by item, by what the item begins with, and page by page', async () => {
    const { laptop, north, breath, screen, visit, annex } = await priceList();
    expect(shown(laptop, { locationId: north, search: 'd' })).toEqual(['North Depot: Drug screen 45.00', 'North Depot: Visit 80.00']);
    expect(shown(laptop, { itemPriceId: breath })).toEqual([
      'Annex: Breath test 20.00',
      'North Depot: Breath test 20.00',
      'South Depot: Breath test 20.00',
    ]);
    expect(shown(laptop, { locationId: annex, itemPriceId: visit })).toEqual(['Annex: Visit 80.00']);
    expect(ask(laptop, { search: 'nothing of the kind' })).toEqual({ rows: [], total: 0 });
    const pages = [0, 4, 8, 12].map((offset) => ask(laptop, { offset, limit: 4 }));
    expect(pages.map(({ total }) => total)).toEqual([9, 9, 9, 9]);
    expect(pages.flatMap(({ rows }) => rows)).toEqual(ask(laptop).rows);
    await laptop.locationPrices.set(north, visit, { customTaxRate: '0' });
    await laptop.locationPrices.set(annex, screen, { customPrice: '0.00' });
    expect(shown(laptop, { ownOnly: true })).toEqual(['Annex: Drug screen 0.00', 'North Depot: Visit 80.00']);
    expect(shown(laptop, { ownOnly: true, offset: 1 })).toEqual(['North Depot: Visit 80.00']);
    expect(shown(laptop, { ownOnly: true, itemPriceId: screen })).toEqual(['Annex: Drug screen 0.00']);
    expect(laptop.locationPrices.count({ locationId: null, itemPriceId: null, ownOnly: false, search: '' })).toEqual({ total: 9, own: 2 });
    expect(laptop.locationPrices.count({ locationId: north, itemPriceId: null, ownOnly: true, search: '' })).toEqual({ total: 1, own: 1 });
    await laptop.locationPrices.clear(north, visit);
    expect(shown(laptop, { ownOnly: true })).toEqual(['Annex: Drug screen 0.00']);
  });

  it('follow a renamed location, a new default and another item at once', async () => {
    const { laptop, south, screen } = await priceList();
    await laptop.locations.change(south, { name: 'Airport Depot' });
    await laptop.itemPrices.change(screen, { defaultPrice: '47.50' });
    expect(shown(laptop, { search: 'drug' })).toEqual([
      'Airport Depot: Drug screen 47.50',
      'Annex: Drug screen 47.50',
      'North Depot: Drug screen 47.50',
    ]);
  });

  it('are undone, done again, told in the history, and there after a restart', async () => {
    const { laptop, south, screen } = await priceList();
    await laptop.locationPrices.set(south, screen, { customPrice: '50.00', customTaxRate: '0.08' });
    await laptop.locationPrices.set(south, screen, { customPrice: '55.00' });
    await laptop.history.undo(null);
    expect(laptop.locationPrices.get(south, screen)).toMatchObject({ finalPrice: '50.00', finalTaxRate: '0.08' });
    await laptop.history.undo(null);
    expect(laptop.locationPrices.get(south, screen)).toMatchObject({ finalPrice: '45.00', customTaxRate: null });
    await laptop.locationPrices.set(south, screen, { customPrice: '51.00' });
    expect(laptop.locationPrices.get(south, screen)).toMatchObject({ finalPrice: '51.00', customTaxRate: null });
    await laptop.history.undo(null);
    await laptop.history.redo();
    expect(laptop.locationPrices.get(south, screen).finalPrice).toBe('51.00');
    const { entries } = await laptop.history.ofRecord('locationItemPrices', locationItemPriceId(south, screen), 10);
    expect(entries.at(-1)).toMatchObject({ command: 'locationPrices.set', created: true });
    const content = contentOf(laptop.book);
    const again = await laptop.reopen();
    expect(contentOf(again.book)).toEqual(content);
    expect(again.locationPrices.get(south, screen).finalPrice).toBe('51.00');
  });

  it('are the same record when they are set twice, and nothing when nothing is said', async () => {
    const { laptop, south, screen } = await priceList();
    expect(await laptop.locationPrices.set(south, screen, { customPrice: null })).toMatchObject({ operationId: null });
    expect(await laptop.locationPrices.clear(south, screen)).toMatchObject({ operationId: null });
    await laptop.locationPrices.set(south, screen, { customPrice: '50.00' });
    expect(await laptop.locationPrices.set(south, screen, { customPrice: '50.00' })).toMatchObject({ operationId: null });
    const { record } = await laptop.locationItemPrices.create({ locationId: south, itemPriceId: screen, customTaxRate: '0.08' });
    expect(record).toMatchObject({ id: locationItemPriceId(south, screen), customPrice: '50.00', finalTaxRate: '0.08' });
    expect(laptop.book.counts('locationItemPrices').live).toBe(1);
  });

  it('are set for many locations as one step, or for none', async () => {
    const { laptop, south, north, annex, visit } = await priceList();
    const seq = laptop.book.snapshot().seq;
    const to70 = (...ids: string[]): ManyPrices => ({
      ...many,
      locations: { kind: 'chosen', ids },
      items: { kind: 'chosen', ids: [visit] },
      price: { kind: 'set', value: '70.00' },
    });
    expect(await problemOf(laptop.locationPrices.setMany(to70(south, 'nobody', annex)))).toMatchObject({ code: 'LOCATION_NOT_FOUND' });
    expect(laptop.book.snapshot().seq).toBe(seq);
    expect(await laptop.locationPrices.setMany(to70(south, north, annex, south))).toMatchObject({ changed: 3 });
    expect(shown(laptop, { ownOnly: true })).toHaveLength(3);
    expect(laptop.book.snapshot().seq).toBe(seq + 1);
    await laptop.history.undo(null);
    expect(shown(laptop, { ownOnly: true })).toEqual([]);
  });

  it('are meant by client, by filter, all together or one by one, and the preview says what becomes of each', async () => {
    const { laptop, bakery, north, screen, breath } = await priceList();
    await laptop.locationPrices.set(north, breath, { customPrice: '18.00' });
    const preview = (asked: Partial<ManyPrices>, offset = 0, limit = 100) =>
      laptop.locationPrices.previewMany({ ...many, ...asked }, offset, limit);
    const told = ({ rows }: ReturnType<typeof preview>) =>
      rows.map(({ locationName, itemCode, priceBefore, priceAfter }) => `${locationName} ${itemCode} ${priceBefore} to ${priceAfter}`);

    const raised = preview({ locations: { kind: 'ofClient', clientId: bakery.id }, price: { kind: 'percent', value: '2.5' } });
    expect(raised).toMatchObject({ locations: 2, items: 3, changed: 6 });
    expect(told(raised)).toEqual([
      'North Depot BT010 18.00 to 18.45',
      'North Depot DS001 45.00 to 46.13',
      'North Depot DX1 80.00 to 82.00',
      'South Depot BT010 20.00 to 20.50',
      'South Depot DS001 45.00 to 46.13',
      'South Depot DX1 80.00 to 82.00',
    ]);
    expect(preview({ locations: { kind: 'ofClient', clientId: bakery.id }, price: { kind: 'percent', value: '2.5' } }, 4, 1).rows).toEqual(
      raised.rows.slice(4, 5),
    );
    const filtered: Partial<ManyPrices> = {
      locations: { kind: 'filtered', filters: [{ path: 'name', operator: 'contains', value: 'depot' }], search: '' },
      items: { kind: 'chosen', ids: [screen] },
      taxRate: { kind: 'set', value: '0.08' },
    };
    expect(preview(filtered).rows).toMatchObject([
      { locationName: 'North Depot', priceBefore: '45.00', priceAfter: '45.00', taxRateBefore: '0.0775', taxRateAfter: '0.08' },
      { locationName: 'South Depot', isOwnBefore: false, isOwnAfter: true },
    ]);
    expect(told(preview({ price: { kind: 'default' } }))).toEqual(['North Depot BT010 18.00 to 20.00']);
    expect(preview({})).toMatchObject({ locations: 3, items: 3, changed: 0, rows: [] });

    const before = shown(laptop);
    const { changed, operationId } = await laptop.locationPrices.setMany({
      ...many,
      ...filtered,
      price: { kind: 'percent', value: '-100' },
    });
    expect(changed).toBe(2);
    expect(shown(laptop, { ownOnly: true, search: 'drug' })).toEqual(['North Depot: Drug screen 0.00', 'South Depot: Drug screen 0.00']);
    await laptop.history.undo(operationId);
    expect(shown(laptop)).toEqual(before);
  });

  it('keep as many decimals as they have when they are raised, and are refused whole where one gets too long', async () => {
    const { laptop, north } = await priceList();
    const { record: thin } = await laptop.itemPrices.create({ invoiceItem: 'Litre', itemCode: 'L', defaultPrice: '0.0125' });
    const { record: wide } = await laptop.itemPrices.create({ invoiceItem: 'House', itemCode: 'H', defaultPrice: '9999999999999.00' });
    const raise = (ids: string[]): ManyPrices => ({
      ...many,
      locations: { kind: 'chosen', ids: [north] },
      items: { kind: 'chosen', ids },
      price: { kind: 'percent', value: '1' },
    });
    await laptop.locationPrices.setMany(raise([thin.id]));
    expect(laptop.locationPrices.get(north, thin.id).customPrice).toBe('0.0126');
    const refused = { code: 'PRICE_TOO_LARGE', field: 'price' };
    expect(await problemOf((async () => laptop.locationPrices.previewMany(raise([thin.id, wide.id]), 0, 10))())).toMatchObject(refused);
    expect(await problemOf(laptop.locationPrices.setMany(raise([thin.id, wide.id])))).toMatchObject(refused);
    expect(laptop.locationPrices.get(north, thin.id).customPrice).toBe('0.0126');
  });

  it('are raised by an amount, of what is paid now', async () => {
    const { laptop, south, north, screen } = await priceList();
    await laptop.locationPrices.set(south, screen, { customPrice: '50.00' });
    const asked: ManyPrices = {
      ...many,
      locations: { kind: 'chosen', ids: [south, north] },
      items: { kind: 'chosen', ids: [screen] },
      price: { kind: 'amount', value: '-0.125' },
    };
    await laptop.locationPrices.setMany(asked);
    expect(laptop.locationPrices.get(south, screen).finalPrice).toBe('49.875');
    expect(laptop.locationPrices.get(north, screen).finalPrice).toBe('44.875');
  });

  it('are set each by itself from a block; what is the default there is left to the item, and what is null stays', async () => {
    const { laptop, south, north, annex, screen, breath } = await priceList();
    await laptop.locationPrices.set(south, screen, { customPrice: '50.00' });
    await laptop.locationPrices.set(north, breath, { customPrice: '19.00', customTaxRate: '0.05' });
    const asked: ManyPrices = {
      ...many,
      locations: { kind: 'chosen', ids: [north, south, annex] },
      items: { kind: 'chosen', ids: [breath, screen] },
      price: {
        kind: 'each',
        values: [
          ['20', null, '21.00'],
          ['45.00', '45.0', '44.00'],
        ],
      },
    };
    const { rows, changed } = laptop.locationPrices.previewMany(asked, 0, 10);
    expect(changed).toBe(4);
    expect(rows.map((row) => [row.locationName, row.itemCode, row.priceBefore, row.priceAfter, row.isOwnAfter])).toEqual([
      ['North Depot', 'BT010', '19.00', '20.00', true],
      ['South Depot', 'DS001', '50.00', '45.00', false],
      ['Annex', 'BT010', '20.00', '21.00', true],
      ['Annex', 'DS001', '45.00', '44.00', true],
    ]);
    expect(await laptop.locationPrices.setMany(asked)).toMatchObject({ changed: 4 });
    expect(laptop.locationPrices.get(north, breath)).toMatchObject({ customPrice: null, customTaxRate: '0.05' });
    expect(laptop.locationPrices.get(south, screen).customPrice).toBeNull();
    await laptop.history.undo(null);
    expect(laptop.locationPrices.get(south, screen).customPrice).toBe('50.00');
    // Which prices are meant by "all" is nowhere written down beside a block.
    const all = { ...asked, locations: { kind: 'all' as const } };
    expect(laptop.locationPrices.previewMany(all, 0, 10).changed).toBe(0);
  });

  it('are known from the own ones and the defaults of a block, with the currency that each location is invoiced in', async () => {
    const { laptop, bakery, south, annex, screen, breath, visit } = await priceList();
    await laptop.clients.change(bakery.id, { defaultCurrency: 'EUR' });
    await laptop.locationPrices.set(south, screen, { customPrice: '50.00' });
    await laptop.locationPrices.set(south, breath, { customTaxRate: '0' });
    await laptop.locationPrices.set(annex, visit, { customPrice: '0.00' });
    await laptop.locationPrices.set(annex, breath, { customPrice: '0.00' });
    await laptop.itemPrices.remove([breath]);
    expect(laptop.locationPrices.block([south, annex, 'nobody'], [visit, breath, screen, 'nothing'])).toEqual({
      own: [
        { locationId: south, itemPriceId: screen, customPrice: '50.00' },
        { locationId: annex, itemPriceId: visit, customPrice: '0.00' },
      ],
      defaults: { [visit]: '80.00', [screen]: '45.00' },
      currencies: { [south]: 'EUR', [annex]: 'USD' },
    });
  });

  it('are not set for more at once than one step can carry, and are counted all the same', async () => {
    const { laptop } = await priceList();
    await laptop.book.run('itemPrices.create', null, (tx) => {
      for (let at = 1; at <= 6_700; at += 1) tx.create('itemPrices', { invoiceItem: `Part ${at}`, itemCode: `P${at}` });
    });
    const asked: ManyPrices = { ...many, price: { kind: 'set', value: '9.00' } };
    expect(laptop.locationPrices.previewMany(asked, 0, 1)).toMatchObject({ locations: 3, items: 6703, changed: 20_109 });
    expect(await problemOf(laptop.locationPrices.setMany(asked))).toMatchObject({
      code: 'TOO_MANY_PRICES',
      message: expect.stringContaining('20,109 prices would change, and one step can change 20,000.'),
    });
    expect(laptop.book.counts('locationItemPrices').live).toBe(0);
  });

  it('go and come back with their location and their item, in whatever order', async () => {
    const { laptop, south, screen, visit, bakery } = await priceList();
    await laptop.locationPrices.set(south, screen, { customPrice: '50.00' });
    await laptop.locationPrices.set(south, visit, { customPrice: '70.00' });
    const all = shown(laptop);
    const later = () => laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
    await laptop.locations.remove([south]);
    expect(ask(laptop).total).toBe(6);
    expect(ask(laptop, { locationId: south })).toEqual({ rows: [], total: 0 });
    later();
    await laptop.itemPrices.remove([screen]);
    expect(ask(laptop).total).toBe(4);
    later();
    // The item is still away, so its own price waits for it; the other one is back with the location.
    expect(await laptop.locations.restore([south])).toMatchObject({ restored: 1 });
    expect(shown(laptop, { ownOnly: true })).toEqual(['South Depot: Visit 70.00']);
    later();
    await laptop.itemPrices.restore([screen]);
    expect(shown(laptop)).toEqual(all);
    await laptop.clients.remove([bakery.id]);
    expect(ask(laptop).total).toBe(3);
    await laptop.clients.restore([bakery.id]);
    expect(shown(laptop)).toEqual(all);
  });

  it('are refused where location or item is not there, or not any more', async () => {
    const { laptop, south, screen } = await priceList();
    expect(await problemOf(laptop.locationPrices.set('nobody', screen, { customPrice: '1' }))).toMatchObject({
      code: 'LOCATION_NOT_FOUND',
    });
    await laptop.itemPrices.remove([screen]);
    expect(await problemOf(laptop.locationPrices.set(south, screen, { customPrice: '1' }))).toMatchObject({ code: 'ITEM_PRICE_NOT_FOUND' });
    expect(await problemOf((async () => laptop.locationPrices.get(south, screen))())).toMatchObject({ code: 'ITEM_PRICE_NOT_FOUND' });
  });
});

describe('a step for thousands of prices', () => {
  it('lets everything else have its turn, which sees all of it or nothing, and whose commands come after it', async () => {
    const { laptop, bakery, screen } = await priceList();
    await laptop.book.run('locations.create', null, (tx) => {
      for (let at = 0; at < 2000; at += 1) tx.create('locations', { clientId: bakery.id, name: `Shop ${at}` });
    });
    const seen = new Set<number>();
    let turns = 0;
    let isPlanned = false;
    const look = () => {
      turns += 1;
      seen.add(laptop.locationPrices.count({ locationId: null, itemPriceId: screen, ownOnly: true, search: '' }).own);
      if (!isPlanned) setImmediate(look);
    };
    const step = laptop.locationPrices.setMany({ ...many, price: { kind: 'set', value: '9.50' } });
    setImmediate(look);
    const after = laptop.clients.change(bakery.id, { name: 'Bakery' });
    expect(await step).toMatchObject({ changed: 3 * 2003 });
    isPlanned = true;
    expect(await after).toMatchObject({ record: { name: 'Bakery' } });
    expect(turns).toBeGreaterThan(3);
    expect([...seen].filter((count) => count !== 0 && count !== 2003)).toEqual([]);
    await laptop.history.undo(null);
    await laptop.history.undo(null);
    expect(laptop.locationPrices.count({ locationId: null, itemPriceId: null, ownOnly: true, search: '' }).own).toBe(0);
  });
});

describe('item codes', () => {
  it('are unique whatever their case, also when an item comes back', async () => {
    const { laptop, screen } = await priceList();
    const taken = { code: 'ITEM_CODE_TAKEN', field: 'itemCode', details: { name: 'Drug screen' } };
    expect(await problemOf(laptop.itemPrices.create({ invoiceItem: 'Other', itemCode: ' ds001 ' }))).toMatchObject(taken);
    await laptop.itemPrices.remove([screen]);
    const { record: other } = await laptop.itemPrices.create({ invoiceItem: 'Other', itemCode: 'ds001' });
    const held = { code: 'ITEM_CODE_TAKEN', details: { id: other.id, name: 'Other' } };
    expect(await problemOf(laptop.itemPrices.restore([screen]))).toMatchObject(held);
    expect(laptop.itemPrices.get(screen).deletedAt).not.toBeNull();
    await laptop.itemPrices.change(other.id, { itemCode: 'OT1' });
    expect(await laptop.itemPrices.restore([screen])).toMatchObject({ restored: 1 });
    expect(await problemOf(laptop.itemPrices.change(other.id, { itemCode: 'DS001' }))).toMatchObject(taken);
  });
});
