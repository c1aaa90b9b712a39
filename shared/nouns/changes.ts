import { z } from 'zod';

/** What a schema becomes when it names a change: nothing has a default, every part may be left out. */
type ChangeOf<T> =
  T extends z.ZodDefault<infer Inner>
    ? ChangeOf<Inner>
    : T extends z.ZodNullable<infer Inner>
      ? z.ZodNullable<ChangeOf<Inner> extends z.ZodType ? ChangeOf<Inner> : never>
      : T extends z.ZodObject<infer Shape>
        ? ChangesOf<Shape>
        : T;
export type ChangesOf<Shape> = z.ZodObject<
  { [K in keyof Shape]: z.ZodOptional<ChangeOf<Shape[K]> extends z.ZodType ? ChangeOf<Shape[K]> : never> },
  z.core.$strict
>;

/**
 * The schema of a change to fields: only what is named is changed, also inside an address or banking data. A default
 * there would empty what the person did not touch (invariant 2).
 */
export function changesOf<Shape extends z.core.$ZodLooseShape>(fields: z.ZodObject<Shape>): ChangesOf<Shape> {
  return changeOf(fields) as ChangesOf<Shape>;
}

function changeOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault) return changeOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodNullable) return changeOf(schema.unwrap() as z.ZodType).nullable();
  if (!(schema instanceof z.ZodObject)) return schema;
  return z.strictObject(
    Object.fromEntries(Object.entries(schema.shape).map(([name, part]) => [name, changeOf(part as z.ZodType).optional()])),
  );
}
