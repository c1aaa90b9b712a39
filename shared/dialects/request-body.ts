import type { z } from 'zod';
import type { BookRecord } from './book-view.ts';
import type { Resource } from './dialect.ts';
import { type ErrorAnswer, validationAnswer } from './error-body.ts';
import { type EncodeContext, meansSame, objectIn, type Shape, writeMember } from './shape.ts';
import { copyOf, isWire, readPath, removePath, sameJson, type Wire } from './wire.ts';

export type RequestBody = { ok: true; wire: Wire } | { ok: false; answer: ErrorAnswer };

/**
 * A request's body as a server takes it: taken out of its nesting, without the members only an answer has, checked by the
 * dialect's schema. No document forbids members it does not name, so they are passed over, as Django passes over them; and
 * an empty text empties what can be empty. `record` is the one to be changed, null when one is made.
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
  const parsed = shape.schema.safeParse(emptied(shape.schema, wire), { reportInput: true });
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

/** The object with null in the place of each empty text that its schema refuses and null is not. */
function emptied(schema: z.ZodObject, wire: Wire): Wire {
  const whole: Wire = {};
  for (const [name, value] of Object.entries(wire)) {
    // Whatever else a body has is none of the schema's.
    const part = Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : null;
    if (part === null) continue;
    const inner = isWire(value) ? objectIn(part) : null;
    if (inner !== null) whole[name] = emptied(inner, value as Wire);
    else whole[name] = value === '' && !part.safeParse('').success && part.safeParse(null).success ? null : value;
  }
  return whole;
}
