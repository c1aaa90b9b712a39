import { z } from 'zod';

const strict = new WeakMap<z.ZodType, z.ZodType>();

/** For answers, which have nothing that their document does not name: the schema with every object in it closed to members it does not name. */
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
