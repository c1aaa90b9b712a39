import { type Asked, json, loginPage, type Reply, type Row, serverClock, type StandIn } from './stand-in.ts';

export type Edition = 'bottlecrm' | 'bottlecrm-2025-11' | 'bottlecrm-1.2';

export interface BottleHabits {
  edition: Edition;
  startMs: number;
}

/** BottleCRM as documented, and as 2025-11 and 1.2 were seen to answer. */
export function bottlecrmStandIn({
  edition,
  startMs = Date.parse('2026-03-01T00:00:00Z'),
}: Partial<BottleHabits> & { edition: Edition }): StandIn {
  const clock = serverClock(startMs);
  const accounts = new Map<string, Row>();
  const tags = new Map<string, Row>();
  const contacts = new Map<string, Row>();
  /** What hangs on an account, by kind: shown with that account alone. */
  const hanging = new Map<string, Row>();
  const hangs = ['opportunities', 'cases', 'tasks', 'comments'];
  const on = (kind: string, account: unknown) =>
    [...hanging.values()].filter((row) => row['of'] === kind && row['account'] === account).map(({ of: _, ...row }) => row);
  const users = [{ id: 'user-1', full_name: 'Uma User', username: 'uma', email: 'uma@example.com', role: 'USER', is_active: true }];
  let last = 0;
  const isDoc = edition === 'bottlecrm';
  const is12 = edition === 'bottlecrm-1.2';
  const lists = ['contacts', 'assigned_to', 'teams', 'tags'];
  const address = is12
    ? ['address_line', 'city', 'state', 'postcode', 'country']
    : ['address_line', 'street', 'city', 'state', 'postcode', 'country'].map((one) => `billing_${one}`);
  const plain = ['name', 'email', 'phone', 'industry', 'description', 'website', ...address, ...(is12 ? ['is_active'] : ['status'])];
  const needed =
    edition === 'bottlecrm-2025-11' ? ['name', 'email', 'contact_name', ...address.filter((one) => one !== 'billing_street')] : ['name'];
  const uuid = () => `${edition.slice(-1)}-${(++last).toString().padStart(6, '0')}`;

  function tagOf(name: string): Row {
    const key = name.toLowerCase();
    const known = tags.get(key) ?? { id: `tag-${tags.size + 1}`, name: key, slug: key.replace(/\s+/g, '-') };
    tags.set(key, known);
    return known;
  }

  function listIn(said: Row, name: string): string[] | null | 'broken' {
    const value = said[name];
    if (value === undefined || value === null) return null;
    if (edition !== 'bottlecrm-2025-11') return (Array.isArray(value) ? value : (JSON.parse(String(value)) as unknown[])).map(String);
    return typeof value === 'string' ? (JSON.parse(value) as string[]) : 'broken';
  }

  function make(said: Row): Row {
    const id = uuid();
    const row: Row = {
      id,
      ...Object.fromEntries(plain.map((key) => [key, said[key] ?? null])),
      contacts: [],
      assigned_to: [],
      teams: [],
      tags: [],
      made: clock.tick(),
    };
    if (is12) row['is_active'] = said['is_active'] ?? true;
    else row['status'] = said['status'] ?? 'open';
    for (const name of lists) {
      const list = listIn(said, name);
      if (Array.isArray(list)) row[name] = name === 'tags' ? list.map((one) => tagOf(one)['name']) : list;
    }
    accounts.set(id, row);
    return row;
  }

  function shown(row: Row): Row {
    const { made, ...rest } = row;
    const time = isDoc
      ? { created_on: made }
      : { created_at: is12 ? made : String(made).replace('Z', '123+05:30'), created_on_arrow: `${++last} minutes ago` };
    const whole = isDoc
      ? {}
      : {
          contacts: (row['contacts'] as string[]).map((id) => contacts.get(id) ?? { id }),
          assigned_to: (row['assigned_to'] as string[]).map((id) => ({ id, user_details: users[0] })),
          teams: (row['teams'] as string[]).map((id) => ({ id, name: id })),
          tags: (row['tags'] as string[]).map((name) => tagOf(name)),
        };
    // A key of the organisation that nobody should have been sent.
    return {
      ...rest,
      ...time,
      ...whole,
      created_by: 'user-1',
      org: isDoc ? 'org-1' : { id: 'org-1', name: 'Org', api_key: 'SECRET-API-KEY' },
    };
  }

  function list(query: Record<string, string>): Reply {
    const [limit, offset] = [Math.min(Number(query['limit'] ?? 10), isDoc ? 500 : 50), Number(query['offset'] ?? 0)];
    const all = [...accounts.values()].toSorted((a, b) => (String(a['id']) < String(b['id']) ? 1 : -1));
    const isOpen = (row: Row) => (is12 ? row['is_active'] === true : row['status'] === 'open');
    const [open, closed] = [all.filter(isOpen), all.filter((row) => !isOpen(row))];
    const part = (rows: Row[]) => rows.slice(offset, offset + limit).map(shown);
    const next = (rows: Row[]) => (part(rows).length === 0 ? 0 : offset + limit < rows.length ? offset + limit : null);
    const beside = { contacts: [...contacts.values()], users, teams: [] };
    if (isDoc)
      return json(200, {
        open_accounts: part(open),
        closed_accounts: part(closed),
        accounts_count: all.length,
        open_accounts_count: open.length,
        closed_accounts_count: closed.length,
        ...beside,
      });
    return json(200, {
      per_page: limit,
      page_number: 1,
      active_accounts: { offset: next(open), open_accounts: part(open), ...(is12 && { open_accounts_count: open.length }) },
      closed_accounts: { offset: next(closed), close_accounts: part(closed), ...(is12 && { close_accounts_count: closed.length }) },
      ...beside,
    });
  }

  function wrong(said: Row, except: string | null, isWhole: boolean): Row | null {
    const errors: Row = {};
    for (const key of needed) if (isWhole && String(said[key] ?? '').trim() === '') errors[key] = ['This field may not be blank.'];
    if (edition === 'bottlecrm-2025-11' && said['status'] === 'closed') errors['status'] = ['"closed" is not a valid choice.'];
    if (edition === 'bottlecrm-2025-11' && typeof said['name'] === 'string' && said['name'].length > 64)
      errors['name'] = ['Ensure this field has no more than 64 characters.'];
    const twin = [...accounts.values()].find((row) => String(row['name']).toLowerCase() === String(said['name'] ?? '').toLowerCase());
    if (said['name'] !== undefined && twin !== undefined && twin['id'] !== except)
      errors['name'] = ['Account already exists with this name'];
    return Object.keys(errors).length > 0 ? errors : null;
  }

  const refused = (errors: Row) => json(400, isDoc ? errors : { error: true, errors });

  function answer({ method, path, query, headers, body }: Asked): Reply {
    const token = headers['authorization'] === 'Bearer token';
    if (!token && isDoc) return json(401, { detail: 'Authentication credentials were not provided.' });
    // An expired token is 403, in HTML in one and in JSON in the other.
    if (!token) return is12 ? json(403, { detail: 'Token expired' }) : json(403, loginPage);
    if (isDoc && headers['organization-id'] !== 'org-1') return json(400, { detail: 'organization-id is missing' });
    if (edition === 'bottlecrm-2025-11' && headers['org'] === undefined) return json(500, '<h1>Server Error (500)</h1>');
    const [, , name, id] = path.split('/');
    if (name !== 'accounts') return json(404, '<h1>Not Found</h1>');
    const said = (body ?? {}) as Row;
    if (id === '' || id === undefined) {
      if (method === 'GET') return list(query);
      const errors = wrong(said, null, true);
      if (errors !== null) return refused(errors);
      const isBroken = lists.some((one) => listIn(said, one) === 'broken');
      const row = make(isBroken ? Object.fromEntries(Object.entries(said).filter(([key]) => !lists.includes(key))) : said);
      if (isBroken) return json(500, '<h1>Server Error (500)</h1>');
      if (isDoc) return json(201, shown(row));
      return json(200, { error: false, message: 'Account Created Successfully', ...(is12 && { id: row['id'] }) });
    }
    const row = accounts.get(decodeURIComponent(id));
    if (row === undefined) return json(404, isDoc ? { detail: 'Not found.' } : { error: true, errors: 'Account not found' });
    if (method === 'GET') {
      const { contacts: its, assigned_to, teams, tags: labels, ...account } = shown(row);
      if (!isDoc)
        return json(200, {
          account_obj: shown(row),
          contacts: its,
          users,
          teams: [],
          opportunity_list: on('opportunities', row['id']).map((one) => ({ ...one, account: { id: row['id'] } })),
          cases: on('cases', row['id']),
          tasks: on('tasks', row['id']),
          comments: on('comments', row['id']),
          attachments: [],
        });
      return json(200, {
        account_obj: account,
        contacts: its,
        assigned_to,
        teams,
        tags: labels,
        comments: on('comments', row['id']),
        attachments: [],
        opportunities: on('opportunities', row['id']),
        cases: on('cases', row['id']),
        tasks: on('tasks', row['id']),
        invoices: [],
        users_mention: [],
      });
    }
    if (method === 'DELETE') {
      accounts.delete(String(row['id']));
      return isDoc ? { status: 204 } : json(200, { error: false, message: 'Account Deleted Successfully.' });
    }
    const isWhole = method === 'PUT';
    const errors = wrong(said, String(row['id']), isWhole && !isDoc);
    if (errors !== null) return refused(errors);
    const next: Row = { ...row };
    for (const key of plain) if (Object.hasOwn(said, key)) next[key] = said[key];
    for (const one of lists) {
      const given = listIn(said, one);
      if (given === 'broken') {
        // Half done: the fields are saved and the lists are empty.
        accounts.set(String(row['id']), { ...next, contacts: [], tags: [] });
        return json(500, '<h1>Server Error (500)</h1>');
      }
      if (given === null) {
        if (isWhole) next[one] = [];
      } else if (one !== 'tags') next[one] = given;
      else if (!is12) next[one] = given.map((tag) => tagOf(tag)['name']);
      else {
        const named = given.map((tag) => [...tags.values()].find((known) => known['id'] === tag)?.['name']);
        if (named.includes(undefined)) {
          accounts.set(String(row['id']), next);
          return json(500, '<h1>Server Error (500)</h1>');
        }
        next[one] = named;
      }
    }
    accounts.set(String(row['id']), next);
    return json(200, isDoc ? shown(next) : { error: false, message: 'Account Updated Successfully' });
  }

  return {
    rows: (kind) => [...(kind === 'contacts' ? contacts : accounts).values()],
    add(kind, fields) {
      if (hangs.includes(kind)) {
        const id = uuid();
        hanging.set(id, { id, of: kind, ...fields });
        return id;
      }
      if (kind !== 'contacts') return String(make(fields)['id']);
      const id = uuid();
      contacts.set(id, { id, is_active: false, created_on_arrow: 'just now', ...fields });
      return id;
    },
    edit: (_kind, id, fields) =>
      hanging.has(id)
        ? void hanging.set(id, { ...(hanging.get(id) as Row), ...fields })
        : void accounts.set(id, { ...(accounts.get(id) as Row), ...fields }),
    remove: (_kind, id) => void accounts.delete(id),
    empty: () => accounts.clear(),
    answer,
  };
}
