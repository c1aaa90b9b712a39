import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kanaMigration } from '../../server/store/kana.migration.ts';
import { gramsIn } from '../../server/store/name-grams.ts';
import { facetStart, nameFieldOf, withWordMarks, wordMark, wordsOf } from '../../server/store/record-row.ts';
import type { Tx } from '../../server/store/tables.ts';
import { fold } from '../../shared/lib/text.ts';
import { valueAt } from '../../shared/nouns/field.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

describe.each(engines)('Kana of both scripts on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  beforeAll(async () => {
    server = await startTestServer(engine, 'kana');
    ada = await server.organisation(`kana-${engine}`);
    await server.run(ada, (tx) => {
      // In the order of the sounds; neither script comes before the other.
      for (const name of ['あさひ', 'イヌイ', 'うめだ', 'エトウ', 'ﾊﾝﾊﾞｰｶﾞｰ ホンテン', 'ひかり サーバー'])
        tx.create('clients', { name, address: { city: 'サッポロ' } });
      const { id: clientId } = tx.create('clients', { name: 'Plain', tags: ['オトクイ'] });
      tx.create('contacts', { clientId, firstName: 'ヒカリ', lastName: 'たなか' });
      tx.create('contacts', { clientId, firstName: 'ひろし', lastName: 'カトー' });
      tx.create('locations', { clientId, name: 'キャノン ビル', physicalAddress: { city: 'おおさか' } });
      tx.create('itemPrices', { invoiceItem: 'ラーメン', itemCode: 'ﾗ1', defaultPrice: '5' });
    });
  });
  afterAll(() => server.close());

  const namesAt = async (path: string, of = 'name') => {
    const isSkhokho = path.startsWith('/api/v1.0/');
    const answer = await server.ask(isSkhokho ? null : ada, 'GET', path, undefined, {
      headers: { 'organization-id': ada.organisation, ...(isSkhokho && basicOf(ada)) },
    });
    expect(answer.status, path).toBe(200);
    const body = answer.body as unknown as Record<string, unknown>[] & Record<string, unknown>; // some dialects answer a bare list
    const rows = Array.isArray(body) ? body : ((body['data'] ?? body['open_accounts']) as unknown[]);
    return (rows as Record<string, unknown>[]).map((row) => row[of]);
  };
  const list = {
    skhokho: (query = '') => `/api/v1.0/organisation/${ada.organisation}/clients/${query}`,
    summit: (query = '') => `/api/clients${query}`,
    bottlecrm: (query = '') => `/api/accounts/${query}`,
    casework: (query = '') => `/api/v1/clients${query}`,
  };

  it('find each other at every dialect', async () => {
    const asked = (text: string) => encodeURIComponent(text);
    expect(await namesAt(list.skhokho(`?search=${asked('ばーがー')}`))).toEqual(['ﾊﾝﾊﾞｰｶﾞｰ ホンテン']);
    expect(await namesAt(list.skhokho(`?search=${asked('サーバ')}`))).toEqual(['ひかり サーバー']);
    expect(await namesAt(list.summit(`?q=${asked('ほんてん')}`))).toEqual(['ﾊﾝﾊﾞｰｶﾞｰ ホンテン']);
    expect(await namesAt(list.summit(`?q=${asked('ヒカ')}`))).toEqual(['ひかり サーバー']);
    expect(await namesAt(list.bottlecrm(`?name=${asked('さーばー')}`))).toEqual(['ひかり サーバー']);
    expect(await namesAt(list.bottlecrm(`?city=${asked('さっぽろ')}`))).toHaveLength(6);
    expect(await namesAt(list.bottlecrm(`?tags=${asked('おとくい')}`))).toEqual(['Plain']);
    expect(await namesAt(list.casework(`?name=${asked('いぬ')}`))).toEqual(['イヌイ']);
    expect(await namesAt(`/client-contact/?search=${asked('かと')}`, 'last_name')).toEqual(['カトー']);
    expect(await namesAt(`/client-contact/?search=${asked('ひ')}`, 'last_name')).toEqual(['カトー', 'たなか']);
    expect(await namesAt(`/program-location/?search=${asked('きやのん')}`, 'program_name')).toEqual(['キャノン ビル']);
    expect(await namesAt(`/program-location/?search=${asked('オオサカ')}`, 'program_name')).toEqual(['キャノン ビル']);
    expect(await namesAt(`/item-price/?search=${asked('らめん')}`, 'invoice_item')).toEqual(['ラーメン']);
    // A client that is written later is found the same way, and no more under its old name.
    const made = await server.ask(ada, 'POST', '/api/clients', { name: 'トウキョウタワー' });
    expect(await namesAt(list.summit(`?q=${asked('きょうた')}`))).toEqual(['トウキョウタワー']);
    const { id } = (made.body['data'] ?? made.body) as { id: string };
    expect((await server.ask(ada, 'DELETE', `/api/clients/${id}`)).status).toBeLessThan(300);
    expect(await namesAt(list.summit(`?q=${asked('キョウタ')}`))).toEqual([]);
  });

  it('are in one order', async () => {
    const order = ['Plain', 'あさひ', 'イヌイ', 'うめだ', 'エトウ', 'ﾊﾝﾊﾞｰｶﾞｰ ホンテン', 'ひかり サーバー'];
    expect(await namesAt(list.skhokho())).toEqual(order);
    expect(await namesAt(list.bottlecrm('?limit=50'))).toEqual(order);
    expect(await namesAt(list.summit('?sort=name&order=asc&limit=50'))).toEqual(order);
    expect(await namesAt('/client/')).toEqual(order);
  });

  it('are made one also in tables of before', async () => {
    await server.run(ada, (tx) => {
      for (const name of [
        `${'ー'.repeat(3)}${'サー'.repeat(40)} ${'バー'.repeat(40)} (カ)ッコ 1ー2`,
        'ヵヶゕゖ ヽヾゝゞ ー',
        '㌖㌖ 東京タワー 𠮷ノ屋',
        'abc ノート abc',
        'abc',
        'きゃ',
      ])
        tx.create('clients', {
          name,
          email: `${name.length}-${name.codePointAt(0)}@example.com`,
          phone: 'ダイ 123',
          industry: 'サービス',
          tags: ['ノ', 'の'],
        });
      tx.remove('clients', tx.create('clients', { name: 'ケシタ' }).id);
      tx.create('tasks', { title: 'デンワ' });
    });
    const now = await tablesOf(server);
    await server.engine.db.transaction().execute(async (tx) => {
      await asBefore(tx);
      expect((await tablesOf(server, tx)).records).not.toEqual(now.records);
      await kanaMigration.up(tx);
      expect(await tablesOf(server, tx)).toEqual(now);
    });
    // Row-level security holds for the owner again.
    const { rows } = await sql<{ forced: boolean }>`select relforcerowsecurity as forced from pg_class
      where relname in ('records', 'terms', 'name_grams')`.execute(server.engine.db);
    expect(rows).toEqual([{ forced: true }, { forced: true }, { forced: true }]);
  });
});

/** What the server keeps of texts, as whoever owns the tables sees it. */
async function tablesOf({ engine }: TestServer, tx?: Tx) {
  const read = async (db: Tx) => {
    for (const table of ['records', 'terms', 'name_grams'])
      await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
    const rows = async (query: ReturnType<typeof sql>) => (await query.execute(db)).rows;
    const found = {
      records: await rows(sql`select organisation_id, collection, id, folded, name_key from records order by 1, 2, 3`),
      terms: await rows(sql`select * from terms order by organisation_id, collection, id, term`),
      grams: await rows(sql`select organisation_id, collection, gram, block, array(select unnest(members) order by 1)::text as members
        from name_grams where members <> '{}' order by 1, 2, 3, 4`),
    };
    for (const table of ['records', 'terms', 'name_grams']) await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    return found;
  };
  return tx === undefined ? engine.db.transaction().execute(read) : read(tx);
}

/** Writes texts as they were kept when the two scripts were two. */
async function asBefore(tx: Tx): Promise<void> {
  for (const table of ['records', 'terms', 'name_grams'])
    await sql`alter table ${sql.table(table)} no force row level security`.execute(tx);
  const records = await sql<{
    organisation_id: string;
    collection: NounName;
    id: string;
    number: number;
    doc: StoredRecord;
    folded: object;
    created_at: string;
  }>`
    select organisation_id, collection, id, number, doc, folded, created_at from records`.execute(tx);
  await sql`delete from name_grams`.execute(tx);
  const facets = await sql<{ organisation_id: string; collection: NounName; id: string; term: string }>`select * from terms
    where starts_with(term, ${facetStart('').slice(0, 1)})`.execute(tx);
  await sql`delete from terms`.execute(tx);
  const grams = new Map<string, { organisation: string; gram: string; block: number; members: number[] }>();
  for (const { organisation_id, collection, id, number, doc, folded, created_at } of records.rows) {
    const paths = Object.keys(folded).filter((path) => !path.endsWith(' words'));
    const before: Record<string, string> = {};
    for (const path of paths) before[path] = fold(String(valueAt(doc, path)));
    for (const path of paths) if (wordsOf(path) in folded) before[wordsOf(path)] = withWordMarks(before[path] as string);
    const name = valueAt(doc, nameFieldOf(collection));
    const key = typeof name === 'string' ? fold(name).slice(0, 300) : null;
    await sql`update records set folded = ${JSON.stringify(before)}::jsonb, name_key = ${key}
      where organisation_id = ${organisation_id} and collection = ${collection} and id = ${id}`.execute(tx);
    if (doc.deletedAt !== null) continue;
    const terms = new Set<string>();
    const searched = ['name', 'email', 'firstName', 'lastName', 'physicalAddress.city', 'invoiceItem', 'itemCode'];
    for (const path of searched) if (before[path] !== undefined) terms.add(before[path].slice(0, 60));
    for (const [path, text] of Object.entries(before))
      if (path.endsWith(' words')) {
        const parts = text.split(wordMark);
        for (let at = 1; at < parts.length; at += 1) if (/^\S/.test(parts[at] as string)) terms.add(parts.slice(at).join('').slice(0, 60));
      }
    for (const facet of facets.rows)
      if (facet.organisation_id === organisation_id && facet.collection === collection && facet.id === id) {
        const path = facet.term.slice(1, facet.term.indexOf('='));
        const value = valueAt(doc, path);
        for (const one of Array.isArray(value) ? value : [value]) terms.add(facetStart(path) + fold(String(one)));
      }
    for (const term of terms)
      await sql`insert into terms (organisation_id, collection, term, id, name_key, created_at)
        values (${organisation_id}, ${collection}, ${term}, ${id}, ${key}, ${created_at})`.execute(tx);
    if (collection !== 'clients') continue;
    for (const gram of gramsIn(key ?? '')) {
      const at = `${organisation_id} ${gram}`;
      const row = grams.get(at) ?? { organisation: organisation_id, gram, block: 0, members: [] };
      grams.set(at, row);
      row.members.push(number);
    }
  }
  for (const { organisation, gram, block, members } of grams.values())
    await sql`insert into name_grams (organisation_id, collection, gram, block, members)
      values (${organisation}, 'clients', ${gram}, ${block}, ${`{${members.join(',')}}`}::smallint[])`.execute(tx);
}
