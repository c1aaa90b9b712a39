import { expect, it } from 'vitest';
import { actionIds, actions, type ActionInfo } from '../../../../../renderer/features/keys/actions.ts';

const infos = actionIds.map((id) => [id, actions[id] as ActionInfo] as const);

it('gives no key to two actions', () => {
  const keys = infos.flatMap(([, { keys: all }]) => all);
  expect(new Set(keys).size).toBe(keys.length);
});

it('has no first key of a pair that is a key by itself', () => {
  const keys = infos.flatMap(([, { keys: all }]) => all);
  const first = keys.filter((key) => key.includes(' ')).map((key) => key.split(' ')[0]);
  for (const key of first) expect(keys).not.toContain(key);
});

it('gives deleting no key that is a letter', () => {
  for (const [id, { label, keys }] of infos) if (/delete|remove/i.test(id) || /^delete/i.test(label)) expect(keys).toEqual([]);
});

it('has words in sentence case for every action', () => {
  for (const [, { label }] of infos) expect(label).toMatch(/^[A-Z][^A-Z]*$/);
});
