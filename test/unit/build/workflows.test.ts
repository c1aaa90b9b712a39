import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../../.github/workflows');
const { load } = createRequire(import.meta.url)('js-yaml') as { load(text: string): Record<string, unknown> };

interface Job {
  steps: { uses?: string; run?: string; env?: Record<string, string> }[];
  strategy?: { matrix: { include: { system: string }[] } };
  permissions?: Record<string, string>;
}

const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const jobs = (name: string) => load(read(name))['jobs'] as Record<string, Job>;
const commands = (job: Job | undefined) => (job?.steps ?? []).flatMap(({ run }) => run ?? []);

describe.each(readdirSync(folder))('%s', (name) => {
  it('takes actions by their major version and only those of the platform itself', () => {
    const used = Object.values(jobs(name)).flatMap((job) => job.steps.flatMap(({ uses }) => uses ?? []));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^actions\/[a-z-]+@v\d+$/.test(action))).toEqual([]);
  });

  it('names secrets and holds none, and names no registry', () => {
    const text = read(name);
    expect(text.match(/secrets\.(?![A-Z_]+\b)/g)).toBeNull();
    expect(text).not.toMatch(/registry|-----BEGIN|ghp_|npm_[A-Za-z0-9]{20}|password:\s*[^$\s]/i);
  });

  it('may only read, but for the job that makes the draft', () => {
    expect(load(read(name))['permissions']).toEqual({ contents: 'read' });
    const writers = Object.entries(jobs(name)).filter(([, job]) => job.permissions?.['contents'] === 'write');
    expect(writers.map(([job]) => job).filter((job) => job !== 'draft')).toEqual([]);
  });
});

describe('ci', () => {
  it('runs the one check there is', () => {
    expect(commands(jobs('ci.yml')['test'])).toEqual(['npm test']);
  });
});

describe('release', () => {
  const { build, draft } = jobs('release.yml');

  it('installs, fetches the runtime, checks, packages and starts the program on all three systems', () => {
    expect(build?.strategy?.matrix.include.map(({ system }) => system)).toEqual(['linux', 'windows', 'macos']);
    const steps = ['npm ci', 'npx install-electron --no', 'npm test', 'npm run package -- --release', 'node build/verify-packaged.mjs'];
    const found = steps.map((step) => commands(build).findIndex((command) => command.endsWith(step)));
    expect(found.every((at) => at >= 0)).toBe(true);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  it('makes a draft with checksums, of a tag only', () => {
    const text = commands(draft).join('\n');
    expect(text).toContain('sha256sum');
    expect(text).toContain('--draft');
    expect(read('release.yml')).toMatch(/draft:\n\s+if: github\.ref_type == 'tag'/);
  });
});
