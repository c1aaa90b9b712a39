import { type Asked, json, type Reply, type Row, serverClock, type StandIn } from './stand-in.ts';

export interface SkhokhoHabits {
  /** Clients a page in `{count, next, previous, results}`; null: all at once. */
  pageSize: number | null;
  /** Passes over the id that was sent. */
  ownIds: boolean;
  session: string | null;
  startMs: number;
}

const base = '/api/v1.0/organisation/org-1/clients/';

/** Skhokho as its document and Django REST framework have it. */
export function skhokhoStandIn(habits: Partial<SkhokhoHabits> = {}): StandIn {
  const of: SkhokhoHabits = { pageSize: null, ownIds: false, session: null, startMs: Date.parse('2026-03-01T00:00:00Z'), ...habits };
  const clock = serverClock(of.startMs);
  const clients = new Map<string, Row>();
  let last = 0;
  let days = 3;
  const offset = (iso: string) =>
    iso.replace('Z', '123+02:00').replace(/T(\d\d)/, (_, hour: string) => `T${String((Number(hour) + 2) % 24).padStart(2, '0')}`);
  const nobody = { unique_id: null, full_name: '' };
  const keys = [
    'name',
    'description',
    'entity_type',
    'lifecycle_stage',
    'industry',
    'website',
    'company_size',
    'annual_revenue',
    'default_currency',
    'first_contact_date',
    'last_contact_date',
    'next_follow_up_date',
  ];
  const parts = {
    address: ['address_line_1', 'address_line_2', 'city', 'province_state', 'postal_code', 'country', 'phone'],
    banking_information: ['bank_name', 'account_number', 'branch_code', 'account_type', 'routing_number', 'swift_code'],
  };

  function set(before: Row, said: Row): Row {
    const next: Row = { ...before };
    for (const key of keys) if (Object.hasOwn(said, key)) next[key] = said[key] ?? null;
    if (typeof next['annual_revenue'] === 'string' && next['annual_revenue'] !== '')
      next['annual_revenue'] = Number(next['annual_revenue']).toFixed(2);
    // A part of a nested object empties the rest.
    for (const [key, names] of Object.entries(parts)) {
      if (!Object.hasOwn(said, key)) continue;
      const part = said[key] as Row | null;
      next[key] = part === null ? null : Object.fromEntries(names.map((name) => [name, part[name] ?? null]));
    }
    return next;
  }

  function make(said: Row): Row {
    last += 1;
    const wanted = said['unique_id'];
    const id = typeof wanted === 'string' && !of.ownIds ? wanted : `own-${last}`;
    const at = offset(clock.tick());
    const blank = Object.fromEntries(keys.map((key) => [key, null]));
    const row = set(
      {
        unique_id: id,
        ...blank,
        entity_type: 'company',
        lifecycle_stage: 'prospect',
        default_currency: 'USD',
        address: null,
        banking_information: null,
        created_by: nobody,
        assigned_to: nobody,
        account_owner: nobody,
        primary_contact: null,
        date_created: at,
        last_updated: at,
      },
      said,
    );
    clients.set(id, row);
    return row;
  }

  const shown = (row: Row): Row => ({
    ...row,
    entity_type_display: 'x',
    lifecycle_stage_display: 'y',
    industry_display: null,
    // Changes by the day, and is nobody's edit.
    days_since_last_contact: ++days,
    is_follow_up_overdue: days % 2 === 0,
  });

  function problem(said: Row, isNew: boolean): Reply | null {
    if (isNew && String(said['name'] ?? '').trim() === '') return json(400, { name: ['This field is required.'] });
    if (Object.hasOwn(said, 'name') && String(said['name'] ?? '').trim() === '')
      return json(400, { name: ['This field may not be blank.'] });
    if (isNew && !of.ownIds && clients.has(String(said['unique_id'])))
      return json(400, { unique_id: ['client with this unique id already exists.'] });
    return null;
  }

  function answer({ method, path, query, headers, body }: Asked): Reply {
    const isBasic = (headers['authorization'] ?? '').startsWith('Basic ');
    const isSession = of.session !== null && (headers['cookie'] ?? '').includes(`sessionid=${of.session}`);
    if (!isBasic && !isSession) return json(403, { detail: 'Authentication credentials were not provided.' });
    if (isSession && method !== 'GET' && headers['x-csrftoken'] !== 'csrf')
      return json(403, { detail: 'CSRF Failed: CSRF token missing.' });
    if (!path.endsWith('/')) return { status: 301, headers: { location: `${path}/` } };
    if (!path.startsWith(base)) return json(404, { detail: 'Not found.' });
    const rest = path.slice(base.length).split('/').filter(Boolean);
    const said = (body ?? {}) as Row;
    if (rest.length === 0 && method === 'GET') {
      const all = [...clients.values()].toSorted((a, b) => String(a['name']).localeCompare(String(b['name']))).map(shown);
      if (of.pageSize === null) return json(200, all);
      const page = Number(query['page'] ?? 1);
      const isMore = page * of.pageSize < all.length;
      return json(200, {
        count: all.length,
        next: isMore ? `http://inner.example${base}?page=${page + 1}` : null,
        previous: null,
        results: all.slice((page - 1) * of.pageSize, page * of.pageSize),
      });
    }
    if (rest[0] === 'create' && method === 'POST') return problem(said, true) ?? json(201, shown(make(said)));
    const id = decodeURIComponent(rest[0] ?? '');
    const client = clients.get(id);
    if (client === undefined) return json(404, { detail: 'Not found.' });
    if (rest.length === 1 && method === 'GET') return json(200, shown(client));
    if (rest[1] === 'delete' && method === 'DELETE') return clients.delete(id), { status: 204 };
    if (rest[1] !== 'update') return json(405, { detail: `Method "${method}" not allowed.` });
    const wrong = problem(said, false);
    if (wrong !== null) return wrong;
    const next = { ...set(client, said), last_updated: offset(clock.tick()) };
    clients.set(id, next);
    return json(200, shown(next));
  }

  return {
    rows: () => [...clients.values()],
    add: (_kind, fields) => String(make(fields)['unique_id']),
    edit: (_kind, id, fields) => void clients.set(id, { ...(clients.get(id) as Row), ...fields, last_updated: offset(clock.tick()) }),
    remove: (_kind, id) => void clients.delete(id),
    empty: () => clients.clear(),
    answer,
  };
}
