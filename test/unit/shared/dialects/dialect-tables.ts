import type { Dialect, Endpoint, Resource } from '../../../../shared/dialects/dialect.ts';
import type { Member } from '../../../../shared/dialects/shape.ts';

/** The tables of docs/dialects.md, made from the dialects themselves. */
export function tablesOf(dialect: Dialect): string {
  return [endpoints(dialect), parameters(dialect), ...dialect.resources.map((resource) => fields(dialect, resource))]
    .filter((table) => table !== '')
    .join('\n\n');
}

function endpoints(dialect: Dialect): string {
  const rows = dialect.endpoints.map((one) => [
    `${one.method} ${one.path}`,
    one.name,
    bodyOf(one),
    one.statuses.map((status) => status.status).join(' '),
  ]);
  return table(['call', 'name', 'body', 'statuses'], rows);
}

const bodyOf = (one: Endpoint) => (one.body === null ? '' : one.bodyTypes.join(', '));

function parameters(dialect: Dialect): string {
  const rows = dialect.endpoints.flatMap((one) =>
    one.query.map((parameter) => [one.name, `\`${parameter.name}\``, typeOf(parameter), parameter.meaning]),
  );
  return rows.length === 0 ? '' : table(['list', 'parameter', 'type', 'meaning'], rows);
}

const typeOf = (parameter: Endpoint['query'][number]) => (parameter.type === 'instantEnd' ? 'instant' : parameter.type);

function fields(dialect: Dialect, resource: Resource): string {
  const wires = [
    ...new Set([resource.answer, resource.create, resource.change].flatMap((shape) => shape?.members.map((member) => member.wire) ?? [])),
  ];
  const rows = wires.map((wire) => {
    const answered = resource.answer.members.find((member) => member.wire === wire);
    const sent =
      resource.create?.members.find((member) => member.wire === wire) ?? resource.change?.members.find((member) => member.wire === wire);
    const member = answered ?? (sent as Member);
    const way = answered !== undefined && resource.answer.use === 'answer' ? (sent === undefined ? 'answered' : 'both') : 'sent';
    return [`\`${wire}\``, bookOf(member), way];
  });
  return `Fields of \`${resource.name}\` (${dialect.label}):\n\n${table(['on the wire', 'in the book', 'said'], rows)}`;
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
