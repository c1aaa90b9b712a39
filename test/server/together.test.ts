import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceNumber } from '../../shared/dialects/programs.ts';
import { basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Wire = Record<string, unknown>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

describe.each(engines)('Five dialects on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;

  beforeAll(async () => {
    server = await startTestServer(engine, 'together');
    ada = await server.organisation('company');
  });
  afterAll(() => server.close());

  const good = async (method: Method, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Wire> => {
    const answer = await server.ask(ada, method, url, body, { headers });
    expect(answer.status, `${method} ${url} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  };
  const skhokho = (method: Method, path: string, body?: unknown) =>
    good(method, `/api/v1.0/organisation/${ada.organisation}/clients/${path}`, body, basicOf(ada));
  const programs = (method: Method, path: string, body?: unknown) => good(method, `/${path}`, body);
  const summit = (method: Method, path: string, body?: unknown) => good(method, `/api/clients${path}`, body);
  const casework = (method: Method, path: string, body?: unknown) => good(method, `/api/v1/clients${path}`, body);
  const bottle = (method: Method, path: string, body?: unknown) =>
    good(method, `/api/accounts/${path}`, body, { 'organization-id': ada.organisation });

  /** The client of that name at each dialect. */
  const everywhere = async (name: string) => {
    const one = (body: unknown) => (body as Wire[]).find((row) => row['name'] === name) as Wire;
    const { open_accounts, closed_accounts } = await bottle('GET', `?name=${encodeURIComponent(name)}`);
    return {
      skhokho: one(await skhokho('GET', '')),
      programs: one(await programs('GET', 'client/')),
      summit: one((await summit('GET', '?limit=100'))['data']),
      casework: one(await casework('GET', '')),
      bottle: one([...(open_accounts as Wire[]), ...(closed_accounts as Wire[])]),
    };
  };
  const seq = async () =>
    (
      await server.engine.db
        .selectFrom('organisations')
        .select('seq')
        .where('organisation_id', '=', ada.organisation)
        .executeTakeFirstOrThrow()
    ).seq;

  it('have a client that any of them made, by the same ids', async () => {
    await skhokho('POST', 'create/', {
      unique_id: 'by-skhokho',
      name: 'By Skhokho',
      website: 'https://acme.example',
      address: { address_line_1: '1 Main St', city: 'Denver' },
    });
    await programs('POST', 'client/', { name: 'By Programs', is_active: false });
    await summit('POST', '', {
      name: 'By Summit',
      email: 'office@summit.example',
      phone: '555',
      address: '1 Long Street',
      paymentTerms: 30,
    });
    await casework('POST', '', {
      client: { name: 'By Casework', account_code: 'C-1', primary_location: { name: 'Main', state: 'CO', country: 'US' } },
    });
    await bottle('POST', '', { name: 'By BottleCRM', billing_city: 'Chicago', tags: ['vip'] });
    for (const [at, name] of ['By Skhokho', 'By Programs', 'By Summit', 'By Casework', 'By BottleCRM'].entries()) {
      const found = await everywhere(name);
      expect(Object.values(found).map((row) => row['name'])).toEqual(Array(5).fill(name));
      expect([found.programs['id'], found.summit['id'], found.casework['id']]).toEqual([at + 1, at + 1, at + 1]);
      expect(found.bottle['id']).toBe(found.skhokho['unique_id']);
    }
    expect((await everywhere('By Skhokho')).summit).toMatchObject({ address: '1 Main St, Denver', email: null });
    expect((await everywhere('By Skhokho')).bottle).toMatchObject({
      website: 'https://acme.example',
      billing_address_line: '1 Main St',
      billing_city: 'Denver',
    });
    expect((await everywhere('By Programs')).bottle).toMatchObject({ status: 'closed' });
    expect((await everywhere('By Summit')).bottle).toMatchObject({ email: 'office@summit.example', phone: '555' });
    expect((await everywhere('By BottleCRM')).skhokho).toMatchObject({ address: { city: 'Chicago' } });
  });

  it('have the same location, contact, role and price wherever they speak of them', async () => {
    const [location] = (await programs('GET', 'program-location/?client_id=4')) as unknown as (Wire & { id: number })[];
    expect(location).toMatchObject({ program_name: 'Main', physical_state: 'CO', client_info: { id: 4, name: 'By Casework' } });
    await programs('PATCH', `program-location/${location?.id}/`, { physical_city: 'Boulder', primary_phone: '555-0100' });
    expect(await casework('GET', '/4')).toMatchObject({ primary_location: { name: 'Main', city: 'Boulder' } });

    const contact = await programs('POST', 'client-contact/', {
      client: 4,
      first_name: 'Gabriel',
      last_name: 'Pulido',
      email: 'g@p.example',
      assign_programs: [location?.id],
    });
    const { contacts } = await bottle('GET', `${String((await everywhere('By Casework')).bottle['id'])}/`);
    expect(contacts).toMatchObject([{ first_name: 'Gabriel', primary_email: 'g@p.example' }]);
    expect(contact['programs']).toMatchObject([{ program: { name: 'Main' } }]);

    const item = await programs('POST', 'item-price/', {
      invoice_item: 'Screen',
      item_code: 'S',
      default_price: '45.00',
      default_tax_rate: '0',
    });
    const price = `program-location-item-price/${priceNumber(location?.id ?? 0, item['id'] as number)}/`;
    expect(await programs('PATCH', price, { custom_price: '50.00' })).toMatchObject({ final_price: '50.00' });
  });

  it('see at once what another one changed', async () => {
    await summit('PUT', '/1', { name: 'Renamed', phone: '555-0199' });
    const found = await everywhere('Renamed');
    expect(found.skhokho).toMatchObject({ unique_id: 'by-skhokho', website: 'https://acme.example' });
    expect(found.bottle).toMatchObject({ phone: '555-0199' });
    await skhokho('PATCH', 'by-skhokho/update/', { name: 'Again', industry: 'legal' });
    expect((await everywhere('Again')).bottle).toMatchObject({ industry: 'legal' });
    await bottle('PUT', `${String(found.bottle['id'])}/`, { status: 'closed' });
    expect((await everywhere('Again')).programs).toMatchObject({ is_active: false });
    await programs('PATCH', 'client/2/', { is_active: true, name: 'Open' });
    expect((await everywhere('Open')).bottle).toMatchObject({ status: 'open' });
  });

  it('hold to one e-mail per company, each in its own words', async () => {
    const taken = { name: 'Second', email: 'OFFICE@summit.example' };
    expect((await server.ask(ada, 'POST', '/api/clients', taken)).status).toBe(409);
    const more = { headers: { 'organization-id': ada.organisation } };
    expect(await server.ask(ada, 'POST', '/api/accounts/', taken, more)).toMatchObject({
      status: 400,
      body: { email: [expect.any(String)] },
    });
  });

  it('flatten nothing of what the others know, when an object is sent back as it was shown', async () => {
    await server.run(ada, (tx) => {
      const team = tx.create('directory', { kind: 'team', name: 'North', memberIds: [ada.userId] });
      const client = tx.create('clients', {
        name: 'Everything',
        kind: 'lead',
        description: 'A',
        entityType: 'other',
        lifecycleStage: 'dormant',
        industry: 'Alchemy',
        website: 'acme.com',
        companySize: '5',
        annualRevenue: '7.50',
        defaultCurrency: 'EUR',
        email: 'all@everything.example',
        phone: '(021) 555 ext. 7',
        accountCode: 'E-1',
        invoiceEmail: 'bill@everything.example',
        paymentTermsDays: 14,
        hasInvoiceReminders: true,
        showLocationOnInvoice: true,
        notes: 'N',
        firstContactDate: '2024-01-01',
        lastContactDate: '2024-02-01',
        nextFollowUpDate: '2024-03-01',
        accountOwnerId: ada.userId,
        assignedToIds: [ada.userId],
        salespersonId: ada.userId,
        caseManagerId: ada.userId,
        teamIds: [team.id],
        tags: ['vip'],
        address: { line1: 'a', line2: 'b', line3: 'c', city: 'd', region: 'e', postalCode: 'f', country: 'Germany', phone: '1' },
        banking: { bankName: 'B', accountNumber: '1' },
      });
      tx.create('locations', { clientId: client.id, name: 'Here', physicalAddress: { region: 'Nowhere', line3: 'x' } });
      tx.create('contacts', { clientId: client.id, firstName: 'C', isPrimary: true });
    });
    const before = await everywhere('Everything');
    const at = await seq();
    await skhokho('PUT', `${String(before.skhokho['unique_id'])}/update/`, before.skhokho);
    await programs('PUT', `client/${String(before.programs['id'])}/`, before.programs);
    await summit('PUT', `/${String(before.summit['id'])}`, before.summit);
    await casework('PUT', `/${String(before.casework['id'])}`, { client: before.casework });
    await bottle('PUT', `${String(before.bottle['id'])}/`, before.bottle);
    for (const path of ['program-location', 'client-contact']) {
      const rows = (await programs('GET', `${path}/?client_id=${String(before.programs['id'])}`)) as unknown as (Wire & { id: number })[];
      for (const row of rows) await programs('PATCH', `${path}/${row.id}/`, row);
    }
    expect(await seq()).toBe(at);
    expect(await everywhere('Everything')).toEqual(before);
  });

  it('lose a client together with what hangs on it, whichever deletes it', async () => {
    await skhokho('DELETE', `${String((await everywhere('By Casework')).skhokho['unique_id'])}/delete/`);
    expect((await server.ask(ada, 'GET', '/client/4/')).status).toBe(404);
    expect((await server.ask(ada, 'GET', '/api/v1/clients/4')).status).toBe(404);
    expect(await summit('GET', '/4')).toMatchObject({ softDelete: true });
    expect(await programs('GET', 'client-contact/?client_id=4')).toEqual([]);
    expect(await programs('GET', 'program-location/?client_id=4')).toEqual([]);
    const prices = (await programs('GET', 'program-location-item-price/')) as unknown as Wire[];
    // Of the location of "Everything" alone.
    expect(prices).toHaveLength(1);
  });
});
