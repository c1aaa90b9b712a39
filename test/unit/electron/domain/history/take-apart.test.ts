import { expect, it } from 'vitest';
import type { DuplicateNoun } from '../../../../../shared/contracts/duplicate.contract.ts';
import { type NounName, nounNames, plainReferences, parentsOf } from '../../../../../shared/nouns/nouns.ts';
import { locationItemPriceId } from '../../../../../shared/nouns/location-item-price/location-item-price.ts';
import { openLaptop, problemOf, type TestBook } from '../../../../support/opened-book.ts';
import { seeded } from '../../../../support/seeded.ts';

/**
 * Every merge of a chain can be taken apart at any time and in any order. FIELDBOOK_SEED and FIELDBOOK_RUNS repeat and
 * lengthen the random sequences.
 */
const sequences = Number(process.env['FIELDBOOK_RUNS'] ?? 40);
const stepsEach = 60;

const merging = (laptop: TestBook, noun: DuplicateNoun, ids: string[], choices: Record<string, string> = {}) =>
  laptop.merges.merge({ noun, ids, keepId: ids[0] ?? null, choices });

async function mergeOf(laptop: TestBook, noun: DuplicateNoun, id: string): Promise<string> {
  const merges = await laptop.merges.mergesOf(noun, id);
  return merges.find(({ records }) => records.some((record) => record.id === id))?.operationId ?? 'none';
}

const takeApart = async (laptop: TestBook, noun: DuplicateNoun, id: string) =>
  laptop.merges.takeApart(noun, id, await mergeOf(laptop, noun, id));

async function threeBakeries() {
  const laptop = await openLaptop();
  const client = async (fields: Record<string, unknown>) => (await laptop.clients.create(fields)).record.id;
  const [first, second, third] = [
    await client({ name: 'Harbor Bakery', phone: '555 0101', tags: ['first'], address: { line1: '1 Quay' } }),
    await client({ name: 'Harbour Bakery', notes: 'From the second', tags: ['second'] }),
    await client({ name: 'Harbor', tags: ['third'] }),
  ];
  const ada = (await laptop.contacts.create({ clientId: first, firstName: 'Ada', isPrimary: true })).record.id;
  const grace = (await laptop.contacts.create({ clientId: second, firstName: 'Grace', isPrimary: true })).record.id;
  const linus = (await laptop.contacts.create({ clientId: third, firstName: 'Linus', isPrimary: true })).record.id;
  return { laptop, first, second, third, ada, grace, linus };
}

it('takes the first merge of a chain apart and leaves the second', async () => {
  const { laptop, first, second, third, ada, grace, linus } = await threeBakeries();
  await merging(laptop, 'clients', [second, first]);
  await merging(laptop, 'clients', [third, second]);
  await laptop.clients.change(third, { website: 'https://harbor.example' });
  expect(laptop.clients.get(third)).toMatchObject({ phone: '555 0101', tags: ['third', 'second', 'first'], contactCount: 3 });
  const again = await laptop.reopen();
  expect(await again.merges.mergesOf('clients', first)).toMatchObject([
    { records: [{ id: second }], into: null },
    { records: [{ id: first }], into: { id: second, title: 'Harbour Bakery' } },
  ]);

  expect(await takeApart(again, 'clients', first)).toMatchObject({ ids: [first], kept: 0 });

  expect(again.clients.get(first)).toMatchObject({ id: first, phone: '555 0101', tags: ['first'], primaryContactId: ada });
  expect(again.clients.get(third)).toMatchObject({
    phone: null,
    address: { line1: null },
    notes: 'From the second',
    website: 'https://harbor.example',
    tags: ['third', 'second'],
    primaryContactId: linus,
  });
  expect(again.clients.get(second).id).toBe(third);
  expect(again.contacts.get(grace)).toMatchObject({ clientId: third, isPrimary: false });

  await takeApart(again, 'clients', second);
  expect(again.clients.get(second)).toMatchObject({ id: second, phone: null, notes: 'From the second', tags: ['second'] });
  expect(again.clients.get(third)).toMatchObject({ notes: null, tags: ['third'], contactCount: 1 });
  expect(again.contacts.get(grace)).toMatchObject({ clientId: second, isPrimary: true });
});

it('takes the older of two merges into one record apart, and the newer one gives back no value of it', async () => {
  const { laptop, first, second, third } = await threeBakeries();
  await laptop.clients.change(second, { phone: '555 0202' });
  await merging(laptop, 'clients', [third, first]);
  await merging(laptop, 'clients', [third, second], { phone: second });
  await takeApart(laptop, 'clients', first);
  expect(laptop.clients.get(third)).toMatchObject({ phone: '555 0202', tags: ['third', 'second'] });
  await takeApart(laptop, 'clients', second);
  expect(laptop.clients.get(third)).toMatchObject({ phone: null, tags: ['third'] });
  expect(laptop.clients.get(first)).toMatchObject({ phone: '555 0101' });
});

it('fills a field from a record that is still merged when the one that gave it goes', async () => {
  const { laptop, first, second, third } = await threeBakeries();
  await laptop.clients.change(second, { phone: '555 0202' });
  await merging(laptop, 'clients', [third, first]);
  await merging(laptop, 'clients', [third, second]);
  expect(laptop.clients.get(third).phone).toBe('555 0101');
  await takeApart(laptop, 'clients', first);
  expect(laptop.clients.get(third).phone).toBe('555 0202');
});

it('is one step to undo in the middle of a chain, and can be taken apart again after that', async () => {
  const { laptop, first, second, third, ada } = await threeBakeries();
  await merging(laptop, 'clients', [second, first]);
  await merging(laptop, 'clients', [third, second]);
  const before = laptop.clients.get(third);
  await takeApart(laptop, 'clients', first);
  await laptop.history.undo(null);
  expect(laptop.clients.get(third)).toMatchObject({ phone: before.phone, tags: before.tags, contactCount: 3 });
  await takeApart(laptop, 'clients', first);
  expect(laptop.contacts.get(ada).clientId).toBe(first);
  expect(laptop.clients.get(third)).toMatchObject({ phone: null, contactCount: 2 });
});

it('takes a step back out of the middle as well, when somebody names it', async () => {
  const { laptop, first, second, third, ada } = await threeBakeries();
  const { operationId } = await merging(laptop, 'clients', [second, first]);
  await merging(laptop, 'clients', [third, second]);
  expect(await laptop.history.undo(operationId)).toMatchObject({ kept: 0 });
  expect(laptop.clients.get(first)).toMatchObject({ id: first, primaryContactId: ada });
  expect(laptop.clients.get(third)).toMatchObject({ phone: null, tags: ['third', 'second'] });
});

it('keeps what was typed over a merged own price, and gives the other location its own back', async () => {
  const laptop = await openLaptop();
  const clientId = (await laptop.clients.create({ name: 'Harbor Bakery' })).record.id;
  const [shop, depot, mill] = (await Promise.all(
    ['Shop', 'Depot', 'Mill'].map(async (name) => (await laptop.locations.create({ clientId, name })).record.id),
  )) as [string, string, string];
  const bread = (await laptop.itemPrices.create({ invoiceItem: 'Bread', itemCode: 'B', defaultPrice: '4.00' })).record.id;
  const cake = (await laptop.itemPrices.create({ invoiceItem: 'Cake', itemCode: 'C', defaultPrice: '9.00' })).record.id;
  await laptop.locationPrices.set(shop, bread, { customPrice: '3.50' });
  await laptop.locationPrices.set(shop, cake, { customPrice: '8.00' });
  await merging(laptop, 'locations', [depot, shop]);
  await merging(laptop, 'locations', [mill, depot]);
  await laptop.locationPrices.set(mill, cake, { customPrice: '8.80' });

  await takeApart(laptop, 'locations', shop);

  const own = (locationId: string, itemPriceId: string) => ownPrice(laptop, locationId, itemPriceId);
  expect([own(shop, bread), own(shop, cake), own(mill, bread), own(mill, cake)]).toEqual(['3.50', '8.00', null, '8.80']);
  await takeApart(laptop, 'locations', depot);
  expect([own(depot, bread), own(depot, cake), own(mill, cake)]).toEqual([null, null, '8.80']);
});

it('says that a merge is taken apart already, and leaves a deleted record alone', async () => {
  const { laptop, first, second, third } = await threeBakeries();
  await merging(laptop, 'clients', [second, first]);
  const merge = await mergeOf(laptop, 'clients', first);
  await merging(laptop, 'clients', [third, second]);
  await laptop.clients.remove([third]);
  expect(await problemOf(laptop.merges.takeApart('clients', first, merge))).toMatchObject({ code: 'NOT_FOUND' });
  await laptop.clients.restore([third]);
  await laptop.merges.takeApart('clients', first, merge);
  expect(await problemOf(laptop.merges.takeApart('clients', third, merge))).toMatchObject({ code: 'NOT_MERGED' });
});

function ownPrice({ book }: TestBook, locationId: string, itemPriceId: string): string | null {
  const price = book.get('locationItemPrices', locationItemPriceId(locationId, itemPriceId));
  return price === undefined || price.deletedAt !== null ? null : price.customPrice;
}

// The model: what every record should say at any moment. Every value that is written is one of its own, so where a value
// stands tells where it came from.

type Value = string | null;

interface Layer {
  merge: string;
  aliases: string[];
  /** Per field: the number of the record whose value was taken, the one that stayed being 0; none where all were empty. */
  givers: Record<string, number>;
  dropped: string[];
  written: { field: string; set?: Value; add?: string[]; remove?: string[] }[];
}

interface Node {
  noun: DuplicateNoun;
  layers: Layer[];
  into: string | null;
}

interface State {
  nodes: Record<string, Node>;
  /** What names records: by place, the ids as people wrote them. */
  names: Record<string, string[]>;
}

const scalars: Record<DuplicateNoun, string[]> = {
  clients: ['phone', 'notes', 'email', 'custom.Route', 'address'],
  contacts: ['title', 'generalNote', 'custom.Badge'],
  locations: ['fax', 'notes'],
};
const priced = ['price.0', 'price.1'];

function fieldsIn(noun: DuplicateNoun): string[] {
  return noun === 'locations' ? [...scalars[noun], ...priced] : scalars[noun];
}

class Model {
  state: State = { nodes: {}, names: {} };

  root(id: string): string {
    const { into } = this.node(id);
    return into === null ? id : this.root(into);
  }
  node(id: string): Node {
    return this.state.nodes[id] as Node;
  }
  live(noun: DuplicateNoun): string[] {
    return Object.keys(this.state.nodes).filter((id) => this.node(id).noun === noun && this.node(id).into === null);
  }
  add(id: string, noun: DuplicateNoun): void {
    this.state.nodes[id] = { noun, layers: [layer('', [])], into: null };
  }
  write(id: string, written: Layer['written'][number]): void {
    (this.node(this.root(id)).layers.at(-1) as Layer).written.push(written);
  }
  value(id: string, field: string): Value {
    let value = null as Value;
    for (const { aliases, givers, written } of this.node(id).layers) {
      const met: Value[] = [value, ...aliases.map((one) => this.value(one, field))];
      const giver = givers[field];
      value = (giver === undefined ? undefined : met[giver]) ?? met.find((one) => one !== null) ?? null;
      for (const one of written) if (one.field === field && one.set !== undefined) value = one.set;
    }
    return value;
  }
  list(id: string, field: string): string[] {
    let list: string[] = [];
    for (const { aliases, dropped, written } of this.node(id).layers) {
      list = [...new Set([list, ...aliases.map((one) => this.list(one, field))].flat())].filter((entry) => !dropped.includes(entry));
      for (const { field: of, add = [], remove = [] } of written) {
        if (of === field) list = [...list.filter((entry) => !remove.includes(entry)), ...add];
      }
    }
    return list;
  }
  merge(operationId: string, [keep = '', ...gone]: string[], choices: Record<string, string>): void {
    const { noun } = this.node(keep);
    const next = layer(operationId, gone);
    const order = [keep, ...gone];
    for (const field of fieldsIn(noun)) {
      const met = order.map((id) => this.value(id, field));
      const chosen = choices[field] === undefined ? -1 : order.indexOf(choices[field]);
      const giver = chosen >= 0 ? chosen : met.findIndex((one) => one !== null);
      if (giver >= 0) next.givers[field] = giver;
    }
    const tags = choices['tags'];
    if (tags !== undefined) {
      next.dropped = order.flatMap((id) => this.list(id, 'tags')).filter((entry) => !this.list(tags, 'tags').includes(entry));
    }
    this.node(keep).layers.push(next);
    for (const id of gone) this.node(id).into = keep;
  }
  takeApart(operationId: string): void {
    for (const node of Object.values(this.state.nodes)) {
      const at = node.layers.findIndex(({ merge }) => merge === operationId);
      if (at < 0) continue;
      const [taken] = node.layers.splice(at, 1) as [Layer];
      (node.layers[at - 1] as Layer).written.push(...taken.written);
      for (const id of taken.aliases) this.node(id).into = null;
    }
  }
  named(place: string): string[] {
    return [...new Set((this.state.names[place] ?? []).map((id) => this.root(id)))];
  }
}

function layer(merge: string, aliases: string[]): Layer {
  return { merge, aliases, givers: {}, dropped: [], written: [] };
}

/** What the book says of the records and of what names them, in the model's words. */
function expectAsModelled(laptop: TestBook, model: Model, items: string[], what: string): void {
  for (const [id, { noun, into }] of Object.entries(model.state.nodes)) {
    const record = laptop.book.get(noun, id);
    expect({ into: record?.mergedInto, isDeleted: record?.deletedAt !== null }, `${what}: ${id}`).toEqual({
      into,
      isDeleted: into !== null,
    });
    const said: Record<string, unknown> = {};
    const meant: Record<string, unknown> = {};
    for (const field of fieldsIn(noun)) {
      meant[field] = model.value(id, field);
      said[field] = field.startsWith('price.')
        ? into === null
          ? ownPrice(laptop, id, items[Number(field.at(-1))] ?? '')
          : meant[field]
        : valueOf(record, field);
    }
    if (noun !== 'locations') {
      meant['tags'] = model.list(id, 'tags').toSorted();
      said['tags'] = [...((record as { tags?: string[] } | undefined)?.tags ?? [])].toSorted();
    }
    expect(said, `${what}: ${noun} ${id}`).toEqual(meant);
  }
  for (const place of Object.keys(model.state.names)) {
    const [noun, id, field] = place.split(' ') as [NounName, string, string];
    const value = (laptop.book.get(noun, id) as unknown as Record<string, unknown> | undefined)?.[field];
    expect(new Set(Array.isArray(value) ? value : [value]), `${what}: ${place}`).toEqual(new Set(model.named(place)));
  }
}

function valueOf(record: object | undefined, field: string): unknown {
  if (field === 'address') return (record as { address: { line1: string | null } }).address.line1;
  const [top = '', part] = field.split('.');
  const value = (record as Record<string, unknown>)[top];
  return part === undefined ? value : ((value as Record<string, unknown>)[part] ?? null);
}

/** Whatever names a record names one that stands for something. */
function expectSoundNames({ book }: TestBook, what: string): void {
  for (const noun of nounNames) {
    for (const record of book.all(noun)) {
      if (record.mergedInto !== null) expect(book.get(noun, record.mergedInto), `${what}: ${noun} ${record.id}`).toBeDefined();
      if (record.deletedAt !== null) continue;
      for (const { of, id } of [...parentsOf(noun, record), ...plainReferences(noun, record)]) {
        expect(of === null ? null : book.get(of, id)?.deletedAt, `${what}: ${noun} ${record.id} names ${of} ${id}`).toBeNull();
      }
    }
  }
}

it(
  `takes ${sequences} × ${stepsEach} random merges, edits and moves apart in any order, and every record is what it was by itself`,
  async () => {
    const random = seeded('taking apart');
    const done: Record<string, number> = {};
    let texts = 0;
    const text = () => `v${(texts += 1)}`;
    const some = <T>(list: readonly T[]): T | undefined => list[random.below(list.length)];

    for (let sequence = 0; sequence < sequences; sequence += 1) {
      let laptop = await openLaptop();
      const model = new Model();
      const nouns = ['clients', 'contacts', 'locations'] as const;
      const items: string[] = [];
      for (const itemCode of ['B', 'C'])
        items.push((await laptop.itemPrices.create({ invoiceItem: itemCode, itemCode, defaultPrice: '4.00' })).record.id);
      for (let at = 0; at < 6; at += 1) {
        const { id } = (await laptop.clients.create({ name: `Bakery ${at}` })).record;
        model.add(id, 'clients');
      }
      const clients = model.live('clients');
      for (let at = 0; at < 6; at += 1) {
        const clientId = some(clients) ?? '';
        const contact = (await laptop.contacts.create({ clientId, firstName: `Ada ${at}` })).record.id;
        model.add(contact, 'contacts');
        model.state.names[`contacts ${contact} clientId`] = [clientId];
        const location = (await laptop.locations.create({ clientId, name: `Shop ${at}` })).record.id;
        model.add(location, 'locations');
        model.state.names[`locations ${location} clientId`] = [clientId];
      }
      const opportunities: string[] = [];
      const visited = new Map<string, Set<string>>();
      for (let at = 0; at < 4; at += 1) {
        const [clientId, contactIds] = [
          some(clients) ?? '',
          [...new Set([some(model.live('contacts')) ?? '', some(model.live('contacts')) ?? ''])],
        ];
        const { id } = (await laptop.opportunities.create({ clientId, name: 'Ovens', contactIds })).record;
        opportunities.push(id);
        model.state.names[`opportunities ${id} clientId`] = [clientId];
        model.state.names[`opportunities ${id} contactIds`] = contactIds;
        const [noun, about] = ((of) => [of, some(model.live(of)) ?? ''] as const)(random.pick(nouns));
        const comment = (await laptop.activities.create({ kind: 'comment', body: 'Hello', about: noun, aboutId: about })).record.id;
        model.state.names[`activities ${comment} aboutId`] = [about];
        const [locationId, contactId] = [some(model.live('locations')) ?? '', some(model.live('contacts')) ?? ''];
        const role = (await laptop.locationContacts.create({ locationId, contactId })).record.id;
        model.state.names[`locationContacts ${role} locationId`] = [locationId];
        model.state.names[`locationContacts ${role} contactId`] = [contactId];
      }
      const behind: State[] = [];
      let ahead: State[] = [];
      /** One step of a person: what it was is remembered for undo. */
      const step = async (
        name: string,
        work: () => Promise<{ operationId: string | null } | undefined>,
        meant: (operationId: string) => void,
      ) => {
        const before = structuredClone(model.state);
        const answer = await work();
        if (answer === undefined || answer.operationId === null) return;
        done[name] = (done[name] ?? 0) + 1;
        meant(answer.operationId);
        behind.push(before);
        ahead = [];
      };
      const anyId = (noun: DuplicateNoun) => some(Object.keys(model.state.nodes).filter((id) => model.node(id).noun === noun)) ?? '';
      const mayGo = (place: string, id: string) => {
        const seen = visited.get(place) ?? new Set();
        visited.set(place, seen);
        for (const one of model.state.names[place] ?? [])
          for (const other of Object.keys(model.state.nodes)) if (model.root(other) === model.root(one)) seen.add(other);
        return !seen.has(id);
      };

      const deeds: Record<string, () => Promise<void>> = {
        write: async () => {
          const noun = random.pick(nouns);
          const [id, field, value] = [anyId(noun), some(scalars[noun]) ?? '', random.below(6) === 0 ? null : text()];
          if (value === null && field.startsWith('custom')) return;
          const [top = '', part] = field === 'address' ? ['address', 'line1'] : field.split('.');
          const set = value !== null && field === 'email' ? `${value}@b.example` : value;
          await step(
            'write',
            () => laptop[noun].change(id, { [top]: part === undefined ? set : { [part]: set } }),
            () => model.write(id, { field, set }),
          );
        },
        tag: async () => {
          const noun = random.pick(['clients', 'contacts'] as const);
          const root = model.root(anyId(noun));
          const now = model.list(root, 'tags');
          const [add, remove] = [random.below(3) > 0 ? [text()] : [], random.below(2) > 0 ? now.slice(0, 1) : []];
          const kept = (laptop.book.get(noun, root) as { tags: string[] }).tags.filter((tag) => !remove.includes(tag));
          await step(
            'tag',
            () => laptop[noun].change(root, { tags: [...kept, ...add] }),
            () => model.write(root, { field: 'tags', add, remove }),
          );
        },
        price: async () => {
          const [id, item] = [model.root(anyId('locations')), random.below(2)];
          const itemPriceId = items[item] ?? '';
          const customPrice = `${(texts += 1)}.50`;
          if (random.below(4) > 0) {
            await step(
              'price',
              () => laptop.locationPrices.set(id, itemPriceId, { customPrice }),
              () => model.write(id, { field: `price.${item}`, set: customPrice }),
            );
          } else
            await step(
              'clear',
              () => laptop.locationPrices.clear(id, itemPriceId),
              () => model.write(id, { field: `price.${item}`, set: null }),
            );
        },
        move: async () => {
          const [noun, id] = random.pick([
            ['contacts', anyId('contacts')],
            ['opportunities', some(opportunities) ?? ''],
          ] as const);
          const root = noun === 'contacts' ? model.root(id) : id;
          const [place, clientId] = [`${noun} ${root} clientId`, some(model.live('clients')) ?? ''];
          if (!mayGo(place, clientId)) return;
          await step(
            'move',
            () => laptop[noun].change(root, { clientId }),
            () => (model.state.names[place] = [clientId]),
          );
        },
        people: async () => {
          const id = some(opportunities) ?? '';
          const place = `opportunities ${id} contactIds`;
          const now = model.named(place);
          const [gone, come] = [random.below(2) === 0 ? some(now) : undefined, some(model.live('contacts')) ?? ''];
          const isNew = mayGo(place, come);
          const contactIds = [...now.filter((one) => one !== gone), ...(isNew ? [come] : [])];
          await step(
            'people',
            () => laptop.opportunities.change(id, { contactIds }),
            () => {
              const stay = (model.state.names[place] ?? []).filter((one) => model.root(one) !== gone);
              model.state.names[place] = [...stay, ...(isNew ? [come] : [])];
            },
          );
        },
        merge: async () => {
          const noun = random.pick(nouns);
          const ids = [
            ...new Set([some(model.live(noun)), some(model.live(noun)), ...(random.below(3) === 0 ? [some(model.live(noun))] : [])]),
          ] as string[];
          if (ids.length < 2) return;
          const choices: Record<string, string> = {};
          for (const field of [...scalars[noun], ...(noun === 'locations' ? [] : ['tags'])]) {
            const chosen = some(ids) ?? '';
            if (!field.startsWith('custom') && random.below(4) === 0 && (field === 'tags' || model.value(chosen, field) !== null))
              choices[field] = chosen;
          }
          await step(
            `merge ${noun}`,
            () => merging(laptop, noun, ids, choices),
            (operationId) => model.merge(operationId, ids, choices),
          );
        },
        takeApart: async () => {
          const noun = random.pick(nouns);
          const gone = Object.keys(model.state.nodes).filter((id) => model.node(id).noun === noun && model.node(id).into !== null);
          const id = some(gone);
          if (id === undefined) return;
          const operationId = await mergeOf(laptop, noun, id);
          const isInner = model.node(model.node(id).into ?? '').into !== null;
          await step(
            isInner ? 'take apart inside' : 'take apart',
            () => laptop.merges.takeApart(noun, id, operationId),
            () => {
              const { into } = model.node(id);
              const own = model.node(into ?? '').layers.find(({ aliases, merge }) => merge !== '' && aliases.includes(id));
              model.takeApart(own?.merge ?? '');
            },
          );
        },
        undo: async () => {
          const state = behind.pop();
          if (state === undefined) return;
          done['undo'] = (done['undo'] ?? 0) + 1;
          expect(await laptop.history.undo(null)).toMatchObject({ kept: 0 });
          ahead.push(model.state);
          model.state = state;
        },
        redo: async () => {
          const state = ahead.pop();
          if (state === undefined) return;
          done['redo'] = (done['redo'] ?? 0) + 1;
          expect(await laptop.history.redo()).toMatchObject({ kept: 0 });
          behind.push(model.state);
          model.state = state;
        },
      };
      const order = Object.entries({ write: 2, tag: 1, price: 2, move: 1, people: 1, merge: 5, takeApart: 3, undo: 1 });
      const acts = order.flatMap(([name, weight]) => Array.from({ length: weight }, () => name)) as [string, ...string[]];
      let act = '';
      for (let at = 0; at < stepsEach; at += 1) {
        act = (act === 'undo' || act === 'redo') && random.below(2) === 0 ? 'redo' : random.pick(acts);
        const what = `step ${at} (${act}) of sequence ${sequence}, seed ${random.seed}`;
        laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
        try {
          await deeds[act]?.();
        } catch (error) {
          throw new Error(`${what} failed`, { cause: error });
        }
        if (random.below(25) === 0) laptop = await laptop.reopen();
        expectAsModelled(laptop, model, items, what);
      }
      for (;;) {
        const id = some(Object.keys(model.state.nodes).filter((one) => model.node(one).into !== null));
        if (id === undefined) break;
        const { noun } = model.node(id);
        const what = `the end of sequence ${sequence}, seed ${random.seed}: ${id}`;
        await laptop.merges.takeApart(noun, id, await mergeOf(laptop, noun, id));
        model.takeApart(model.node(model.node(id).into ?? '').layers.find(({ aliases }) => aliases.includes(id))?.merge ?? '');
        expectAsModelled(laptop, model, items, what);
      }
      expectSoundNames(laptop, `sequence ${sequence}, seed ${random.seed}`);
    }
    process.stdout.write(`${JSON.stringify(done)}\n`);
    for (const act of [
      'write',
      'tag',
      'price',
      'clear',
      'move',
      'people',
      'merge clients',
      'merge contacts',
      'merge locations',
      'take apart inside',
      'take apart',
      'undo',
      'redo',
    ]) {
      expect(done[act] ?? 0, act).toBeGreaterThan(0);
    }
  },
  60_000 + sequences * 2_000,
);
