import { describe, expect, it } from 'vitest';
import { type AllHandlers, createBackend } from '../../../../electron/ipc/backend.ts';
import type { Log } from '../../../../electron/domain/ports.ts';
import { type Problem, ok, ProblemError } from '../../../../shared/lib/result.ts';
import { clientContract } from '../../../../shared/contracts/record.contract.ts';
import { backendOf } from '../../../support/book-backend.ts';
import { openLaptop } from '../../../support/opened-book.ts';
import { words } from '../../../../shared/words/words.ts';
import { say } from '../../../../shared/words/say.ts';

/** A backend whose `clients.get` does what it is told. */
function backendThat(get: (input: { id: string }) => unknown, patienceMs?: number) {
  const logged: unknown[] = [];
  const keep: Log['error'] = (event, facts) => void logged.push({ event, ...facts });
  const backend = createBackend({
    handlers: { clients: { contract: clientContract, handlers: { get } } } as unknown as AllHandlers,
    takeFile: async (name) => {
      if (name === 'bad') throw new Error('secret.csv');
      return ok({ fileId: name });
    },
    fileToSave: async () => {
      throw new ProblemError({ code: 'FILE_GONE', ...words('said.text', { text: 'Gone.' }) });
    },
    log: { info: keep, warn: keep, error: keep },
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  return { backend, logged };
}

describe('what a screen is answered', () => {
  it('is the value, or the problem with its field and its way out', async () => {
    const backend = backendOf(await openLaptop());
    const made = await backend.call('clients.create', { name: 'Harbor Bakery', email: 'a@b.example' });
    expect(made).toMatchObject({ ok: true, value: { record: { name: 'Harbor Bakery', contactCount: 0 } } });
    expect(await backend.call('clients.create', { name: 'Other', email: 'A@B.example' })).toMatchObject({
      ok: false,
      error: { code: 'EMAIL_TAKEN', field: 'email', details: { name: 'Harbor Bakery' } },
    });
  });

  it.each([
    ['clients.create', { name: '' }, 'name', 'Name: must not be empty.'],
    ['clients.create', {}, 'name', 'Name: must not be empty.'],
    [
      'clients.change',
      { id: 'x', changes: { email: 'nobody' } },
      'email',
      'E-mail: this is not an e-mail address. It needs the form name@example.com.',
    ],
    [
      'clients.change',
      { id: 'x', changes: { address: { town: 'Denver' } } },
      'address.town',
      'Fieldbook has no field called "address.town". Leave it out and try again.',
    ],
    ['contacts.create', { firstName: 7 }, 'firstName', 'First name: needs a text.'],
    ['locations.create', { name: 'Depot' }, 'clientId', 'Client: must not be empty.'],
    ['clients.list', { limit: 5000 }, 'limit', 'limit: must be 500 or less.'],
    ['clients.remove', { ids: [] }, 'ids', 'ids: must not be empty.'],
  ])('%s %j names the field', async (method, input, field, message) => {
    const backend = backendOf(await openLaptop());
    const answer = (await backend.call(method, input)) as { ok: false; error: Problem };
    const { words: id, values, ...problem } = answer.error;
    expect({ ...problem, message: say({ words: id, ...(values && { values }) }) }).toEqual({ code: 'INVALID_INPUT', field, message });
    expect(answer.ok).toBe(false);
  });

  it.each([null, undefined, 7, 'text', [], () => 1])('to %s as input is a problem, never an exception', async (input) => {
    const backend = backendOf(await openLaptop());
    expect(await backend.call('clients.get', input)).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
  });

  it.each(['clients.drop', 'clients', '', 'constructor', '__proto__.list', 'clients.constructor', 'app.__proto__'])(
    'to "%s" is that there is no such method',
    async (method) => {
      const backend = backendOf(await openLaptop());
      expect(await backend.call(method, {})).toMatchObject({ ok: false, error: { code: 'UNKNOWN_METHOD' } });
      expect(await backend.call(7 as unknown as string, {})).toMatchObject({ ok: false, error: { code: 'UNKNOWN_METHOD' } });
    },
  );

  it('after a mistake of ours is a plain sentence, and the log has no data', async () => {
    const { backend, logged } = backendThat(() => {
      throw new TypeError('cannot read Harbor Bakery');
    });
    const answer = await backend.call('clients.get', { id: 'x' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } });
    expect(JSON.stringify([answer, logged])).not.toContain('Harbor');
    expect(logged).toEqual([
      { event: 'call.failed', method: 'clients.get', error: 'TypeError', at: expect.stringContaining('backend.test.ts') },
    ]);
  });

  it('after too long is that it may still be done', async () => {
    const { backend } = backendThat(() => new Promise(() => {}), 5);
    expect(await backend.call('clients.get', { id: 'x' })).toMatchObject({ ok: false, error: { code: 'TIMED_OUT' } });
  });

  it('for files follows the same rules', async () => {
    const { backend, logged } = backendThat(() => null);
    const bytes = (async function* () {})();
    expect(await backend.takeFile('list.csv', bytes)).toEqual({ ok: true, value: { fileId: 'list.csv' } });
    expect(await backend.takeFile('bad', bytes)).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } });
    expect(await backend.fileToSave('x')).toEqual({ ok: false, error: { code: 'FILE_GONE', ...words('said.text', { text: 'Gone.' }) } });
    expect(JSON.stringify(logged)).not.toContain('secret');
  });
});

it('serves the whole app contract', async () => {
  const laptop = await openLaptop();
  let hasQuit = false;
  const backend = backendOf(laptop, () => {
    hasQuit = true;
  });
  expect(await backend.call('app.addSample', {})).toEqual({ ok: true, value: { clients: 30 } });
  expect(await backend.call('app.counts', {})).toMatchObject({ ok: true, value: { clients: 30 } });
  expect(await backend.call('app.sample', {})).toMatchObject({ ok: true, value: { records: laptop.sample.count() } });
  expect(await backend.call('app.changeSettings', { personName: ' Ada ' })).toMatchObject({
    ok: true,
    value: { personName: 'Ada', density: 'dense' },
  });
  expect(await backend.call('app.status', {})).toMatchObject({ ok: true, value: { storage: 'ready' } });
  expect(await backend.call('app.info', {})).toMatchObject({ ok: true, value: { adapter: 'browser' } });
  expect(await backend.call('app.dismissNotice', { id: 'x' })).toEqual({ ok: true, value: {} });
  expect(await backend.call('app.quit', {})).toEqual({ ok: true, value: {} });
  expect(hasQuit).toBe(true);
});
