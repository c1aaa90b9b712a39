import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../build/paths.mjs';

interface Lock {
  packages: Record<string, { version?: string; resolved?: string; integrity?: string; link?: boolean }>;
}
const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as Lock;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;

describe('package-lock.json', () => {
  it('holds no download address, so that everyone installs from the registry they have', () => {
    const addressed = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(addressed.map(([name]) => name)).toEqual([]);
  });

  it('holds a checksum for every package', () => {
    const unchecked = Object.entries(packages).filter(([name, entry]) => name !== '' && !entry.integrity && !entry.link);
    expect(unchecked.map(([name]) => name)).toEqual([]);
  });
});

describe('package.json', () => {
  it('names exact versions, because two devices with different ones would read a book differently', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('pins the Dexie that RxDB asks for: with any other one RxDB throws when it is loaded', () => {
    const rxdb = JSON.parse(readFileSync(join(root, 'node_modules/rxdb/package.json'), 'utf8')) as { dependencies: Record<string, string> };
    expect(manifest.dependencies['dexie']).toBe(rxdb.dependencies['dexie']);
  });
});
