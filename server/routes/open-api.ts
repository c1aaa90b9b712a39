import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Capabilities, Endpoint } from '../../shared/dialects/dialect.ts';
import type { QueryParameter } from '../../shared/dialects/query-parameter.ts';

/**
 * The OpenAPI document, from which clients are generated (test/server/open-api.test.ts does so): every operation has an id
 * of its own that is a name in any language, says which ways to sign in it takes, and names every value of a closed set.
 * For the document only: what a request may be is checked by the codecs, with the dialect's own errors.
 */
export type Way = Capabilities['auth'][number];

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An access token of POST /auth/token' },
  token: { type: 'apiKey', in: 'header', name: 'Authorization', description: '"Token " and an access token of POST /auth/token' },
  basic: { type: 'http', scheme: 'basic', description: 'The e-mail and the password of a person' },
  sessionCookie: { type: 'apiKey', in: 'cookie', name: 'sessionid', description: 'The cookie that POST /auth/session sets' },
} as const satisfies Record<Way, object>;

/** What attachments and devices take, which are no dialect's. */
export const everyWay = ['bearer', 'basic', 'sessionCookie'] as const satisfies readonly Way[];

export const securityOf = (ways: readonly Way[]): Record<string, string[]>[] => ways.map((way) => ({ [way]: [] }));

/** "summit", "clients.list": summitClientsList. */
export function operationIdOf(...names: string[]): string {
  const [first = '', ...others] = names.flatMap((name) => name.split(/[^a-zA-Z0-9]+/)).filter((word) => word !== '');
  return [first, ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

const wholeNumber = z.int().min(0).max(999_999_999_999_999);

export function pathParameterOf({ type, meaning }: Endpoint['pathParameters'][number]): z.ZodType {
  return (type === 'integer' ? wholeNumber : z.string()).describe(meaning);
}

export function queryParameterOf({ type, values = [], isAnyCase, meaning }: QueryParameter): z.ZodType {
  switch (type) {
    case 'integer':
      return z.int().min(-999_999_999_999_999).max(999_999_999_999_999).optional().describe(meaning);
    case 'boolean':
      return z.boolean().optional().describe(meaning);
    case 'choice':
      return z
        .enum(values)
        .optional()
        .describe(isAnyCase === true ? `${meaning}; in capitals too` : meaning);
    case 'list':
      return z.array(z.string()).optional().describe(`${meaning}; also one text with commas`);
    case 'instant':
    case 'instantEnd':
    case 'text':
      return z.string().optional().describe(meaning);
  }
}

export const openApi: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Fieldbook server', version: '0.1.0', description: 'The REST dialects Fieldbook speaks, and its own sync.' },
    components: { securitySchemes },
    security: [],
  },
  transform(route) {
    const { schema, url } = jsonSchemaTransform(route);
    // The rest of an address has a name in the document.
    return { schema, url: url.replace(/\/\*$/, '/:name') };
  },
};
