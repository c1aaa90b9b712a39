import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBook } from '../../electron/opening/open-book.ts';
import { contracts } from '../../shared/contracts/api.ts';
import { commonErrors, type Method } from '../../shared/contracts/contract.ts';
import { methodNames } from '../../shared/contracts/surface.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { quietLog } from '../support/opened-book.ts';
import { quietPlatform } from '../support/quiet-platform.ts';

const all = contracts.flatMap((contract) =>
  (Object.entries(contract.methods) as [string, Method][]).map(([name, method]) => ({ name: `${contract.name}.${name}`, method })),
);

it('every method of every contract has a handler behind the door, which refuses nonsense as a problem', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'fieldbook-contract-'));
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
  const options = { dataFolder, version: '0.0.0', clock: fixedClock('2026-03-04T09:00:00.000Z'), log: quietLog };
  const book = await openBook(quietPlatform(), options, () => undefined);
  onTestFinished(() => book.close());

  for (const { name } of all) {
    const answer = await book.backend.call(name, 'nonsense');
    expect(answer, name).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
  }
  expect(await book.backend.call('clients.create', { name: 'Harbor Bakery' })).toMatchObject({ ok: true });
  expect(await book.backend.call('app.status', {})).toMatchObject({ ok: true, value: { storage: 'opening' } });
});

it('the names that cross the bridge are those of the contracts', () => {
  const named = Object.entries(methodNames).flatMap(([noun, methods]) => Object.keys(methods).map((method) => `${noun}.${method}`));
  expect(new Set(named)).toEqual(new Set(all.map(({ name }) => name)));
});

it('every named error is a code of its own, and no contract repeats a common one', () => {
  for (const { name, method } of all) {
    for (const code of method.errors) expect(code, name).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(new Set(method.errors).size, name).toBe(method.errors.length);
    expect(
      method.errors.filter((code) => (commonErrors as readonly string[]).includes(code)),
      name,
    ).toEqual([]);
  }
});

it('every input is an object with fields by name, so that a method can grow', () => {
  for (const { name, method } of all) expect(method.input.safeParse([]).success, name).toBe(false);
});
