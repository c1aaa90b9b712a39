import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../build/paths.mjs';

const pages = ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/glossary.md', 'docs/formats.md'];
const sources = ['shared', 'remotes', 'electron', 'renderer', 'server', 'test', 'build'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
);

/** Names of files in a page: `electron/domain/book.ts`, `book.ts`, `transfer/planner.ts`. Those with a hole ("<noun>.ts", "open-*.ts") are patterns. */
function filesNamedIn(text: string): string[] {
  return [...text.matchAll(/`([\w./<>*-]+\.tsx?)`/g)].map((match) => match[1] as string);
}

function isThere(name: string): boolean {
  const pattern = new RegExp(
    `(^|/)${name
      .replaceAll('.', '\\.')
      .replaceAll('*', '[^/]*')
      .replace(/<[^>]+>/g, '[^/]+')}$`,
  );
  return sources.some((path) => pattern.test(path));
}

describe('The map', () => {
  for (const page of pages)
    it(`${page} names files that are there`, () => {
      const text = readFileSync(join(root, page), 'utf8');
      expect(filesNamedIn(text).filter((name) => !isThere(name))).toEqual([]);
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] as string);
      expect(links.filter((link) => !existsSync(join(root, page, '..', link)))).toEqual([]);
    });

  it('would miss one that is gone', () => {
    expect(filesNamedIn('see `shared/nouns/nouns.ts`, `no-such-file.ts` and `shared/<x>.ts`').filter((name) => !isThere(name))).toEqual([
      'no-such-file.ts',
      'shared/<x>.ts',
    ]);
  });
});
