import { type Asked, json, type Reply, type Row, type StandIn } from './stand-in.ts';

export interface ProgramsHabits {
  /** Objects a page in `{count, next, previous, results}`; null: all at once. */
  pageSize: number | null;
  /** What deleting a client does to what hangs on it: it goes too, or the deletion is refused. */
  deletes: 'cascade' | 'refused';
}

const kinds = [
  'client',
  'client-contact',
  'program-location',
  'program-location-contact',
  'item-price',
  'program-location-item-price',
] as const;
type Kind = (typeof kinds)[number];

const fieldsOf: Record<Kind, string[]> = {
  client: ['name', 'is_active'],
  'client-contact': [
    'client',
    'first_name',
    'middle_name',
    'last_name',
    'title',
    'dob',
    'email',
    'work_phone',
    'mobile_phone',
    'general_note',
    'is_active',
    'user',
  ],
  'program-location': [
    'client',
    'program_name',
    ...['physical', 'mailing'].flatMap((one) =>
      ['address_1', 'address_2', 'address_3', 'city', 'state', 'zip'].map((part) => `${one}_${part}`),
    ),
    'primary_phone',
    'primary_email',
    'billing_email',
    'client_instructions',
    'invoice_instructions',
    'general_notes',
    'is_active',
  ],
  'program-location-contact': ['program_location', 'client_contact', 'title', 'start_date', 'end_date', 'is_active', 'is_program_contact'],
  'item-price': ['invoice_item', 'item_code', 'default_price', 'default_tax_rate'],
  'program-location-item-price': ['custom_price', 'custom_tax_rate'],
};
const required: Partial<Record<Kind, string[]>> = {
  client: ['name'],
  'program-location': ['client', 'program_name'],
  'program-location-contact': ['program_location', 'client_contact'],
  'item-price': ['invoice_item', 'item_code'],
};
const parents: Partial<Record<Kind, [field: string, kind: Kind][]>> = {
  'client-contact': [['client', 'client']],
  'program-location': [['client', 'client']],
  'program-location-contact': [
    ['program_location', 'program-location'],
    ['client_contact', 'client-contact'],
  ],
  'program-location-item-price': [
    ['location', 'program-location'],
    ['item', 'item-price'],
  ],
};

/** Programs on Django REST framework: slashes, padded decimals, lists whole or in pages, prices that come by themselves. */
export function programsStandIn(habits: Partial<ProgramsHabits> = {}): StandIn {
  const of: ProgramsHabits = { pageSize: null, deletes: 'cascade', ...habits };
  const tables = Object.fromEntries(kinds.map((kind) => [kind, new Map<number, Row>()])) as Record<Kind, Map<number, Row>>;
  let last = 10;
  const padded = (value: unknown, places: number) => (value === null || value === undefined ? null : Number(value).toFixed(places));

  function pick(kind: Kind, said: Row): Row {
    const row = Object.fromEntries(fieldsOf[kind].flatMap((key) => (Object.hasOwn(said, key) ? [[key, said[key]]] : [])));
    for (const key of ['default_price', 'custom_price']) if (Object.hasOwn(row, key)) row[key] = padded(row[key], 2);
    for (const key of ['default_tax_rate', 'custom_tax_rate']) if (Object.hasOwn(row, key)) row[key] = padded(row[key], 4);
    return row;
  }

  function make(kind: Kind, said: Row): Row {
    last += 1;
    const blank = Object.fromEntries(
      fieldsOf[kind].map((key) => [key, key === 'is_active' ? true : key === 'is_program_contact' ? false : null]),
    );
    const row = { id: last, ...blank, ...pick(kind, said) };
    tables[kind].set(last, row);
    if (kind === 'program-location') for (const [item] of tables['item-price']) price(row.id, item);
    if (kind === 'item-price') for (const [place] of tables['program-location']) price(place, row.id);
    return row;
  }

  function price(location: number, item: number): void {
    last += 1;
    tables['program-location-item-price'].set(last, { id: last, location, item, custom_price: null, custom_tax_rate: null });
  }

  const clientInfo = (id: unknown) => {
    const client = tables.client.get(Number(id));
    return client === undefined ? null : { id: client['id'], name: client['name'], is_active: client['is_active'] };
  };

  function shown(kind: Kind, row: Row): Row {
    if (kind === 'client-contact') {
      const { client, user, ...rest } = row;
      const programs = [...tables['program-location-contact'].values()]
        .filter((role) => role['client_contact'] === row['id'])
        .map(({ id, program_location, title, start_date, end_date, is_active }) => ({
          id,
          program: { id: program_location, name: tables['program-location'].get(Number(program_location))?.['program_name'] ?? '' },
          title,
          start_date,
          end_date,
          is_active,
        }));
      return { ...rest, client_info: clientInfo(client), user_info: user === null ? null : { id: user, username: 'x' }, programs };
    }
    if (kind === 'program-location') {
      const { client, ...rest } = row;
      return { ...rest, client_info: clientInfo(client) };
    }
    if (kind === 'program-location-item-price') {
      const item = tables['item-price'].get(Number(row['item'])) as Row;
      const { id, custom_price, custom_tax_rate } = row;
      return {
        id,
        item_price: item,
        custom_price,
        custom_tax_rate,
        final_price: custom_price ?? item['default_price'],
        final_tax_rate: custom_tax_rate ?? item['default_tax_rate'],
      };
    }
    return row;
  }

  function remove(kind: Kind, id: number): boolean {
    const hanging = kinds.flatMap((child) =>
      (parents[child] ?? []).flatMap(([field, parent]) =>
        parent !== kind
          ? []
          : [...tables[child].values()].filter((row) => row[field] === id).map((row) => [child, Number(row['id'])] as const),
      ),
    );
    const counts = hanging.filter(([child]) => child !== 'program-location-item-price').length;
    if (counts > 0 && of.deletes === 'refused') return false;
    for (const [child, one] of hanging) remove(child, one);
    tables[kind].delete(id);
    return true;
  }

  function problems(kind: Kind, said: Row, isNew: boolean): Row | null {
    const wrong: Row = {};
    for (const key of required[kind] ?? [])
      if (isNew && (said[key] === undefined || said[key] === null || said[key] === '')) wrong[key] = ['This field is required.'];
    for (const [field, parent] of parents[kind] ?? [])
      if (said[field] !== undefined && said[field] !== null && !tables[parent].has(Number(said[field])))
        wrong[field] = [`Invalid pk "${String(said[field])}" - object does not exist.`];
    return Object.keys(wrong).length > 0 ? wrong : null;
  }

  function answer({ method, path, query, headers, body }: Asked): Reply {
    if (!/^(Bearer token|Basic )/.test(headers['authorization'] ?? ''))
      return json(401, { detail: 'Authentication credentials were not provided.' });
    if (!path.endsWith('/')) return { status: 301, headers: { location: `${path}/` } };
    const [name = '', id] = path.split('/').filter(Boolean);
    if (!kinds.includes(name as Kind)) return json(404, '<h1>Not Found</h1>');
    const kind = name as Kind;
    const said = (body ?? {}) as Row;
    if (id === undefined && method === 'GET') {
      if (kind === 'program-location-contact') return json(405, { detail: 'Method "GET" not allowed.' });
      const place = query['program_location_id'];
      const isIn = (row: Row) => place === undefined || kind !== 'program-location-item-price' || row['location'] === Number(place);
      const all = [...tables[kind].values()].filter(isIn).map((row) => shown(kind, row));
      if (of.pageSize === null) return json(200, all);
      const page = Number(query['page'] ?? 1);
      const params = new URLSearchParams({ ...query, page: String(page + 1) }).toString();
      const next = page * of.pageSize < all.length ? `http://inner.example/${kind}/?${params}` : null;
      return json(200, { count: all.length, next, previous: null, results: all.slice((page - 1) * of.pageSize, page * of.pageSize) });
    }
    if (id === undefined && method === 'POST') {
      if (kind === 'program-location-item-price') return json(405, { detail: 'Method "POST" not allowed.' });
      const wrong = problems(kind, said, true);
      return wrong === null ? json(201, shown(kind, make(kind, said))) : json(400, wrong);
    }
    const row = tables[kind].get(Number(id));
    if (row === undefined) return json(404, { detail: 'Not found.' });
    if (method === 'GET') return json(200, shown(kind, row));
    if (method === 'DELETE')
      return remove(kind, Number(id)) ? { status: 204 } : json(400, { detail: 'Cannot delete: other objects hang on it.' });
    const wrong = problems(kind, said, method === 'PUT');
    if (wrong !== null) return json(400, wrong);
    const next = { ...row, ...pick(kind, said) };
    tables[kind].set(Number(id), next);
    return json(200, shown(kind, next));
  }

  return {
    rows: (kind) => [...tables[kind as Kind].values()],
    add: (kind, fields) => String(make(kind as Kind, fields)['id']),
    edit: (kind, id, fields) => void tables[kind as Kind].set(Number(id), { ...(tables[kind as Kind].get(Number(id)) as Row), ...fields }),
    remove: (kind, id) => void remove(kind as Kind, Number(id)),
    empty: () => kinds.forEach((kind) => tables[kind].clear()),
    answer,
  };
}
