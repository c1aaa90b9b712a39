import { type Asked, json, type Reply, type Row, serverClock, type StandIn } from './stand-in.ts';

export interface CaseworkHabits {
  /** How a client is answered: bare, or under `client`. */
  isNested: boolean;
  /** How times are written. */
  times: 'iso' | 'utc' | 'bare';
  startMs: number;
}

/** Casework as its document and servers of its kind have it (a Rails application). */
export function caseworkStandIn(habits: Partial<CaseworkHabits> = {}): StandIn {
  const of: CaseworkHabits = { isNested: false, times: 'iso', startMs: Date.parse('2026-03-01T00:00:00Z'), ...habits };
  const clock = serverClock(of.startMs, 400);
  const clients = new Map<number, Row>();
  let last = 100;
  const spelled = (iso: unknown) => {
    const whole = String(iso).replace(/\.\d+Z$/, 'Z');
    if (of.times === 'iso') return whole;
    const bare = whole.replace('T', ' ').replace('Z', '');
    return of.times === 'utc' ? `${bare} UTC` : bare;
  };
  const shown = (client: Row): unknown => {
    const row = { ...client, created_at: spelled(client['created_at']), updated_at: spelled(client['updated_at']) };
    return of.isNested ? { client: row } : row;
  };
  const keys = ['name', 'account_code', 'website', 'email_invoice', 'notes', 'has_invoice_reminders', 'show_location_on_invoice'];
  const pick = (said: Row) => Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(said, key) ? [[key, said[key]]] : [])));

  function make(said: Row): Row {
    last += 1;
    const at = clock.tick();
    const place = said['primary_location'] as Row | undefined;
    const zip = place?.['zip'];
    const client: Row = {
      id: last,
      account_code: null,
      website: null,
      email_invoice: null,
      notes: null,
      has_invoice_reminders: false,
      show_location_on_invoice: false,
      ...pick(said),
      salesperson: null,
      case_manager: null,
      // A number there: its leading zeros are lost.
      primary_location:
        place === undefined
          ? null
          : { id: last + 5000, ...place, ...(typeof zip === 'string' && /^\d+$/.test(zip) && { zip: Number(zip) }) },
      created_at: at,
      updated_at: at,
    };
    clients.set(last, client);
    return client;
  }

  function answer({ method, path, query, headers, body }: Asked): Reply {
    if (!/^(Bearer token|Basic )/.test(headers['authorization'] ?? '')) return json(401, { error: 'HTTP Token: Access denied.' });
    const id = /^\/api\/v1\/clients\/(\d+)$/.exec(path)?.[1];
    if (path === '/api/v1/clients' && method === 'GET') {
      const from = query['updated_from'];
      const isIn = (client: Row) =>
        from === undefined || Math.floor(Date.parse(String(client['updated_at'])) / 1000) >= Math.floor(Date.parse(from) / 1000);
      return json(200, [...clients.values()].filter(isIn).map(shown));
    }
    const said = ((body ?? {}) as Row)['client'] as Row | undefined;
    if (method !== 'GET' && said === undefined) return json(400, { error: 'param is missing or the value is empty: client' });
    if (path === '/api/v1/clients' && method === 'POST') {
      const place = said?.['primary_location'] as Row | undefined;
      const errors = [
        ...(String(said?.['name'] ?? '').trim() === '' ? ["Name can't be blank"] : []),
        ...(place === undefined ? ["Primary location can't be blank"] : []),
        ...(place !== undefined && String(place['state'] ?? '').length !== 2 ? ['State is the wrong length (should be 2 characters)'] : []),
      ];
      return errors.length > 0 ? json(422, { errors }) : json(201, shown(make(said as Row)));
    }
    const client = id === undefined ? undefined : clients.get(Number(id));
    if (client === undefined) return json(404, { error: 'Not found' });
    if (method === 'GET') return json(200, shown(client));
    if (method !== 'PUT') return json(404, '<h1>No route matches</h1>');
    if (Object.hasOwn(said as Row, 'name') && String((said as Row)['name'] ?? '').trim() === '')
      return json(422, { errors: ["Name can't be blank"] });
    const changes = pick(said as Row);
    const isNews = Object.entries(changes).some(([key, value]) => client[key] !== value);
    // What changes nothing need not move the time.
    const next = { ...client, ...changes, ...(isNews && { updated_at: clock.tick() }) };
    clients.set(Number(id), next);
    return json(200, shown(next));
  }

  return {
    rows: () => [...clients.values()],
    add: (_kind, fields) => String(make(fields)['id']),
    edit: (_kind, id, fields) => void clients.set(Number(id), { ...(clients.get(Number(id)) as Row), ...fields, updated_at: clock.tick() }),
    remove: (_kind, id) => void clients.delete(Number(id)),
    empty: () => clients.clear(),
    answer,
  };
}
