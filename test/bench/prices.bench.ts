import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { benchSize } from '../support/generated-book.ts';
import { writeGeneratedFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure, median } from './measure.ts';
import { openApp } from './opened-app.ts';
import { rawDexie } from './raw-dexie.ts';

/**
 * 12,000 locations × 40 items = 480,000 location prices, of which only own ones are stored: what a new item costs, and the
 * pages people look at. The peer stores the 12,000 rows that one item would need, in the same Chromium.
 */
const items = 40;

export async function run(): Promise<BenchTable> {
  const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-prices-'));
  try {
    const folder = join(home, 'book');
    await mkdir(folder);
    await writeGeneratedFolder(folder, benchSize);
    return await measured(folder, home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function measured(folder: string, home: string): Promise<BenchTable> {
  const opened = await openApp(folder, home);
  try {
    const memoryBefore = await opened.memory();
    const made = await opened.page.evaluate(makeItems, items);
    const memoryAfter = await opened.memory();
    const looked = await opened.page.evaluate(lookAround);
    if (looked.total !== benchSize.locations * items) throw new Error(`There are ${looked.total} prices`);
    const { locationIds, itemPriceId } = looked;
    const setMany = await opened.page.evaluate(setForMany, { locationIds, itemPriceId });
    const at = new Date().toISOString();
    const rows = locationIds.map((locationId) => ({
      id: locationItemPriceId(locationId, itemPriceId),
      locationId,
      itemPriceId,
      customPrice: null,
      customTaxRate: null,
      updatedAt: at,
    }));
    const raw = await rawDexie(opened.context, { locationItemPrices: rows });
    const worst = Math.max(...made);
    return {
      name: `prices: ${benchSize.locations} locations × ${items} items = ${looked.total} location prices`,
      rows: [
        figure('create one item at that size, median', median(made), 'ms', '', null),
        figure('create one item at that size, worst', worst, 'ms', '≤ 20000', worst <= 20_000),
        figure(`peer: raw Dexie storing the ${rows.length} rows of one item`, raw, 'ms', '', null),
        figure("first page of a location's prices, median", median(looked.byLocation), 'ms', '', null),
        figure("first page of an item's prices, median", median(looked.byItem), 'ms', '', null),
        figure('page in the middle of all prices, median', median(looked.middle), 'ms', '', null),
        figure(`own price at ${rows.length} locations as one operation`, setMany.ms, 'ms', '', null),
        figure("first page of an item's own prices after that", setMany.firstPage, 'ms', '', null),
        figure('undo of that', setMany.undo, 'ms', '', null),
        figure('memory of main before the items', memoryBefore, 'MiB', '', null),
        figure('memory of main with the items', memoryAfter, 'MiB', '', null),
        figure('memory of main after own prices everywhere and their undo', await opened.memory(), 'MiB', '', null),
      ],
    };
  } finally {
    await opened.close();
  }
}

async function makeItems(count: number): Promise<number[]> {
  const took: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const begun = performance.now();
    const answer = await window.crm.itemPrices.create({
      invoiceItem: `Item ${at}`,
      itemCode: `IT${at}`,
      defaultPrice: `${10 + at}.00`,
      defaultTaxRate: '0.0775',
    });
    if (!answer.ok) throw new Error(answer.error.code);
    took.push(performance.now() - begun);
  }
  return took;
}

async function lookAround() {
  const { crm } = window;
  const locationIds = await crm.locations.ids({});
  const itemIds = await crm.itemPrices.ids({});
  if (!locationIds.ok || !itemIds.ok) throw new Error('The ids could not be read');
  let total = 0;
  const timed = async (of: (round: number) => object) => {
    const took: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      const begun = performance.now();
      const answer = await crm.locationPrices.list({ limit: 100, ...of(round) });
      if (!answer.ok) throw new Error(answer.error.code);
      took.push(performance.now() - begun);
      total = Math.max(total, answer.value.total);
    }
    return took;
  };
  const { ids } = locationIds.value;
  return {
    byLocation: await timed((round) => ({ locationId: ids[round * 100] })),
    byItem: await timed((round) => ({ itemPriceId: itemIds.value.ids[round] })),
    middle: await timed((round) => ({ offset: 240_000 + round * 100 })),
    total,
    locationIds: ids,
    itemPriceId: itemIds.value.ids[7] as string,
  };
}

async function setForMany({ locationIds, itemPriceId }: { locationIds: string[]; itemPriceId: string }) {
  const { crm } = window;
  const timed = async (call: () => Promise<{ ok: boolean }>) => {
    const begun = performance.now();
    if (!(await call()).ok) throw new Error('refused');
    return performance.now() - begun;
  };
  return {
    ms: await timed(() =>
      crm.locationPrices.setMany({
        locations: { kind: 'chosen', ids: locationIds },
        items: { kind: 'chosen', ids: [itemPriceId] },
        price: { kind: 'set', value: '9.50' },
      }),
    ),
    firstPage: await timed(() => crm.locationPrices.list({ itemPriceId, ownOnly: true, limit: 100 })),
    undo: await timed(() => crm.history.undo({})),
  };
}
