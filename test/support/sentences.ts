import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseSync } from 'vite';

const root = join(import.meta.dirname, '../..');

interface Node {
  type: string;
  [member: string]: unknown;
}

/** Every TypeScript file below these folders, by its path in the repository. */
export function sourcesIn(...folders: string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      found.set(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'));
    }
  }
  return found;
}

/** Every string in the code; what stands between the values of a template is one, with "…" for each value. */
export function stringsIn(code: string, path: string): string[] {
  const { program, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`${path} is not TypeScript`);
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isNode(node) || isForNobody(node)) return;
    if (node.type === 'Literal' && typeof node['value'] === 'string') found.push(node['value']);
    if (node.type === 'TemplateLiteral')
      found.push((node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('…'));
    for (const [member, value] of Object.entries(node)) if (member !== 'type') visit(value);
  };
  visit(program);
  return found;
}

/** Several words that end like a sentence; a statement of SQL ends with its last value. */
export const isSentence = (text: string) => /\p{L}[^.]* \S+ .*[.?!]\s*$/su.test(text) && !/^\s*(?:select|update|delete|insert) /.test(text);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** Types, imports, errors that tell of a mistake of ours, what documents a schema, and SQL. */
function isForNobody({ type, callee }: Node): boolean {
  if (type === 'ImportDeclaration' || type === 'TSLiteralType') return true;
  const { name, property } = (callee ?? {}) as { name?: string; property?: { name?: string } };
  if (type === 'NewExpression') return /^(Type|Range)?Error$/.test(name ?? '');
  return type === 'CallExpression' && ['describe', 'meta', 'prepare'].includes(property?.name ?? '');
}
