import fc from 'fast-check';
import { setAt } from '../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../shared/nouns/nouns.ts';

/** What a value of a field may look like when it comes from a screen: right, nearly right, or anything at all. */

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 30, unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.string({ minLength: 140, maxLength: 320 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\u0000', '__proto__', 'constructor', '•••• 1234', '=1+1', 'ﬃ', '\ud800', '0', 'null') },
);
const email = fc.oneof(
  fc.constantFrom('a@b.example', 'A@B.example', 'c@d.example', 'e@f.example', 'not an e-mail', 'a@b', ' a@b.example '),
  fc.emailAddress(),
);
const day = fc.oneof(
  fc.constantFrom('2026-02-30', '2026-3-4', '2999-01-01', '0001-01-01', 'yesterday'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
);

function valueFor(kind: string, choices: readonly string[]): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.oneof(fc.integer({ min: -1, max: 4000 }), fc.double());
    case 'rate':
      return fc.oneof(fc.constantFrom('0.0775', '0', '1', '1.5', '-0.1', '7.75', '0.1234567'), fc.double().map(String));
    case 'decimal':
      return fc.oneof(fc.constantFrom('12.50', '-1', '1e5', '00012', '99999999999999.99', '1,5'), fc.integer().map(String));
    case 'date':
      return day;
    case 'email':
      return email;
    case 'choice':
      return fc.oneof(fc.constantFrom(...choices), fc.constant('none of them'));
    case 'openChoice':
      return fc.oneof(fc.constantFrom(...choices), text);
    case 'reference':
      // Names nobody nearly always: most of the time none, so that the other fields are met too.
      return fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: text });
    case 'references':
      return fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(text, { maxLength: 4 }) });
    case 'tags':
    case 'links':
      return fc.array(text, { maxLength: 4 });
    default:
      return text;
  }
}

const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.NaN, -0, 1e308));

/** Some fields of the noun with values that are mostly near what they should be. `ids` picks existing records by number. */
export function fieldInputs(noun: NounName): fc.Arbitrary<Record<string, unknown>> {
  const fields = fieldsOf(noun).filter((field) => field.computed !== true);
  const one = fc.oneof(
    ...fields.map(({ path, kind, choices }) =>
      fc.tuple(
        fc.constant(path),
        fc.oneof(
          { weight: 20, arbitrary: valueFor(kind, Object.keys(choices ?? {})) },
          { weight: 2, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: anything },
        ),
      ),
    ),
    fc.tuple(
      fc.constantFrom('custom', 'externalIds'),
      fc.oneof(fc.dictionary(fc.oneof(text, fc.constant('__proto__')), fc.oneof(text, fc.boolean(), fc.integer())), anything),
    ),
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('nickname', 'id', 'deletedAt', 'stamps', 'createdAt', '__proto__', 'constructor'), anything),
    },
  );
  return fc.array(one, { maxLength: 6 }).map((pairs) => {
    const input: Record<string, unknown> = {};
    for (const [path, value] of pairs) {
      if (path === '__proto__') Object.defineProperty(input, path, { value, enumerable: true, configurable: true, writable: true });
      else setAt(input, path, value);
    }
    return input;
  });
}

export const anyInput = anything;
