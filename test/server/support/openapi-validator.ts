import { Ajv, type ValidateFunction } from 'ajv';
import { specText } from '../../unit/shared/dialects/examples.ts';

type Json = Record<string, unknown>;
interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}

/**
 * Holds answers to Skhokho's OpenAPI file with a validator that knows nothing of our codecs. The file is of version 3.0,
 * whose schemas are JSON Schema but for `nullable`. Members the file does not name are refused.
 */
export function skhokhoValidator(): (method: string, path: string, status: number, body: unknown) => string[] {
  const file = JSON.parse(specText('skhokho-clients.openapi.json')) as {
    components: { schemas: Record<string, Json> };
    paths: Record<string, Record<string, Operation>>;
  };
  const ajv = new Ajv({ strict: false, allErrors: true });
  const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
  ajv.addFormat('date', (text) => day.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text));
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  ajv.addFormat('email', /^[^\s@]+@[^\s@]+\.[^\s@]+$/);
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('decimal', /^-?\d+(\.\d+)?$/);
  for (const [name, schema] of Object.entries(file.components.schemas)) ajv.addSchema(closed(plain(schema)), name);
  const compiled = new Map<string, ValidateFunction>();

  return (method, path, status, body) => {
    const place = Object.keys(file.paths).find((one) => new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}?$`).test(path));
    const operation = place === undefined ? undefined : file.paths[place]?.[method.toLowerCase()];
    if (operation === undefined) return [`${method} ${path} is not in the file`];
    const response = operation.responses[String(status)];
    if (response === undefined) return [`${method} ${path} does not answer ${status} in the file`];
    const schema = response.content?.['application/json']?.schema;
    if (schema === undefined) return status === 204 && Object.keys(body as Json).length > 0 ? ['A 204 has a body'] : [];
    const key = `${method} ${place} ${status}`;
    const validate = compiled.get(key) ?? ajv.compile(plain(schema));
    compiled.set(key, validate);
    return validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

/** OpenAPI 3.0 as JSON Schema. References are whole names here, so that the validator needs no document around them. */
function plain(schema: unknown): Json {
  if (Array.isArray(schema)) return schema.map(plain) as unknown as Json; // walked like an object, and stays a list
  if (typeof schema !== 'object' || schema === null) return schema as unknown as Json;
  const { nullable, readOnly: _, $ref: reference, ...rest } = schema as Json;
  if (typeof reference === 'string') return { $ref: reference.split('/').at(-1) };
  const made = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]));
  return nullable === true ? { anyOf: [made, { type: 'null' }] } : made;
}

const closed = (schema: Json): Json => ({ ...schema, additionalProperties: false });
