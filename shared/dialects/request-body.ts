import { z } from 'zod';
import type { BookRecord } from './book-view.ts';
import type { Resource } from './dialect.ts';
import { type ErrorAnswer, validationAnswer } from './error-body.ts';
import { type EncodeContext, meansSame, type Shape, writeMember } from './shape.ts';
import { copyOf, isWire, readPath, removePath, sameJson, type Wire } from './wire.ts';

export type RequestBody = { ok: true; wire: Wire } | { ok: false; answer: ErrorAnswer };

/**
 * A request's body as a server takes it: taken out of its nesting, without the members only an answer has, checked by the
 * dialect's schema. Members nobody knows are refused, because passing them over would lose what somebody meant to say.
 * `record` is the one to be changed, null when one is made.
 */
export function readRequest(
  resource: Resource,
  shape: Shape,
  body: unknown,
  record: BookRecord | null,
  context: EncodeContext,
): RequestBody {
  const at = resource.wrap === undefined ? [] : [resource.wrap];
  if (!isWire(body)) return refuse({ non_field_errors: ['Invalid data. Expected a dictionary.'] });
  const inside = resource.wrap === undefined ? body : body[resource.wrap];
  if (!isWire(inside)) {
    return refuse(
      inside === undefined
        ? { [resource.wrap as string]: ['This field is required.'] }
        : { [resource.wrap as string]: ['Invalid data. Expected a dictionary.'] },
    );
  }
  const wire = copyOf(inside);
  for (const member of resource.answer.members) {
    if (shape.members.some((one) => one.wire === member.wire)) continue;
    const value = readPath(wire, member.wire);
    if (value === undefined) continue;
    if (resource.fixed?.includes(member.wire) === true && !isShown(member.wire, value)) {
      return refuse(nest({ [member.wire]: ['This cannot be changed here. Nothing of the request was carried out.'] }));
    }
    // Django passes over what is read-only, so that an object can be sent back as it was shown.
    removePath(wire, member.wire);
  }
  const parsed = strictly(shape.schema).safeParse(wire, { reportInput: true });
  return parsed.success ? { ok: true, wire: parsed.data as Wire } : { ok: false, answer: validationAnswer(parsed.error, at) };

  function isShown(name: string, value: unknown): boolean {
    const member = resource.answer.members.find((one) => one.wire === name);
    if (member === undefined || record === null) return false;
    const shown = writeMember(resource.answer, member, record, context);
    return sameJson(shown, value) || meansSame(resource.answer, member, value, shown, inside as Wire);
  }

  function nest(errors: Wire): Wire {
    return resource.wrap === undefined ? errors : { [resource.wrap]: errors };
  }
}

function refuse(body: Wire): RequestBody {
  return { ok: false, answer: { status: 400, body } };
}

const strict = new WeakMap<z.ZodType, z.ZodType>();

/** The schema with every object in it closed to members it does not name. */
export function strictly(schema: z.ZodType): z.ZodType {
  const known = strict.get(schema);
  if (known !== undefined) return known;
  const made = close(schema);
  strict.set(schema, made);
  return made;
}

function close(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject)
    return z.strictObject(Object.fromEntries(Object.entries(schema.shape).map(([key, part]) => [key, strictly(part as z.ZodType)])));
  if (schema instanceof z.ZodOptional) return strictly(schema.unwrap() as z.ZodType).optional();
  if (schema instanceof z.ZodNullable) return strictly(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodArray) {
    const element = strictly(schema.element as z.ZodType);
    return element === schema.element ? schema : z.array(element);
  }
  return schema;
}
