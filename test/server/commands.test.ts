import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node24, root } from '../../build/paths.mjs';
import { ownDatabases, told } from './support/databases.ts';
import { call, command, firstStart, start, tidyUp, tokenFor } from './support/server-process.ts';
import { engines, password } from './support/test-server.ts';

tidyUp();
const databases = ownDatabases();
const newPassword = { FIELDBOOK_USER_PASSWORD: 'another long password' };
const refused = (said: string) => ({ code: 1, out: '', said: expect.stringContaining(said) });

describe.each(engines)('Commands on %s, while a server runs', (engine) => {
  it('add people, change their passwords, and put them out at once', async () => {
    const where = await databases.bare(engine);
    const { args, env } = told(where);
    const server = await start(args, { ...env, ...firstStart });
    const organisation = String(server.ready?.organisation);
    const user = (words: string, more: string[] = [], variables: Record<string, string> = newPassword) =>
      command(['user', ...words.split(' '), ...more, ...args], { ...env, ...variables });
    const bo = ['--email', 'Bo@example.com'];
    const devices = async (token: string) => (await call(server.url, 'GET', '/auth/devices', token)).status;
    const signIn = async (with_: string) =>
      (await call(server.url, 'POST', '/auth/token', null, { email: 'bo@example.com', password: with_ })).status;

    expect(await user('add --role member --name Bo', bo)).toEqual({
      code: 0,
      out: `Bo@example.com can sign in to ${organisation} as member.\n`,
      said: '',
    });
    expect(await user('add --role admin', ['--email', 'bo@EXAMPLE.com'])).toMatchObject(
      refused('bo@EXAMPLE.com signs in to this organisation already.'),
    );
    expect(await user('add --role boss', ['--email', 'c@example.com'])).toMatchObject(
      refused('role: A role is one of admin, manager, member.'),
    );
    expect(await user('add --role member', ['--email', 'nobody'])).toMatchObject(refused('email: This is not an e-mail address.'));
    expect(await user('add --role member', ['--email', 'c@example.com'], { FIELDBOOK_USER_PASSWORD: 'short' })).toMatchObject(
      refused('needs 10 characters'),
    );
    expect(await user('add --role member', ['--email', 'c@example.com'], {})).toMatchObject(refused('Set FIELDBOOK_USER_PASSWORD'));
    const elsewhere = '00000000-0000-4000-8000-000000000000';
    expect(await user(`add --role member --organisation ${elsewhere}`, ['--email', 'c@example.com'])).toMatchObject(
      refused(`There is no organisation ${elsewhere}.`),
    );
    const rows = (out: string) =>
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/));
    expect(rows((await user('list')).out)).toEqual([
      ['organisation', 'role', 'e-mail'],
      [organisation, 'admin', 'active', 'ada@example.com'],
      [organisation, 'member', 'active', 'bo@example.com'],
    ]);

    const first = await tokenFor(server.url, 'bo@example.com', newPassword.FIELDBOOK_USER_PASSWORD);
    expect(await devices(first)).toBe(200);
    expect(await user('password', bo, { FIELDBOOK_USER_PASSWORD: 'yet another password' })).toMatchObject({ code: 0 });
    expect(await devices(first)).toBe(401);
    expect(await signIn(newPassword.FIELDBOOK_USER_PASSWORD)).toBe(401);

    const second = await tokenFor(server.url, 'bo@example.com', 'yet another password');
    expect(await user('disable', bo)).toMatchObject({ code: 0, out: expect.stringContaining('cannot sign in any more') });
    expect(await devices(second)).toBe(401);
    expect(await signIn('yet another password')).toBe(401);
    expect((await user('list')).out).toMatch(/disabled {2}bo@example\.com/);
    expect(await user('enable', bo)).toMatchObject({ code: 0 });
    // What was put out stays out.
    expect(await devices(second)).toBe(401);
    expect(await signIn('yet another password')).toBe(200);
    expect(await user('disable', ['--email', 'who@example.com'])).toMatchObject(refused('Nobody signs in with who@example.com.'));

    const other = await command(['organisation', 'add', '--name', 'South Depot', '--email', 'bo@example.com', ...args], {
      ...env,
      ...newPassword,
    });
    expect(other).toMatchObject({ code: 0, said: '' });
    const [, south] = /^The organisation is (\S+)\./.exec(other.out) ?? [];
    expect(await user('password', bo)).toMatchObject(refused('signs in to several organisations.'));
    expect(await user('add --role member', ['--email', 'c@example.com'])).toMatchObject(refused('There are several organisations.'));
    expect(await user(`disable --organisation ${south}`, bo)).toMatchObject({ code: 0 });
    expect(await signIn('yet another password')).toBe(200);
    expect(rows((await command(['organisation', 'list', ...args], env)).out)).toEqual([
      ['organisation', 'name'],
      [organisation, 'North Depot'],
      [south, 'South Depot'],
    ]);
    expect(server.said()).toBe('');

    // The same without a server.
    expect(await server.end('SIGTERM')).toBe(0);
    expect((await user(`list --organisation ${organisation}`)).out.trimEnd().split('\n')).toHaveLength(3);
    expect(await user('password', ['--email', 'ada@example.com'])).toMatchObject({ code: 0 });
  });

  it('say what to do where there is no database yet', async () => {
    const { args, env } = told(await databases.bare(engine));
    expect(await command(['user', 'list', ...args], env)).toMatchObject(
      refused(engine === 'pglite' ? 'There is no database in' : 'Start a server of this version once.'),
    );
  });
});

describe('A command', () => {
  it.each([
    [['user'], 'There is no command "user".'],
    [['user', 'ad'], 'There is no command "user ad".'],
    [['serve'], 'There is no command "serve".'],
    [['user', 'add', '--emial', 'x'], "Unknown option '--emial'"],
    [['user', 'list', 'everybody'], '"everybody" was not expected.'],
    [['backup'], 'Name a file'],
    [['restore', 'one', 'two'], '"two" was not expected.'],
    [['--port', '80', 'user', 'list'], '"user" was not expected.'],
    [['--port', 'many'], '"many" is no port.'],
    [['--wait', 'long'], '--wait has to be like 90s, 30m or 1h.'],
    [['--dump-every', '5'], '--dump-every has to be like'],
    [['--log', 'all'], '--log takes one word: requests.'],
    [['--trust-proxy', 'true'], '--trust-proxy takes addresses'],
    [['--trust-proxy', '10.0.0.0/33'], '--trust-proxy takes addresses'],
  ])('that is not understood ends with 2: %j', async (args, words) => {
    expect(await command(args)).toMatchObject({ code: 2, out: '', said: expect.stringContaining(words) });
  });

  it('with an address that is none does not repeat it, because a password is in it', async () => {
    for (const url of ['mysql://root:canary@db/x', 'postgres//canary@db', 'canary']) {
      const { code, said } = await command(['user', 'list'], { DATABASE_URL: url });
      expect(code).toBe(2);
      expect(said).not.toContain('canary');
    }
  });

  it('is helped with --help, wherever it stands', async () => {
    for (const args of [['--help'], ['help'], ['user', '--help'], ['backup', '--help']])
      expect(await command(args)).toMatchObject({ code: 0, out: expect.stringContaining('restore FILE [--replace]'), said: '' });
  });
});

/** Runs a command on a terminal of its own, and types once the words are there. */
function onTerminal(
  args: string[],
  env: Record<string, string>,
  talk: [waitFor: string, type: string][],
): Promise<{ code: number | null; screen: string }> {
  // A shell that stays between would say 130 of a key that the command itself takes as its end.
  const line = [node24, join(root, 'server/main.ts'), ...args].map((word) => `'${word}'`).join(' ');
  const terminal =
    process.platform === 'darwin' ? ['-q', '/dev/null', '/bin/sh', '-c', `exec ${line}`] : ['-qec', `exec ${line}`, '/dev/null'];
  const child = spawn('script', terminal, { env: { ...process.env, ...env, DATABASE_URL: '' }, stdio: ['pipe', 'pipe', 'inherit'] });
  let screen = '';
  let seen = 0;
  const waiting = [...talk];
  child.stdout.on('data', (bytes) => {
    screen += String(bytes);
    const at = waiting[0] === undefined ? -1 : screen.indexOf(waiting[0][0], seen);
    if (at < 0) return;
    seen = at + 1;
    child.stdin.write(waiting.shift()?.[1] ?? '');
  });
  return new Promise((done) => child.once('close', (code) => done({ code, screen })));
}

describe('On a terminal', () => {
  it('a password is asked for twice and not shown; everything else is', async () => {
    const { args, env } = told(await databases.filled('pglite', 1));
    const [listed] = (await command(['organisation', 'list', ...args], env)).out.split('\n').slice(1);
    const add = ['user', 'add', '--email', 'bo@example.com', '--role', 'member', '--organisation', String(listed).slice(0, 36), ...args];
    const secret = 'canary password';
    expect(
      await onTerminal(add, env, [
        ['New password: ', `${secret}\r`],
        ['The same again: ', 'something else\r'],
      ]),
    ).toMatchObject({
      code: 1,
      screen: expect.stringContaining('The two are not the same.'),
    });
    expect(await onTerminal(add, env, [['New password: ', '\u0003']])).toMatchObject({
      code: 1,
      screen: expect.stringContaining('Stopped.'),
    });
    const done = await onTerminal(add, env, [
      ['New password: ', `${secret}\r`],
      ['The same again: ', `${secret}\r`],
    ]);
    expect(done).toMatchObject({ code: 0, screen: expect.stringContaining('bo@example.com can sign in') });
    expect(done.screen).not.toContain('canary');
    const server = await start(args, env);
    expect(await tokenFor(server.url, 'bo@example.com', secret)).not.toBe('undefined');
  });

  it('the first start asks for what it needs', async () => {
    const { args, env } = told(await databases.bare('pglite'));
    const asked = await onTerminal(['--port', '0', ...args], env, [
      ['Name of the organisation: ', 'North Depot\r'],
      ['E-mail of the administrator: ', 'ada@example.com\r'],
      ['Password of the administrator: ', `${password}\r`],
      ['The same again: ', `${password}\r`],
      ['"ready":true', '\u0003'],
    ]);
    expect(asked.screen).toContain('North Depot');
    expect(asked.screen).not.toContain(password);
    expect(asked.code).toBe(0);
  });
});
