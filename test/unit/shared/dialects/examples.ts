import { readFileSync } from 'node:fs';

/** The specs, as they were given. docs/dialects.md says where they come from. */
export const specNames = [
  'skhokho-clients.openapi.json',
  'programs.md',
  'summit-clients.md',
  'casework-clients.md',
  'bottlecrm-accounts.md',
] as const;

export function specText(name: (typeof specNames)[number]): string {
  return readFileSync(new URL(`../../../fixtures/spec/${name}`, import.meta.url), 'utf8');
}

/**
 * Every object a spec shows, in order: blocks that open with a brace in the first column and close with one. Placeholders
 * such as `[...list of contacts...]` are empty lists, a line of nothing but dots and words is left out, and a comma
 * before a closing bracket goes.
 */
export function examplesIn(name: (typeof specNames)[number]): Record<string, unknown>[] {
  const examples: Record<string, unknown>[] = [];
  const lines = specText(name).split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const opening = /^(?:-d ')?(\{)$/.exec((lines[at] as string).trim());
    if (opening === null) continue;
    const block: string[] = ['{'];
    let depth = 1;
    while (depth > 0) {
      at += 1;
      const line = lines[at];
      if (line === undefined) throw new Error(`${name}: an example is not closed`);
      for (const [index, sign] of [...line].entries()) {
        if (sign === '{') depth += 1;
        if (sign === '}') depth -= 1;
        if (depth === 0) {
          // What follows the brace ("}Note:", "}'") is no part of the example.
          block.push(line.slice(0, index + 1));
          break;
        }
      }
      if (depth > 0) block.push(line);
    }
    examples.push(parse(block));
  }
  return examples;
}

function parse(block: readonly string[]): Record<string, unknown> {
  const json = block
    .filter((line) => !/^\s*\.\.\.[\w\s]*\.\.\.\s*$/.test(line))
    .join('\n')
    .replace(/\[\s*\.\.\.[^\]]*\]/g, '[]')
    .replace(/,(\s*[}\]])/g, '$1');
  return JSON.parse(json) as Record<string, unknown>;
}
