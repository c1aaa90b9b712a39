import { expect, it } from 'vitest';
import { z } from 'zod';
import { changesOf } from '../../../../shared/nouns/changes.ts';
import { clientFieldInfo, clientFieldsSchema } from '../../../../shared/nouns/client/client.ts';
import { problemOf } from '../../../../shared/nouns/field-problem.ts';
import { say } from '../../../../shared/words/say.ts';

/** The problem as a person meets it. */
function problemWith(schema: z.ZodType, input: unknown) {
  const { error } = schema.safeParse(input);
  if (error === undefined) throw new Error('The input was accepted');
  const { words: _words, values: _values, ...problem } = problemOf(error, clientFieldInfo);
  return { ...problem, message: say(problemOf(error, clientFieldInfo)) };
}

it.each([
  [{ name: 'x', tags: ['vip', 7] }, 'tags', 'Tags: needs a text.'],
  [{ name: 'x', tags: Array.from({ length: 201 }, () => 'vip') }, 'tags', 'Tags: can have 200 entries at most. Take some out.'],
  [{ name: 'x', paymentTermsDays: 1.5 }, 'paymentTermsDays', 'Payment terms (days): write a whole number, like 30.'],
  [{ name: 'x', paymentTermsDays: -1 }, 'paymentTermsDays', 'Payment terms (days): must be 0 or more.'],
  [{ name: 'x', address: 'Denver' }, 'address', 'Address: needs its parts by name.'],
  [
    { name: 'x', lifecycleStage: 7 },
    'lifecycleStage',
    'Lifecycle stage: choose one of: Prospect, Active client, Matured client, Inactive, Dormant, Lost opportunity.',
  ],
  [{ name: 'x', defaultCurrency: 'dollars' }, 'defaultCurrency', 'Currency: write the three letters of the currency, like USD or EUR.'],
  [
    { name: 'x', annualRevenue: '1e9' },
    'annualRevenue',
    'Annual revenue (USD): write a number with up to 13 digits and 2 decimals, like 1234.50.',
  ],
])('%j is refused in words a person can act on', (input, field, message) => {
  expect(problemWith(clientFieldsSchema, input)).toEqual({ code: 'INVALID_INPUT', field, message });
});

it('names the field of a change as it names the field of a new record', () => {
  const input = z.object({ id: z.string(), changes: changesOf(clientFieldsSchema) });
  expect(problemWith(input, { id: 'x', changes: { address: { city: 7 } } })).toMatchObject({
    field: 'address.city',
    message: 'City: needs a text.',
  });
  expect(problemWith(input, { id: 'x', changes: 7 })).toEqual({ code: 'INVALID_INPUT', message: 'Needs its parts by name.' });
});

it('never speaks in the words of the schema library', () => {
  const schemas = [
    z.string().min(3),
    z.array(z.string()).min(1),
    z.number().max(1),
    z.union([z.string(), z.boolean()]),
    z.email(),
    z.iso.datetime(),
    z.literal('a'),
  ];
  for (const schema of schemas) {
    for (const input of [undefined, null, 7, '', [], {}]) {
      const { error } = schema.safeParse(input);
      if (error !== undefined) expect(say(problemOf(error))).toMatch(/^(Needs|Must|Can|Choose|Is not|Has a) [^:]*(: [^:]*)?\.$/);
    }
  }
});
