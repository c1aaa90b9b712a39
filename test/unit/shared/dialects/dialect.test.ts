import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Dialect, listIn, matchEndpoint, pathTo, resourceOf } from '../../../../shared/dialects/dialect.ts';
import { objectIn } from '../../../../shared/dialects/shape.ts';
import { casework } from '../../../../shared/dialects/casework.ts';
import { bottlecrm } from '../../../../shared/dialects/bottlecrm.ts';
import { programs } from '../../../../shared/dialects/programs.ts';
import { skhokho } from '../../../../shared/dialects/skhokho.ts';
import { summit } from '../../../../shared/dialects/summit.ts';
import { specText } from './examples.ts';
import { dialects, shapes } from './shapes.ts';

const found = (dialect: Dialect, method: string, path: string) => {
  const match = matchEndpoint(dialect, method, path);
  return match === null ? null : 'allow' in match ? match.allow : [match.endpoint.name, match.parameters];
};

describe.each(dialects.map((dialect) => [dialect.name, dialect] as const))('The endpoints of %s', (_, dialect) => {
  it('have names of their own, a resource, and parameters with a meaning', () => {
    const names = dialect.endpoints.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const one of dialect.endpoints) {
      expect(resourceOf(dialect, one.resource).name).toBe(one.resource);
      for (const parameter of [...one.query, ...one.pathParameters]) expect(parameter.meaning.length, parameter.name).toBeGreaterThan(5);
      expect(one.statuses.some((status) => status.status < 300) && one.statuses.some((status) => status.status === 401), one.name).toBe(
        true,
      );
      // What is created, changed or commented has a body, and what is read or deleted has none.
      expect(one.body !== null, one.name).toBe(['POST', 'PUT', 'PATCH'].includes(one.method));
      expect(one.bodyTypes.length > 0, one.name).toBe(one.body !== null);
    }
  });

  it('agree with what the resources say they can', () => {
    for (const resource of dialect.resources) {
      const actions = dialect.endpoints.filter((one) => one.resource === resource.name).map((one) => one.action);
      expect([actions.includes('list'), actions.includes('get'), actions.includes('delete')], resource.name).toEqual([
        resource.canList,
        resource.canGet,
        resource.canDelete,
      ]);
      if (actions.includes('create')) expect(resource.create, resource.name).not.toBeNull();
      if (actions.includes('change')) expect(resource.change, resource.name).not.toBeNull();
    }
    expect(dialect.endpoints.some((one) => one.action === 'delete')).toBe(dialect.capabilities.canDelete);
    expect(dialect.endpoints.some((one) => one.query.some((parameter) => parameter.name === 'updated_from'))).toBe(
      dialect.capabilities.canListChangesSince,
    );
    const deletes = dialect.resources.some((resource) => resource.answer.members.some((member) => member.kind === 'deleted'));
    expect(deletes).toBe(dialect.capabilities.keepsDeleted);
  });

  it('are found with and without a slash at the end', () => {
    for (const one of dialect.endpoints) {
      const path = pathTo(one, Object.fromEntries(one.pathParameters.map((parameter) => [parameter.name, 'a b/ç'])));
      for (const form of [path.replace(/\/$/, ''), path.replace(/\/?$/, '/')]) {
        expect(found(dialect, one.method, form)).toEqual([
          one.name,
          Object.fromEntries(one.pathParameters.map((parameter) => [parameter.name, 'a b/ç'])),
        ]);
      }
    }
  });
});

describe('The paths the specs name', () => {
  it('are served: Programs', () => {
    const bases = [...specText('programs.md').matchAll(/^(\/[a-z-]+\/):/gm)].map((match) => match[1]);
    expect([...new Set(programs.endpoints.map((one) => one.path.replace('{id}/', '')))]).toEqual(bases);
    expect(found(programs, 'GET', '/program-location-contact/')).toEqual(['POST']);
    expect(found(programs, 'GET', '/program-location-item-price/100/')).toEqual(['PUT', 'PATCH']);
    expect(found(programs, 'DELETE', '/program-location-item-price/100/')).toEqual(['PUT', 'PATCH']);
    expect(found(programs, 'POST', '/program-location-item-price/')).toEqual(['GET']);
  });

  it('are served: Summit', () => {
    const calls = [...specText('summit-clients.md').matchAll(/curl -X (\w+) "https:\/\/your-summit-instance\.com([^"?]+)/g)].map(
      (match) => [match[1], match[2]] as [string, string],
    );
    expect(calls.map(([method, path]) => (found(summit, method, path) as [string])[0])).toEqual([
      'clients.list',
      'clients.create',
      'clients.get',
      'clients.change',
      'clients.delete',
    ]);
  });

  it('are served: Casework', () => {
    const calls = [...specText('casework-clients.md').matchAll(/^(GET|POST|PUT) (\/\S+)$/gm)].map((match) => `${match[1]} ${match[2]}`);
    expect(casework.endpoints.map((one) => `${one.method} ${one.path}`).sort()).toEqual(calls.sort());
    expect(found(casework, 'DELETE', '/api/v1/clients/7')).toEqual(['GET', 'PUT']);
  });

  it('are served: BottleCRM', () => {
    const calls = [...specText('bottlecrm-accounts.md').matchAll(/^ *(GET|POST|PUT|DELETE) (\/api\/[^\s?]+)/gm)].map(
      (match) => [match[1], match[2]] as [string, string],
    );
    expect(calls.map(([method, path]) => (found(bottlecrm, method, path) as [string])[0])).toEqual([
      'accounts.list',
      'accounts.create',
      'accounts.get',
      'accounts.change',
      'accounts.delete',
      'accounts.comment',
      'comments.change',
      'comments.delete',
      'attachments.delete',
      'emails.create',
    ]);
  });

  it('lead nowhere else', () => {
    expect(found(skhokho, 'GET', '/api/v1.0/organisation/o/clients/')).toEqual(['clients.list', { org_uid: 'o' }]);
    expect(found(skhokho, 'POST', '/api/v1.0/organisation/o/clients/create/')).toEqual(['clients.create', { org_uid: 'o' }]);
    expect(found(skhokho, 'GET', '/api/v1.0/organisation//clients/')).toBeNull();
    expect(found(skhokho, 'GET', '/api/v2.0/organisation/o/clients/')).toBeNull();
    expect(found(summit, 'GET', '/api/clients/%E0%A4%A')).toBeNull();
  });
});

describe('The fields the specs name', () => {
  const membersOf = (dialect: Dialect, resource: string) => Object.keys(resourceOf(dialect, resource).answer.schema.shape);

  it('are all known: Programs', () => {
    const tables = [...specText('programs.md').matchAll(/^(\w+) \|\n(?:integer|string|date|boolean|object|decimal) \|/gm)].map(
      (match) => match[1] as string,
    );
    expect(tables).toHaveLength(14);
    const known = new Set([...membersOf(programs, 'program-location-contact'), ...membersOf(programs, 'program-location-item-price')]);
    expect(tables.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are all known: Casework, and required where it says so', () => {
    const [, create] = specText('casework-clients.md').split('Creating a Client') as [string, string];
    const [client, location] = (create.split('Example New Client Request')[0] as string).split(
      'Available "primary_location" Parameters',
    ) as [string, string];
    const rows = (table: string) =>
      [...table.matchAll(/^\| (\w+) \|(?: (\w+) \|)? (yes|no) \|/gm)]
        .map((match) => [match[1], match[3] === 'yes'] as const)
        .filter(([name]) => name !== 'Name');
    const schema = resourceOf(casework, 'clients').create?.schema as z.ZodObject;
    const inSchema = (of: z.ZodObject) =>
      Object.fromEntries(Object.entries(of.shape).map(([name, part]) => [name, !(part as z.ZodType).safeParse(undefined).success]));
    expect(Object.fromEntries(rows(client))).toEqual(inSchema(schema));
    // The table leaves out `zip`, which the example has.
    expect({ ...Object.fromEntries(rows(location)), zip: false }).toEqual(
      inSchema(objectIn(schema.shape['primary_location'] as z.ZodType) as z.ZodObject),
    );
  });

  it('are all known: BottleCRM', () => {
    const types = Object.fromEntries(
      [...specText('bottlecrm-accounts.md').matchAll(/^class (\w+):\n([\s\S]*?)(?=^class|^```)/gm)].map((match) => [
        match[1],
        [...(match[2] as string).matchAll(/^ *(\w+): (?:str|datetime|list\[str\])(?: |$)/gm)].map((one) => one[1] as string),
      ]),
    );
    expect(types['Account']?.slice().sort()).toEqual(membersOf(bottlecrm, 'accounts').sort());
    expect(types['AccountComment']?.slice().sort()).toEqual(membersOf(bottlecrm, 'comments').sort());
    expect(types['AccountAttachment']?.slice().sort()).toEqual(membersOf(bottlecrm, 'attachments').sort());
    expect([...specText('bottlecrm-accounts.md').matchAll(/^ *(?:OPEN|CLOSED): str = "(\w+)"/gm)].map((match) => match[1])).toEqual([
      'open',
      'closed',
    ]);
  });

  it('are all known: Summit', () => {
    const optional = specText('summit-clients.md').split('Create Client')[1]?.split('Error Responses')[0] as string;
    const named = [...optional.matchAll(/^- Name\n(\w+)$/gm)].map((match) => match[1] as string);
    expect(Object.keys(resourceOf(summit, 'clients').create?.schema.shape ?? {})).toEqual(named);
  });
});

describe.each(shapes)('The shape of %s', (_, shape) => {
  it('has a member for everything in its schema, and nothing beside', () => {
    const leaves = (schema: z.ZodObject, prefix: string): string[] =>
      Object.entries(schema.shape).flatMap(([key, part]) => {
        const path = `${prefix}${key}`;
        const inner = objectIn(part as z.ZodType);
        return inner === null || shape.members.some((member) => member.wire === path) ? [path] : leaves(inner, `${path}.`);
      });
    expect(shape.members.map((member) => member.wire).sort()).toEqual(leaves(shape.schema, '').sort());
  });
});

describe('A list in an answer', () => {
  it('is found bare and in the envelopes that are about', () => {
    const one = { id: 1 };
    for (const body of [[one], { results: [one], count: 1 }, { data: [one] }, { clients: [one] }])
      expect(listIn(body, 'clients')).toEqual([one]);
    for (const body of [null, 7, 'x', {}, [1, null]]) expect(listIn(body)).toEqual([]);
  });
});
