import { type Asked, json, type Reply, type Row, serverClock, type StandIn } from './stand-in.ts';

export interface SummitHabits {
  /** Clients a page, whatever is asked for. */
  pageSize: number;
  /** `meta` in text. */
  textMeta: boolean;
  /** Rows that are equal in what they are sorted by come in any order. */
  isShuffled: boolean;
  /** Deleted clients are still in lists and still answered. */
  showsDeleted: boolean;
  /** Gone for good. */
  deletesHard: boolean;
  lowersEmails: boolean;
  token: string;
  startMs: number;
}

/** Summit as its document and servers of its kind have it (a Nest application). */
export function summitStandIn(habits: Partial<SummitHabits> = {}): StandIn & { all(): Row[] } {
  const of: SummitHabits = {
    pageSize: 100,
    textMeta: false,
    isShuffled: false,
    showsDeleted: true,
    deletesHard: false,
    lowersEmails: true,
    token: 'token',
    startMs: Date.parse('2026-03-01T00:00:00Z'),
    ...habits,
  };
  const clock = serverClock(of.startMs);
  const clients = new Map<number, Row>();
  let last = 0;
  const text = (value: unknown) => (typeof value === 'string' ? value.trim() : (value ?? null));
  const emailOf = (value: unknown) => (of.lowersEmails && typeof value === 'string' ? value.trim().toLowerCase() : text(value));
  const taken = (email: unknown, except: number | null) =>
    email !== null &&
    email !== undefined &&
    [...clients.values()].some((one) => one['email'] === emailOf(email) && one['id'] !== except && one['softDelete'] === false);
  const settable = (body: Row, before: Row): Row => ({
    ...before,
    ...Object.fromEntries(
      ['name', 'email', 'phone', 'address', 'paymentTerms'].flatMap((key) =>
        Object.hasOwn(body, key) ? [[key, key === 'email' ? emailOf(body[key]) : text(body[key])]] : [],
      ),
    ),
  });

  function make(body: Row): Row {
    last += 1;
    const at = clock.tick();
    const row = settable(body, { id: last, companyId: 1, name: '', email: null, phone: null, address: null, paymentTerms: null });
    const whole = { ...row, createdAt: at, updatedAt: at, softDelete: false };
    clients.set(last, whole);
    return whole;
  }

  const wrong = (status: number, message: string | string[]): Reply => json(status, { statusCode: status, message, error: 'Bad Request' });

  function list(query: Record<string, string>): Reply {
    const shown = [...clients.values()].filter((one) => of.showsDeleted || one['softDelete'] === false);
    if (query['sort'] !== 'id') shown.sort(() => (of.isShuffled ? Math.random() - 0.5 : 0));
    const limit = Math.min(Number(query['limit'] ?? 10), of.pageSize);
    const page = Number(query['page'] ?? 1);
    const say = (value: number) => (of.textMeta ? String(value) : value);
    const meta = { total: say(shown.length), page: say(page), limit: say(limit), pageCount: say(Math.ceil(shown.length / limit)) };
    return json(200, { data: shown.slice((page - 1) * limit, page * limit), meta });
  }

  function answer({ method, path, query, headers, body }: Asked): Reply {
    if (headers['authorization'] !== `Bearer ${of.token}`) return json(401, { statusCode: 401, message: 'Unauthorized' });
    const id = /^\/api\/clients\/(\d+)$/.exec(path)?.[1];
    if (path === '/api/clients' && method === 'GET') return list(query);
    const said = (body ?? {}) as Row;
    if (path === '/api/clients' && method === 'POST') {
      if (typeof said['name'] !== 'string' || said['name'].trim() === '') return wrong(400, ['name should not be empty']);
      if (taken(said['email'], null)) return wrong(409, 'A client with this email already exists');
      return json(201, make(said));
    }
    const client = id === undefined ? undefined : clients.get(Number(id));
    if (client === undefined || (client['softDelete'] === true && (!of.showsDeleted || method !== 'GET')))
      return wrong(404, 'Client not found');
    if (method === 'GET') return json(200, client);
    if (method === 'DELETE') {
      const gone = { ...client, softDelete: true, updatedAt: clock.tick() };
      if (of.deletesHard) clients.delete(Number(id));
      else clients.set(Number(id), gone);
      return json(200, gone);
    }
    if (Object.hasOwn(said, 'name') && (typeof said['name'] !== 'string' || said['name'].trim() === ''))
      return wrong(400, ['name should not be empty']);
    if (Object.hasOwn(said, 'email') && taken(said['email'], Number(id))) return wrong(409, 'A client with this email already exists');
    const next = { ...settable(said, client), updatedAt: clock.tick() };
    clients.set(Number(id), next);
    return json(200, next);
  }

  return {
    rows: () => [...clients.values()].filter((one) => one['softDelete'] === false),
    all: () => [...clients.values()],
    add: (_kind, fields) => String(make(fields)['id']),
    edit(_kind, id, fields) {
      clients.set(Number(id), { ...settable(fields, clients.get(Number(id)) as Row), updatedAt: clock.tick() });
    },
    remove(_kind, id) {
      const client = clients.get(Number(id)) as Row;
      if (of.deletesHard) clients.delete(Number(id));
      else clients.set(Number(id), { ...client, softDelete: true, updatedAt: clock.tick() });
    },
    empty: () => clients.clear(),
    answer,
  };
}
