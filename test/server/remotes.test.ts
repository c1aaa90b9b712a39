import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignIn } from '../../remotes/remote-http.ts';
import { bottlecrmManifest } from '../../shared/dialects/bottlecrm.manifest.ts';
import { caseworkManifest } from '../../shared/dialects/casework.manifest.ts';
import type { Manifest } from '../../shared/dialects/manifest.ts';
import { programsManifest } from '../../shared/dialects/programs.manifest.ts';
import { skhokhoManifest } from '../../shared/dialects/skhokho.manifest.ts';
import { summitManifest } from '../../shared/dialects/summit.manifest.ts';
import { type RemoteLaptop, remoteLaptop } from '../remotes/support/laptop.ts';
import { password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** The engine of foreign remotes against this server's own facades: what it says of systems, our server keeps to. */

const place = { physicalAddress: { city: 'Denver', region: 'CO', country: 'US', postalCode: '80202' } };
const manifests: readonly [string, Manifest][] = [
  ['skhokho', skhokhoManifest],
  ['programs', programsManifest],
  ['summit', summitManifest],
  ['casework', caseworkManifest],
  ['bottlecrm', bottlecrmManifest],
];

describe.each(manifests)('A laptop on the facade of %s', (_, manifest) => {
  let server: TestServer;
  let ada: Somebody;
  let organisations = 0;
  let asked: string[] = [];

  beforeAll(async () => {
    server = await startTestServer('pglite', 'remotes');
  });
  afterAll(() => server.close());

  async function laptopOf(): Promise<RemoteLaptop> {
    asked = [];
    const isBasic = manifest.signIn.includes('basic');
    const signIn: SignIn = isBasic ? { kind: 'basic', email: ada.email, password } : { kind: 'token', token: ada.accessToken };
    return remoteLaptop({ manifest, organisation: ada.organisation, signIn, fetch: injected });
  }

  /** The server's app behind a fetch, without a socket. */
  const injected: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    asked.push(`${init?.method ?? 'GET'} ${url.pathname}${url.search}`);
    const answer = await server.app.inject({
      method: (init?.method ?? 'GET') as NonNullable<InjectOptions['method']>,
      url: `${url.pathname}${url.search}`,
      headers: (init?.headers ?? {}) as Record<string, string>,
      ...(typeof init?.body === 'string' && { payload: init.body }),
    });
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    return new Response(answer.statusCode === 204 ? null : answer.body, { status: answer.statusCode, headers });
  };

  const freshOrganisation = async () => {
    organisations += 1;
    ada = await server.organisation(`${manifest.kind}${organisations}`);
  };
  const named = (laptop: RemoteLaptop) =>
    laptop
      .live('clients')
      .map(({ name }) => name)
      .sort();
  async function made(laptop: RemoteLaptop, name: string) {
    const client = await laptop.create('clients', { name, description: `about ${name}`, phone: '+13035550100' });
    await laptop.create('locations', { clientId: client.id, name: 'Main', ...place });
    return client;
  }

  it('and another laptop hold the same, whoever makes, changes and deletes', async () => {
    await freshOrganisation();
    const one = await laptopOf();
    for (const name of ['Alpha', 'Beta', 'Ärzte & Söhne']) await made(one, name);
    const first = await one.meet();
    expect(first).toMatchObject({ state: 'done', edition: manifest.edition });
    const two = await laptopOf();
    await two.meet();
    expect(named(two)).toEqual(['Alpha', 'Beta', 'Ärzte & Söhne']);
    await two.meet();
    expect((await two.meet()).lines).toEqual([]);
    expect((await one.meet()).received.created).toBe(0);
    expect((await one.meet()).lines).toEqual([]);

    const theirs = two.live('clients').find(({ name }) => name === 'Beta');
    await two.change('clients', theirs?.id ?? '', { name: 'Beta & Co' });
    expect((await two.meet()).sent.changed).toBe(1);
    await one.meet();
    expect(named(one)).toContain('Beta & Co');

    const mine = one.live('clients').find(({ name }) => name === 'Alpha');
    await one.remove('clients', mine?.id ?? '');
    const { held, sent } = await one.meet();
    await two.meet();
    const canDelete = manifest.dialect.capabilities.canDelete;
    expect(sent.deleted > 0).toBe(canDelete);
    expect(held.some(({ reason }) => reason === 'kept')).toBe(!canDelete);
    expect(named(two).includes('Alpha')).toBe(!canDelete);
    for (const laptop of [one, two, one]) await laptop.meet();
    expect((await one.meet()).lines).toEqual([]);
    expect((await two.meet()).lines).toEqual([]);
  });

  it('makes nothing twice when answers are lost', async () => {
    await freshOrganisation();
    const laptop = await laptopOf();
    for (const name of ['Once', 'Twice']) await made(laptop, name);
    let lost = 0;
    const losing: typeof fetch = async (input, init) => {
      const answer = await injected(input, init);
      if (init?.method === 'POST' && ++lost <= 2) throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
      return answer;
    };
    await laptop.meet({ fetch: losing });
    await laptop.meet();
    const fresh = await laptopOf();
    await fresh.meet();
    expect(named(fresh)).toEqual(['Once', 'Twice']);
    expect((await laptop.meet()).received.created).toBe(0);
  });

  it('reads every page, and asks for no more than that when there is no news', async () => {
    await freshOrganisation();
    const laptop = await laptopOf();
    for (let at = 0; at < 120; at++) await made(laptop, `Client ${String(at).padStart(3, '0')}`);
    await laptop.meet();
    const fresh = await laptopOf();
    await fresh.meet();
    expect(named(fresh)).toHaveLength(120);
    await fresh.meet();
    asked = [];
    expect((await fresh.meet()).lines).toEqual([]);
    const pages = manifest.dialect.capabilities.paging === 'none' ? 1 : 2;
    expect(asked.length).toBe(manifest.resources.filter(({ list }) => list !== null).length - 1 + pages);
  });

  it('says in words that the sign-in is not known, and removes nothing', async () => {
    await freshOrganisation();
    const laptop = await laptopOf();
    await made(laptop, 'Alpha');
    await laptop.meet();
    const receipt = await laptop.meet({
      signIn: manifest.signIn.includes('basic') ? { kind: 'basic', email: ada.email, password: 'wrong' } : { kind: 'token', token: 'old' },
    });
    expect(receipt.fault).toMatchObject({ kind: 'signIn' });
    expect(named(laptop)).toEqual(['Alpha']);
  });
});
