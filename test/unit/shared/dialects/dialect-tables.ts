import type { Dialect, Endpoint, Resource } from '../../../../shared/dialects/dialect.ts';
import type { Member } from '../../../../shared/dialects/shape.ts';

/** Which test covers a row of the tables, by the row's key: "skhokho.test.ts: creates a client". */
export type Coverage = Readonly<Record<string, string>>;

/** Keys of everything that is documented: what endpoints take, answer and ask for, and what records show and are sent. */
export const rowKeys = {
  takes: (dialect: Dialect, endpoint: Endpoint, type: Endpoint['bodyTypes'][number]) => `${dialect.name} ${endpoint.name} takes ${type}`,
  answers: (dialect: Dialect, endpoint: Endpoint, status: number) => `${dialect.name} ${endpoint.name} answers ${status}`,
  asks: (dialect: Dialect, endpoint: Endpoint, parameter: string) => `${dialect.name} ${endpoint.name} asks ${parameter}`,
  shows: (dialect: Dialect, resource: string, wire: string) => `${dialect.name} ${resource} shows ${wire}`,
  isSent: (dialect: Dialect, resource: string, wire: string) => `${dialect.name} ${resource} is sent ${wire}`,
};

export function keysOf(dialect: Dialect): string[] {
  return [
    ...dialect.endpoints.flatMap((one) => [
      ...one.bodyTypes.map((type) => rowKeys.takes(dialect, one, type)),
      ...one.statuses.map(({ status }) => rowKeys.answers(dialect, one, status)),
      ...one.query.map(({ name }) => rowKeys.asks(dialect, one, name)),
    ]),
    ...dialect.resources.flatMap((resource) => fieldsOf(resource).flatMap(({ wire, way }) => fieldKeys(dialect, resource, wire, way))),
  ];
}

type Way = 'answered' | 'sent' | 'both';

function fieldKeys(dialect: Dialect, resource: Resource, wire: string, way: Way): string[] {
  return [
    ...(way === 'sent' ? [] : [rowKeys.shows(dialect, resource.name, wire)]),
    ...(way === 'answered' ? [] : [rowKeys.isSent(dialect, resource.name, wire)]),
  ];
}

/** The tables of docs/dialects.md, made from the dialects themselves and from the tests that were seen to cover them. */
export function tablesOf(dialect: Dialect, coverage: Coverage): string {
  const tests = (...keys: string[]) => [...new Set(keys.map((key) => coverage[key] ?? ''))].join('; ');
  return [
    endpoints(dialect, tests),
    statuses(dialect, tests),
    parameters(dialect, tests),
    ...dialect.resources.map((resource) => fields(dialect, resource, tests)),
  ]
    .filter((one) => one !== '')
    .join('\n\n');
}

type Tests = (...keys: string[]) => string;

function endpoints(dialect: Dialect, tests: Tests): string {
  const rows = dialect.endpoints.flatMap((one) => {
    const row = (body: string, key: string) => [`${one.method} ${one.path}`, one.name, body, tests(key)];
    const types = one.body === null ? [] : one.bodyTypes;
    if (types.length === 0) return [row('', rowKeys.answers(dialect, one, one.statuses[0]?.status ?? 200))];
    return types.map((type) => row(type, rowKeys.takes(dialect, one, type)));
  });
  return table(['call', 'name', 'body', 'test'], rows);
}

function statuses(dialect: Dialect, tests: Tests): string {
  const rows = dialect.endpoints.flatMap((one) =>
    one.statuses.map(({ status, meaning }) => [one.name, String(status), meaning, tests(rowKeys.answers(dialect, one, status))]),
  );
  return table(['name', 'status', 'meaning', 'test'], rows);
}

function parameters(dialect: Dialect, tests: Tests): string {
  const rows = dialect.endpoints.flatMap((one) =>
    one.query.map((parameter) => [
      one.name,
      `\`${parameter.name}\``,
      typeOf(parameter),
      parameter.meaning,
      tests(rowKeys.asks(dialect, one, parameter.name)),
    ]),
  );
  return rows.length === 0 ? '' : table(['list', 'parameter', 'type', 'meaning', 'test'], rows);
}

const typeOf = (parameter: Endpoint['query'][number]) => (parameter.type === 'instantEnd' ? 'instant' : parameter.type);

function fieldsOf(resource: Resource): { wire: string; member: Member; way: Way }[] {
  const wires = [
    ...new Set([resource.answer, resource.create, resource.change].flatMap((shape) => shape?.members.map((member) => member.wire) ?? [])),
  ];
  return wires.map((wire) => {
    const answered = resource.answer.members.find((member) => member.wire === wire);
    const sent =
      resource.create?.members.find((member) => member.wire === wire) ?? resource.change?.members.find((member) => member.wire === wire);
    const isAnswered = answered !== undefined && resource.answer.use === 'answer';
    return { wire, member: answered ?? (sent as Member), way: isAnswered ? (sent === undefined ? 'answered' : 'both') : 'sent' };
  });
}

function fields(dialect: Dialect, resource: Resource, tests: Tests): string {
  const rows = fieldsOf(resource).map(({ wire, member, way }) => [
    `\`${wire}\``,
    bookOf(member),
    way,
    tests(...fieldKeys(dialect, resource, wire, way)),
  ]);
  return `Fields of \`${resource.name}\` (${dialect.label}):\n\n${table(['on the wire', 'in the book', 'said', 'test'], rows)}`;
}

function bookOf(member: Member): string {
  switch (member.kind) {
    case 'id':
      return 'id at the remote';
    case 'value':
      return `\`${member.book}\``;
    case 'reference':
      return `\`${member.book}\`, of ${member.of}`;
    case 'children':
      return `${member.of} whose \`${member.parent}\` names this record`;
    case 'computed':
      return 'computed';
    case 'deleted':
      return '`deletedAt`';
    case 'given':
      return 'known to the server only';
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
