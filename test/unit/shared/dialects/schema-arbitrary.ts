import fc from 'fast-check';
import { z } from 'zod';

/**
 * Everything a schema lets through, as values to test with: the schema says what a dialect can say, so what is generated
 * from it is all a dialect can say. Objects leave out optional members at random.
 */
export function valuesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return raw(schema).filter((value) => schema.safeParse(value).success);
}

function raw(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional) return raw(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodNullable)
    return fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: raw(schema.unwrap() as z.ZodType) });
  if (schema instanceof z.ZodDefault) return raw(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return raw((schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType);
  if (schema instanceof z.ZodObject) return objectOf(schema);
  if (schema instanceof z.ZodArray) return fc.array(valuesOf(schema.element as z.ZodType), { maxLength: 4 });
  if (schema instanceof z.ZodRecord) return fc.constant({});
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((option) => raw(option as z.ZodType)));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumberFormat) return integers(schema);
  if (schema instanceof z.ZodNumber)
    return fc.oneof(
      fc.integer({ min: -1000, max: 1_000_000 }),
      fc.integer({ min: -99_999, max: 99_999 }).map((cents) => cents / 100),
    );
  if (schema instanceof z.ZodStringFormat && schema instanceof z.ZodType) return formatted(schema as unknown as z.ZodString);
  if (schema instanceof z.ZodString) return texts(schema);
  throw new Error(`No values for ${schema.constructor.name}`);
}

function objectOf(schema: z.ZodObject): fc.Arbitrary<unknown> {
  const parts = Object.entries(schema.shape as Record<string, z.ZodType>);
  const model = Object.fromEntries(parts.map(([key, part]) => [key, valuesOf(part)]));
  const requiredKeys = parts.filter(([, part]) => !part.safeParse(undefined).success || part instanceof z.ZodDefault).map(([key]) => key);
  return fc.record(model, { requiredKeys });
}

function integers(schema: z.ZodNumberFormat): fc.Arbitrary<number> {
  const min = Math.max(schema.minValue ?? 0, -1000);
  const max = Math.min(schema.maxValue ?? 1_000_000, 1_000_000);
  return fc.oneof(fc.integer({ min, max }), fc.integer({ min, max: Math.min(max, min + 20) }));
}

const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true });

function formatted(schema: z.ZodString): fc.Arbitrary<string> {
  switch (schema.format) {
    case 'email':
      return fc
        .tuple(fc.stringMatching(/^[a-z0-9]{1,12}([.+-][a-z0-9]{1,6})?$/), fc.stringMatching(/^[a-zA-Z0-9]{1,12}\.[a-z]{2,4}$/))
        .map((parts) => parts.join('@'));
    case 'url':
      return fc.oneof(
        fc.webUrl({ withQueryParameters: true }),
        fc.constantFrom('https://acme.com', 'http://acme.com/', 'HTTPS://ACME.com/Über uns'),
      );
    case 'date':
      return day.map((date) => date.toISOString().slice(0, 10));
    case 'datetime':
      return fc.tuple(day, fc.constantFrom('ms', 's', 'us', '+02:00')).map(([date, form]) => {
        const iso = date.toISOString();
        if (form === 's') return iso.replace(/\.\d+Z$/, 'Z');
        if (form === 'us') return iso.replace('Z', '123Z');
        return form === 'ms' ? iso : iso.replace('Z', '+02:00');
      });
    default:
      throw new Error(`No values for the format ${schema.format}`);
  }
}

/** Signs that have made trouble somewhere; drawing from all of Unicode takes many times as long. */
const signs = fc.constantFrom(...'aZ09 .,-_/@#éßØ漢🧭\n\t\u0001\u200d"\'<&;:|{}[]()+%~\\');

/** Words, foreign letters, spaces, control characters, the longest that is allowed, and what looks like something else. */
function texts(schema: z.ZodString): fc.Arbitrary<string> {
  const pattern = (schema.def.checks ?? [])
    .map((check) => (check as { _zod: { def: { pattern?: RegExp } } })._zod.def.pattern)
    .find((one) => one instanceof RegExp);
  if (pattern !== undefined) return fc.stringMatching(pattern);
  const max = Math.min(schema.maxLength ?? 60, 400);
  const min = Math.min(schema.minLength ?? 0, max);
  if (max === 2) return fc.constantFrom('US', 'CA', 'de', 'CO', 'ON', '75', 'Al', '  ', 'zz');
  const longest = fc.constantFrom('x', 'é', '漢').map((sign) => sign.repeat(max));
  const odd = fc.constantFrom(
    '',
    ' ',
    '  padded  ',
    'null',
    'O’Brien & Sons <b>',
    'line\nbreak',
    'nul\u0000',
    '🧭',
    '-1',
    '(619)555-5555',
    '+1 619 555 5555',
    'acme.com',
    'US',
    'Colorado',
    '45.00',
    '0.0775',
    'energy',
    'USD',
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: signs, minLength: min, maxLength: Math.min(max, 24) }) },
    { weight: 2, arbitrary: odd },
    { weight: 1, arbitrary: longest },
  );
}
