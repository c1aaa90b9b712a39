import { describe, expect, it } from 'vitest';
import type { FieldFilter, FilterGroup, FilterNode } from '../../../../../shared/contracts/list.ts';
import { filterGroupSchema, isGroup, listRequestSchema, mostConditions } from '../../../../../shared/contracts/list.ts';
import { dayAfter } from '../../../../../shared/lib/clock.ts';
import { openLaptop, problemOf, request, type TestBook } from '../../../../support/opened-book.ts';
import { type Seeded, seeded } from '../../../../support/seeded.ts';

const names = async (laptop: TestBook, where: FilterGroup | null, filters: FieldFilter[] = []) =>
  (await laptop.clients.list(request({ where, filters }))).rows.map(({ name }) => name);
const all = (...of: FilterNode[]): FilterGroup => ({ match: 'all', of });
const any = (...of: FilterNode[]): FilterGroup => ({ match: 'any', of });
const is = (path: string, operator: FieldFilter['operator'], value = ''): FieldFilter => ({ path, operator, value });

async function filled(at = '2026-03-04T09:00:00.000Z'): Promise<TestBook> {
  const laptop = await openLaptop({ at });
  await laptop.clients.create({ name: 'Adler', address: { city: 'Köln' }, annualRevenue: '900.50', nextFollowUpDate: '2026-03-03' });
  await laptop.clients.create({ name: 'Birch', address: { city: 'Denver' }, tags: ['vip'], nextFollowUpDate: '2026-03-08' });
  await laptop.clients.create({ name: 'Cedar', address: { city: 'Denver' }, annualRevenue: '12000' });
  await laptop.clients.create({ name: 'Dale', nextFollowUpDate: '2026-03-12' });
  return laptop;
}

describe('conditions joined by "all" and "any"', () => {
  it('are asked as they are nested', async () => {
    const laptop = await filled();
    const denver = is('address.city', 'is', 'denver');
    const dated = is('nextFollowUpDate', 'isNotEmpty');
    const rich = is('annualRevenue', 'atLeast', '1,000');
    expect(await names(laptop, any(denver, dated))).toEqual(['Adler', 'Birch', 'Cedar', 'Dale']);
    expect(await names(laptop, all(denver, dated))).toEqual(['Birch']);
    expect(await names(laptop, all(denver, any(rich, dated)))).toEqual(['Birch', 'Cedar']);
    expect(await names(laptop, any(rich, all(dated, is('address.city', 'isEmpty'))))).toEqual(['Cedar', 'Dale']);
    expect(await names(laptop, any(rich, dated), [denver])).toEqual(['Birch', 'Cedar']);
  });

  it('ask nothing where they are empty or half written, and "any of" a half written one and another means the other', async () => {
    const laptop = await filled();
    const blank = is('name', 'contains', ' ');
    for (const where of [null, all(), any(), any(all(), any()), any(blank), all(blank, any(blank))])
      expect(await names(laptop, where), JSON.stringify(where)).toHaveLength(4);
    expect(await names(laptop, any(blank, is('name', 'is', 'dale')))).toEqual(['Dale']);
  });

  it('refuse a field that the list does not have, wherever it stands, and one that is kept hidden', async () => {
    const laptop = await filled();
    const deep = any(is('name', 'is', 'x'), all(is('shoeSize', 'is', '43')));
    expect(await problemOf(names(laptop, deep))).toMatchObject({ code: 'INVALID_INPUT', field: 'where.0.path' });
    expect((await problemOf(names(laptop, any(is('banking.accountNumber', 'contains', '1'))))).message).toContain('is kept hidden');
  });

  it('are bounded in depth, in a group and altogether, before anything is searched', () => {
    const one = is('name', 'is', 'x');
    const many = (count: number) => Array.from({ length: count }, () => one);
    const takes = (where: unknown) => filterGroupSchema.safeParse(where).success;
    expect(takes(all(any(all(one))))).toBe(true);
    expect(takes(all(any(all(any(one)))))).toBe(false);
    expect(takes(all(...many(30)))).toBe(true);
    expect(takes(all(...many(31)))).toBe(false);
    expect(takes(all(any(...many(30)), any(...many(mostConditions - 30))))).toBe(true);
    expect(takes(all(any(...many(30)), any(...many(30)), one))).toBe(false);
    expect(takes({ match: 'none', of: [] })).toBe(false);
    expect(takes(all({ ...one, value: 'x'.repeat(1001) }))).toBe(false);
    expect(listRequestSchema.parse({}).where).toBeNull();
  });
});

describe('days that are counted from today', () => {
  it.each([
    ['past', ['Adler']],
    ['thisWeek', ['Adler', 'Birch']],
    ['nextWeek', ['Dale']],
    ['next 7', ['Birch']],
    ['next 8', ['Birch', 'Dale']],
    ['ahead 7', ['Dale']],
    ['ago 1', []],
    ['last 1', ['Adler']],
    ['yesterday', ['Adler']],
    ['thisYear', ['Adler', 'Birch', 'Dale']],
    ['soon', []],
  ])('"%s"', async (period, expected) => {
    expect(await names(await filled(), null, [is('nextFollowUpDate', 'within', period)])).toEqual(expected);
  });

  it('are other days when the day is another, without a change of the book', async () => {
    const laptop = await filled();
    const overdue = any(is('nextFollowUpDate', 'within', 'past'));
    expect(await names(laptop, overdue)).toEqual(['Adler']);
    laptop.clock.moveTo('2026-03-09T00:00:01.000Z');
    expect(await names(laptop, overdue)).toEqual(['Adler', 'Birch']);
  });

  it('take instants by the day of the person', async () => {
    const laptop = await filled('2026-03-04T09:00:00.000Z');
    laptop.clock.moveTo('2026-03-05T09:00:00.000Z');
    await laptop.clients.create({ name: 'Elm' });
    expect(await names(laptop, null, [is('createdAt', 'within', 'today')])).toEqual(['Elm']);
    expect(await names(laptop, null, [is('createdAt', 'within', 'yesterday')])).toEqual(['Adler', 'Birch', 'Cedar', 'Dale']);
    expect(await names(laptop, null, [is('name', 'within', 'today')])).toEqual([]);
  });
});

// --- against a plain filter over all records, written apart from the list's own ---------------------------------------------

interface Plain {
  name: string;
  city: string | null;
  revenue: string | null;
  next: string | null;
  isActive: boolean;
  tags: string[];
}

const bare = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const today = '2026-03-04';
const weekBegins = '2026-03-02';
const inPeriod: Record<string, (day: string) => boolean> = {
  past: (day) => day < today,
  future: (day) => day > today,
  today: (day) => day === today,
  thisWeek: (day) => day >= weekBegins && day <= dayAfter(weekBegins, 6),
  thisMonth: (day) => day.startsWith('2026-03'),
  'last 3': (day) => day <= today && day >= dayAfter(today, -3),
  'next 2': (day) => day >= today && day <= dayAfter(today, 2),
  'ago 3': (day) => day < dayAfter(today, -3),
  'ahead 2': (day) => day > dayAfter(today, 2),
};

function holds(client: Plain, { path, operator, value }: FieldFilter): boolean {
  const text = (held: string | null) => {
    if (operator === 'isEmpty') return held === null;
    if (operator === 'isNotEmpty') return held !== null;
    if (operator === 'isNot') return held === null || bare(held) !== bare(value);
    if (held === null) return false;
    if (operator === 'contains') return bare(held).includes(bare(value));
    return operator === 'startsWith' ? bare(held).startsWith(bare(value)) : bare(held) === bare(value);
  };
  switch (path) {
    case 'name':
      return text(client.name);
    case 'address.city':
      return text(client.city);
    case 'tags':
      return operator === 'isEmpty' ? client.tags.length === 0 : client.tags.some((tag) => bare(tag) === bare(value));
    case 'isActive':
      return String(client.isActive) === value;
    case 'annualRevenue': {
      if (operator === 'isEmpty') return client.revenue === null;
      if (client.revenue === null) return false;
      const [held, asked] = [Number(client.revenue), Number(value)];
      return operator === 'atLeast' ? held >= asked : operator === 'atMost' ? held <= asked : held === asked;
    }
    default: {
      if (operator === 'isEmpty') return client.next === null;
      if (client.next === null) return false;
      if (operator === 'within') return inPeriod[value]?.(client.next) === true;
      return operator === 'before' ? client.next < value : operator === 'after' ? client.next > value : client.next === value;
    }
  }
}

function holdsAll(client: Plain, node: FilterNode): boolean {
  if (!isGroup(node)) return holds(client, node);
  return node.match === 'all' ? node.of.every((one) => holdsAll(client, one)) : node.of.some((one) => holdsAll(client, one));
}

const words = ['Émile', 'emile', 'Zürich', 'ZURICH', 'Łódź', 'Depot 9', 'Depot 10', 'a'] as const;
const decimals = ['0', '0.00', '-5', '900.50', '900.5', '12000', '0.1'] as const;

function someDay(random: Seeded): string {
  return dayAfter(today, random.below(17) - 8);
}

function someClient(random: Seeded, number: number): Plain {
  return {
    name: `${random.pick(words)} ${number}`,
    city: random.oneIn(3) ? null : random.pick(words),
    revenue: random.oneIn(3) ? null : random.pick(decimals),
    next: random.oneIn(3) ? null : someDay(random),
    isActive: random.oneIn(2),
    tags: random.oneIn(2) ? [] : [random.pick(words)],
  };
}

function fieldsOf({ name, city, revenue, next, isActive, tags }: Plain) {
  return { name, address: { city }, annualRevenue: revenue, nextFollowUpDate: next, isActive, tags };
}

function someCondition(random: Seeded): FieldFilter {
  switch (random.below(6)) {
    case 0:
      return is('name', random.pick(['contains', 'startsWith', 'isNot']), random.pick(words));
    case 1:
      return is('address.city', random.pick(['contains', 'is', 'isNot', 'startsWith', 'isEmpty', 'isNotEmpty']), random.pick(words));
    case 2:
      return is('tags', random.pick(['is', 'isEmpty']), random.pick(words));
    case 3:
      return is('isActive', 'is', random.pick(['true', 'false']));
    case 4:
      return is('annualRevenue', random.pick(['is', 'atLeast', 'atMost', 'isEmpty']), random.pick(decimals));
    default:
      return random.oneIn(2)
        ? is('nextFollowUpDate', 'within', random.pick(Object.keys(inPeriod) as [string, ...string[]]))
        : is('nextFollowUpDate', random.pick(['is', 'before', 'after', 'isEmpty']), someDay(random));
  }
}

function someGroup(random: Seeded, depth: number): FilterGroup {
  const of = Array.from({ length: 1 + random.below(3) }, () =>
    depth > 1 && random.oneIn(2) ? someGroup(random, depth - 1) : someCondition(random),
  );
  return { match: random.pick(['all', 'any']), of };
}

it('any tree of conditions finds what a plain filter over all records finds, also while records come, change and go', async () => {
  const random = seeded('filter tree');
  const laptop = await openLaptop({ at: `${today}T09:00:00.000Z` });
  const clients = new Map<string, Plain>();
  const add = async () => {
    const client = someClient(random, clients.size);
    clients.set((await laptop.clients.create(fieldsOf(client))).record.id, client);
  };
  for (let count = 0; count < 60; count += 1) await add();
  for (let run = 0; run < 150; run += 1) {
    const where = random.oneIn(10) ? null : someGroup(random, 3);
    const filters = Array.from({ length: random.below(3) }, () => someCondition(random));
    const asks = all(...filters, where ?? all());
    const expected = () => [...clients].flatMap(([id, client]) => (holdsAll(client, asks) ? id : [])).toSorted();
    const found = async () => (await laptop.clients.ids(request({ where, filters }))).toSorted();
    const asked = JSON.stringify({ where, filters });
    expect(await found(), asked).toEqual(expected());
    // The list is kept and takes changes in one by one.
    const [id] = [...clients.keys()].slice(random.below(clients.size));
    const changed = someClient(random, run + 1000);
    if (id !== undefined && random.oneIn(3)) {
      await laptop.clients.remove([id]);
      clients.delete(id);
      await add();
    } else if (id !== undefined) {
      await laptop.clients.change(id, fieldsOf(changed));
      clients.set(id, changed);
    }
    expect(await found(), `${asked}, after a change`).toEqual(expected());
  }
});
