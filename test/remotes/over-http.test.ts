import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { summitManifest } from '../../shared/dialects/summit.manifest.ts';
import { createHttp } from '../../remotes/remote-http.ts';
import { RemoteFault } from '../../remotes/remote-fault.ts';
import { remoteLaptop } from './support/laptop.ts';
import { noTrouble, serve, type Trouble } from './support/stand-in.ts';
import { systems } from './support/systems.ts';
import { summitStandIn } from './support/summit.stand-in.ts';
import { connectFile, folderLaptop, secret } from '../sync/support/folder-laptop.ts';

/** The same over real connections on this computer, where a line can really break. */

describe.each(systems)('$name over a real connection', (system) => {
  it('comes to the same on both sides, with a line that breaks now and then', async () => {
    const [there, faulted] = [system.standIn(), noTrouble()];
    const served = await serve(there, faulted);
    onTestFinished(() => served.close());
    const laptop = remoteLaptop({ manifest: system.manifest, organisation: system.organisation, signIn: system.signIn, base: served.url });
    for (const name of ['Alpha', 'Beta', 'Ärzte & Söhne']) there.add(system.kind, system.row(name));
    for (const name of ['Mine', '日本語']) await system.make(laptop, name);
    let creates = 0;
    faulted.trouble = (asked) => (system.isCreate(asked) && ++creates === 1 ? { kind: 'cut', carriedOut: true } : null);
    for (let round = 0; round < 3; round++) await laptop.meet();
    const all = ['Alpha', 'Beta', 'Mine', 'Ärzte & Söhne', '日本語'].sort();
    expect(
      laptop
        .live('clients')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(all);
    expect(
      there
        .rows(system.kind)
        .map((row) => String(row['name']))
        .sort(),
    ).toEqual(all);
    expect((await laptop.meet()).lines).toEqual([]);
  });
});

describe('a real connection', () => {
  async function asked(trouble: Trouble, timeoutMs = 2000) {
    const faulted = noTrouble();
    faulted.trouble = () => trouble;
    const served = await serve(summitStandIn(), faulted);
    onTestFinished(() => served.close());
    return faultOf(served.url, timeoutMs);
  }

  async function faultOf(base: string, timeoutMs = 2000) {
    const http = createHttp({ base, signIn: { kind: 'token', token: 'token' }, headers: {}, now: () => Date.now(), timeoutMs });
    try {
      await http.ask('POST', '/api/clients', {}, { name: 'x' });
    } catch (error) {
      if (error instanceof RemoteFault) return error.fault;
      throw error;
    }
    return null;
  }

  it('tells a broken line, half an answer and a silent server apart from a "no"', async () => {
    expect(await asked({ kind: 'cut', carriedOut: false })).toMatchObject({ kind: 'cutOff', mayHaveHappened: true });
    expect(await asked({ kind: 'truncated' })).toMatchObject({ kind: 'cutOff', mayHaveHappened: true });
    expect(await asked({ kind: 'slow', ms: 1000 }, 200)).toMatchObject({ kind: 'timeout', mayHaveHappened: true });
  });

  it('knows that nothing was done where nobody listens, or a certificate is not right', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    // Speaks http where https was asked for.
    expect(await faultOf(`https://127.0.0.1:${port}`)).toMatchObject({ kind: 'tls', mayHaveHappened: false });
    await new Promise((resolve) => server.close(resolve));
    expect(await faultOf(`http://127.0.0.1:${port}`)).toMatchObject({ kind: 'offline', mayHaveHappened: false });
  });

  it('reads Retry-After in seconds and as a date, and brings both into reason', async () => {
    const wait = async (value: string) => (await asked({ kind: 'status', status: 429, headers: { 'retry-after': value } }))?.retryAfterMs;
    expect(await wait('1')).toBe(60_000);
    expect(await wait('600')).toBe(600_000);
    expect(await wait('999999')).toBe(7_200_000);
    expect(await wait(new Date(Date.now() - 60_000).toUTCString())).toBe(60_000);
    expect(await wait(new Date(Date.now() + 86_400_000).toUTCString())).toBe(7_200_000);
    expect(await wait('soon')).toBeNull();
  });

  it('does not follow a redirect, which would turn a change into a question', async () => {
    expect(await asked({ kind: 'status', status: 301, headers: { location: '/api/clients/' } })).toMatchObject({ kind: 'redirect' });
    expect(await asked({ kind: 'status', status: 302, headers: { location: '/accounts/login/?next=/' } })).toMatchObject({
      kind: 'signIn',
    });
  });
});

describe('a laptop', () => {
  it('syncs a system that is read whole with every sync also where --compare is asked for', async () => {
    const there = summitStandIn();
    there.add('clients', { name: 'Comes from there' });
    const served = await serve(there, noTrouble());
    onTestFinished(() => served.close());
    const laptop = folderLaptop('Ada', 'token');
    const { kind } = summitManifest;
    const connect = connectFile(laptop.folder, served.url, '', { kind, signIn: { tokenFrom: `env:${secret}` } });
    const found = await laptop.sync({ connect, compare: true });
    expect(found).toMatchObject({ code: 0, err: '', receipt: { kind, state: 'synced', received: { created: 1 } } });
    expect(found.receipt).not.toHaveProperty('compared');
  });

  it('asks nobody for more than it needs: reading 250 clients takes three requests', async () => {
    const [there, faulted] = [summitStandIn(), noTrouble()];
    for (let at = 0; at < 250; at++) there.add('clients', { name: `Client ${at}` });
    const served = await serve(there, faulted);
    onTestFinished(() => served.close());
    const laptop = remoteLaptop({ manifest: summitManifest, base: served.url });
    expect((await laptop.meet()).requests).toBe(3);
    expect((await laptop.meet()).requests).toBe(3);
  });
});
