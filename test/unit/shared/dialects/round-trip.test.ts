import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookKind, type BookRecord, bookFields, collectionOf } from '../../../../shared/dialects/book-view.ts';
import {
  askAhead,
  type Decoded,
  decode,
  encode,
  type EncodeContext,
  sameValue,
  type Shape,
  Unsayable,
  writeMember,
} from '../../../../shared/dialects/shape.ts';
import { copyOf, isWire, readPath, type Wire, writePath } from '../../../../shared/dialects/wire.ts';
import { valueAt } from '../../../../shared/nouns/field.ts';
import { checkProperty } from '../../../support/property.ts';
import { absorb, blankRecord, MemoryBook, remoteIdOf } from './memory-book.ts';
import { valuesOf } from './schema-arbitrary.ts';
import { isPartOfAnother, shapes } from './shapes.ts';

/**
 * What a schema cannot say of an object: two records in it do not share an id, a client's primary contact is one of its
 * own and marked so, and what is computed is computed.
 */
function plausible(shape: Shape, drawn: Wire): Wire {
  const wire = copyOf(drawn);
  let next = 100;
  const settle = (of: Shape, object: Wire, owner: unknown) => {
    for (const member of of.members) {
      if (member.kind === 'id' && Object.hasOwn(object, member.wire)) object[member.wire] = member.integer ? next++ : `id-${next++}`;
    }
    const own = of.members.find((member) => member.kind === 'id');
    for (const member of of.members) {
      if ((member.kind !== 'reference' && member.kind !== 'children') || member.shape === undefined) continue;
      const value = readPath(object, member.wire);
      for (const inner of Array.isArray(value) ? value : [value])
        if (isWire(inner)) settle(member.shape, inner, own === undefined ? undefined : object[own.wire]);
    }
    if (of.members.some((member) => member.wire === 'primary_contact' && member.kind === 'value')) {
      Object.assign(
        object,
        { primary_contact: true, is_active: true },
        Object.hasOwn(object, 'entity_id') && { entity_id: owner ?? 'new' },
      );
    }
  };
  settle(shape, wire, undefined);
  return wire;
}

/** Puts in what is computed, on every level, as it would be. */
function withComputed(shape: Shape, wire: Wire, encoded: Wire): Wire {
  const whole = copyOf(wire);
  const lay = (of: Shape, object: Wire, source: Wire) => {
    for (const member of of.members) {
      const value = readPath(object, member.wire);
      const right = readPath(source, member.wire);
      if (value === undefined) continue;
      if (member.kind === 'computed' && right !== undefined) writePath(object, member.wire, right);
      if ((member.kind === 'reference' || member.kind === 'children') && member.shape !== undefined) {
        const pairs = Array.isArray(value) ? value.map((one, at) => [one, Array.isArray(right) ? right[at] : undefined]) : [[value, right]];
        for (const [one, other] of pairs) if (isWire(one) && isWire(other)) lay(member.shape, one, other);
      }
    }
  };
  lay(shape, whole, encoded);
  return whole;
}

const wires = (shape: Shape) => (valuesOf(shape.schema) as fc.Arbitrary<Wire>).map((wire) => plausible(shape, wire));

const strangers = fc.dictionary(fc.constantFrom('extra', 'a.b', '~1', '__proto__', 'lead', 'toString'), fc.jsonValue(), {
  maxKeys: 2,
  noNullPrototype: true,
});

describe.each(shapes)('%s', (_, shape) => {
  it('asks the book ahead for all that writing asks it for', () => {
    checkProperty(
      fc.property(wires(shape), (wire) => {
        const book = new MemoryBook();
        const record = absorb(book, shape, decode(shape, wire));
        const askedBy = (work: (context: EncodeContext) => unknown) => {
          const asked = new Set<string>();
          const context: EncodeContext = {
            ...book.context(),
            remoteId: (of, id) => (asked.add(`${of} ${id}`), remoteIdOf(id)),
            book: {
              get: (of, id) => (asked.add(`${of} ${id}`), book.get(of, id)),
              having: (of, field, id) => (asked.add(`${of} having ${id}`), book.having(of, field, id)),
            },
          };
          work(context);
          return asked;
        };
        const ahead = askedBy((context) => askAhead(shape, record, context));
        const written = askedBy((context) => encode(shape, record, context));
        expect([...written].filter((one) => !ahead.has(one))).toEqual([]);
      }),
    );
  });

  it('says again whatever it was told, and leaves nothing of it out', () => {
    checkProperty(
      fc.property(wires(shape), strangers, (drawn, extra) => {
        const wire = { ...drawn };
        for (const [key, value] of Object.entries(extra))
          Object.defineProperty(wire, key, { value, writable: true, enumerable: true, configurable: true });
        const book = new MemoryBook();
        const decoded = decode(shape, wire);
        const record = absorb(book, shape, decoded);
        const again = encode(shape, record, book.context(), { only: decoded.said, leftovers: decoded.leftovers }).wire;
        expect(again).toEqual(withComputed(shape, wire, again));
      }),
    );
  });
});

describe.each(shapes.filter(([name]) => !isPartOfAnother(name)))('%s', (_, shape) => {
  it('needs no leftovers for what it says itself', () => {
    // Only the server knows these, the address of a file among them.
    const own = ['attachment', ...shape.members.filter((member) => member.kind === 'given').map((member) => member.wire)];
    checkProperty(
      fc.property(wires(shape), (drawn) => {
        const book = new MemoryBook();
        const record = absorb(book, shape, decode(shape, drawn));
        const said = encode(shape, record, book.context());
        const decoded = decode(shape, said.wire);
        // An object that lacks what could not be said is not the whole one we would write.
        if (said.unsaid.length === 0)
          expect(Object.keys(decoded.leftovers).filter((path) => !own.includes(path) && !isRefused(decoded, path))).toEqual([]);
        const other = new MemoryBook();
        const copy = absorb(other, shape, decoded);
        expect(encode(shape, copy, other.context(), { only: decoded.said, leftovers: decoded.leftovers }).wire).toEqual(said.wire);
      }),
    );
  });

  it('keeps whom and what a record names', () => {
    const naming = shape.members.filter((member) => member.kind === 'reference' && member.isOrigin !== true);
    const ids = fc.tuple(
      ...naming.map((member) =>
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), {
          maxLength: member.kind === 'reference' && member.list && member.single !== true ? 4 : 1,
        }),
      ),
    );
    checkProperty(
      fc.property(recordsOf(shape), ids, (record, drawn) => {
        const book = new MemoryBook();
        const named: Record<string, unknown> = {};
        for (const [at, member] of naming.entries()) {
          if (member.kind !== 'reference') continue;
          const all = (drawn[at] ?? []).map((id) => `${member.of}:${id}`);
          named[member.book] = member.list ? all : (all[0] ?? null);
          for (const id of all)
            book.put(member.of, blankRecord(member.shape?.kind ?? (member.of === 'directory' ? 'users' : (member.of as BookKind)), id));
        }
        const whole = book.put(collectionOf[shape.kind], { ...record, ...named } as BookRecord);
        const { wire } = encode(shape, whole, book.context());
        const other = new MemoryBook();
        const copy = absorb(other, shape, decode(shape, wire));
        for (const path of Object.keys(named)) expect(valueAt(copy, path), path).toEqual(named[path]);
      }),
    );
  });

  it('keeps every field of a record that it can say', () => {
    checkProperty(
      fc.property(recordsOf(shape), (record) => {
        const book = new MemoryBook();
        book.put(collectionOf[shape.kind], record);
        const { wire, unsaid } = encode(shape, record, book.context());
        const decoded = decode(shape, wire);
        for (const member of shape.members) {
          if (member.kind !== 'value' || unsaid.some((one) => one.wire === member.wire)) continue;
          const stored = valueAt(record, member.book);
          if (member.isComposed === true && stored === null) continue;
          expect(
            sameValue(member, decoded.fields[member.book] ?? null, stored),
            `${member.book}: ${JSON.stringify(stored)} came back as ${JSON.stringify(decoded.fields[member.book])}`,
          ).toBe(true);
        }
        // What is not said is not sayable, and what is said is of the schema; only ids nobody has given yet are missing.
        for (const one of unsaid) expect(isUnsayable(shape, one.wire, record, book)).toBe(true);
        const issues = shape.schema.safeParse(wire).error?.issues ?? [];
        const isMissing = ({ code, path }: (typeof issues)[number]) =>
          (code === 'invalid_type' || code === 'invalid_union') && (readPath(wire, path.join('.')) ?? null) === null;
        expect(issues.filter((issue) => !isMissing(issue))).toEqual([]);
      }),
    );
  });
});

/** The book cannot keep it, or a part of the record inside it. */
const isRefused = (decoded: Decoded, path: string): boolean =>
  decoded.refused.some((one) => one.wire === path) || decoded.related.some((one) => one.member === path && hasRefused(one.decoded));
const hasRefused = (decoded: Decoded): boolean => decoded.refused.length > 0 || decoded.related.some((one) => hasRefused(one.decoded));

function isUnsayable(shape: Shape, path: string, record: BookRecord, book: MemoryBook): boolean {
  const member = shape.members.find((one) => one.wire === path);
  return member !== undefined && writeMember(shape, member, record, book.context()) instanceof Unsayable;
}

/** Any record the book can hold, naming nobody. */
function recordsOf(shape: Shape): fc.Arbitrary<BookRecord> {
  const fields = bookFields[shape.kind];
  return (valuesOf(fields) as fc.Arbitrary<Record<string, unknown>>).map((drawn) => {
    const kept = fields.parse(drawn) as Record<string, unknown>;
    const blank = blankRecord(shape.kind, `${collectionOf[shape.kind]}:7`);
    for (const member of shape.members) if (member.kind === 'reference') kept[member.book] = valueAt(blank, member.book);
    return { ...blank, ...kept } as BookRecord;
  });
}
