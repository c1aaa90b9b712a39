import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { endpointOf } from '../../../../shared/dialects/dialect.ts';
import { objectIn } from '../../../../shared/dialects/shape.ts';
import {
  addressSchema,
  bankAccountTypeLabels,
  bankingInformationSchema,
  clientRequestSchema,
  clientSchema,
  contactMiniSchema,
  entityTypeFilterValues,
  entityTypeLabels,
  industryFilterValues,
  industryLabels,
  lifecycleStageLabels,
  patchedClientRequestSchema,
  personMiniSchema,
  skhokho,
} from '../../../../shared/dialects/skhokho.ts';
import { specText } from './examples.ts';

interface Property {
  type?: string;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  enum?: (string | null)[];
  nullable?: boolean;
  readOnly?: boolean;
  description?: string;
  allOf?: { $ref: string }[];
  items?: { $ref: string };
  $ref?: string;
}
interface Definition {
  properties: Record<string, Property>;
  required?: string[];
}
interface Operation {
  operationId: string;
  parameters: { in: string; name: string; required?: boolean; schema: { type: string; enum?: string[] } }[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  responses: Record<string, { content?: Record<string, { schema: Property }> }>;
}

const file = JSON.parse(specText('skhokho-clients.openapi.json')) as {
  components: { schemas: Record<string, Definition> };
  paths: Record<string, Record<string, Operation>>;
};

/** Our schema for each of the file's; a schema of the file without one fails the walk. */
const ours: Record<string, z.ZodObject> = {
  Client: clientSchema,
  ClientPersonMini: personMiniSchema,
  ClientAddress: addressSchema,
  ClientBankingInformation: bankingInformationSchema,
  ClientContactMini: contactMiniSchema,
  ClientRequest: clientRequestSchema,
  ClientAddressRequest: addressSchema,
  ClientBankingInformationRequest: bankingInformationSchema,
  PatchedClientRequest: patchedClientRequestSchema,
};

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const nameOf = (ref: string) => ref.split('/').at(-1) as string;

describe.each(Object.entries(file.components.schemas))('%s of the OpenAPI file', (name, definition) => {
  const schema = ours[name] as z.ZodObject;

  it('has the same properties, of which the same are required', () => {
    expect(Object.keys(schema.shape).sort()).toEqual(Object.keys(definition.properties).sort());
    const required = Object.entries(schema.shape).filter(([, part]) => !accepts(part as z.ZodType, undefined));
    expect(required.map(([key]) => key).sort()).toEqual([...(definition.required ?? [])].sort());
  });

  it.each(Object.entries(definition.properties))('takes in %s what the file takes', (key, property) => {
    const part = schema.shape[key] as z.ZodType;
    expect(accepts(part, null)).toBe(property.nullable === true || property.enum?.includes(null) === true);
    if (property.maxLength !== undefined && property.pattern === undefined && property.format === undefined) {
      expect(accepts(part, 'x'.repeat(property.maxLength))).toBe(true);
      expect(accepts(part, 'x'.repeat(property.maxLength + 1))).toBe(false);
    }
    if (property.minLength !== undefined) expect(accepts(part, 'x'.repeat(property.minLength - 1))).toBe(false);
    if (property.enum !== undefined) {
      for (const value of property.enum) expect(accepts(part, value), String(value)).toBe(true);
      expect(accepts(part, 'none of these')).toBe(false);
    }
    if (property.type === 'boolean') expect([accepts(part, true), accepts(part, 'true')]).toEqual([true, false]);
    if (property.type === 'integer') expect([accepts(part, 7), accepts(part, 7.5)]).toEqual([true, false]);
    if (property.type === 'string' && property.enum === undefined) expect(accepts(part, 7)).toBe(false);
    const samples = byFormat[property.format ?? ''];
    if (samples !== undefined) for (const [value, isGood] of samples) expect(accepts(part, value), value).toBe(isGood);
    if (property.pattern !== undefined) {
      const pattern = new RegExp(property.pattern);
      for (const value of patternSamples) {
        expect(accepts(part, value), value).toBe(pattern.test(value) && value.length <= (property.maxLength ?? Number.POSITIVE_INFINITY));
      }
    }
    const ref = property.allOf?.[0]?.$ref;
    if (ref !== undefined)
      expect(Object.keys(objectIn(part)?.shape ?? {}).sort()).toEqual(
        Object.keys(file.components.schemas[nameOf(ref)]?.properties ?? {}).sort(),
      );
  });
});

const byFormat: Record<string, [string, boolean][]> = {
  date: [
    ['2024-02-29', true],
    ['2023-02-29', false],
    ['2024-2-9', false],
  ],
  'date-time': [
    ['2024-02-29T10:00:00Z', true],
    ['2024-02-29T10:00:00.123456+02:00', true],
    ['2024-02-29', false],
  ],
  email: [
    ['gabriel@arguswest.com', true],
    ['gabriel', false],
  ],
  uri: [
    ['https://acme.com/a?b=c', true],
    ['acme.com', false],
    [`https://acme.com/${'x'.repeat(300)}`, false],
  ],
};

const patternSamples = [
  '',
  '.',
  '-',
  '5.',
  '.5',
  '-12.34',
  '1234567890123.45',
  '12345678901234',
  '1.234',
  '1e5',
  '+16195555555',
  '6195555555',
  '12345678',
  '1234567890123456',
  '12345678901234567',
  '(619)5555555',
  '619 555 5555',
  '+1619555555x',
];

describe('The labels of the OpenAPI file', () => {
  it.each([
    ['entity_type', entityTypeLabels],
    ['lifecycle_stage', lifecycleStageLabels],
    ['industry', industryLabels],
  ] as const)('are those we show for %s', (key, labels) => {
    expect(labelsIn(file.components.schemas['Client']?.properties[key])).toEqual(labels);
  });

  it('are those we show for the type of a bank account', () => {
    expect(labelsIn(file.components.schemas['ClientBankingInformation']?.properties['account_type'])).toEqual(bankAccountTypeLabels);
  });

  const labelsIn = (property: Property | undefined) =>
    Object.fromEntries([...(property?.description ?? '').matchAll(/\* `(\w+)` - (.+)/g)].map((match) => [match[1], match[2]]));
});

describe('The paths of the OpenAPI file', () => {
  const operations = Object.entries(file.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, path, method, operation] as const),
  );

  it('are all served, and no others', () => {
    expect(skhokho.endpoints.map((one) => `${one.method} ${one.path}`).sort()).toEqual(operations.map(([name]) => name).sort());
  });

  it.each(operations)('%s has the parameters, bodies and statuses of the file', (_, path, method, operation) => {
    const endpoint = skhokho.endpoints.find((one) => one.path === path && one.method === method.toUpperCase());
    if (endpoint === undefined) throw new Error('not served');
    const named = (where: string) =>
      operation.parameters
        .filter((one) => one.in === where)
        .map((one) => one.name)
        .sort();
    expect(endpoint.query.map((one) => one.name).sort()).toEqual(named('query'));
    expect(endpoint.pathParameters.map((one) => one.name).sort()).toEqual(named('path'));
    expect(endpoint.statuses.map((one) => String(one.status)).sort()).toEqual(Object.keys(operation.responses).sort());
    const bodies = { 'application/json': 'json', 'application/x-www-form-urlencoded': 'form', 'multipart/form-data': 'multipart' };
    expect([...endpoint.bodyTypes]).toEqual(
      Object.keys(operation.requestBody?.content ?? {}).map((type) => bodies[type as keyof typeof bodies]),
    );
    // Creating needs a name; updating is "full or partial", also with PUT.
    if (operation.requestBody !== undefined)
      expect(endpoint.body).toBe(endpoint.action === 'create' ? clientRequestSchema : patchedClientRequestSchema);
    const answer = operation.responses['200'] ?? operation.responses['201'];
    const schema = answer?.content?.['application/json']?.schema;
    if (schema === undefined) expect(endpoint.response).toBeNull();
    else if (schema.type === 'array') expect((endpoint.response as z.ZodArray).element).toBe(clientSchema);
    else expect(endpoint.response).toBe(clientSchema);
  });

  it('takes the filter values of the file, and those of the model beside them', () => {
    const parameters = file.paths['/api/v1.0/organisation/{org_uid}/clients/']?.['get']?.parameters ?? [];
    const inFile = (name: string) => parameters.find((one) => one.name === name)?.schema.enum;
    const taken = (name: string) => endpointOf(skhokho, 'clients.list').query.find((one) => one.name === name)?.values;
    expect(inFile('entity_type')).toEqual([...entityTypeFilterValues]);
    expect(inFile('industry')).toEqual([...industryFilterValues]);
    expect(inFile('lifecycle_stage')?.sort()).toEqual([...(taken('lifecycle_stage') ?? [])].sort());
    expect(taken('entity_type')).toEqual(expect.arrayContaining([...entityTypeFilterValues, ...Object.keys(entityTypeLabels)]));
    expect(taken('industry')).toEqual(expect.arrayContaining([...industryFilterValues, ...Object.keys(industryLabels)]));
    expect(industryFilterValues.filter((value) => Object.hasOwn(industryLabels, value))).toHaveLength(5);
  });
});
