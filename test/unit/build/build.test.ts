import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkoutCopy } from './checkout-copy.ts';

const bridge = 'electron/platform/browser/page/bridge.ts';
const preload = 'electron/preload.ts';

describe('the build', () => {
  let checkout: ReturnType<typeof checkoutCopy>;
  const dist = (file: string) => join(checkout.folder, 'dist', file);
  const madeAt = (file: string) => statSync(dist(file)).mtimeMs;

  beforeEach(() => {
    checkout = checkoutCopy({ withModules: true });
    checkout.write('shared/words.ts', `export const greeting = 'Good morning';`);
    checkout.write(
      preload,
      `import { contextBridge } from 'electron';\nimport { greeting } from '../shared/words.ts';\ncontextBridge.exposeInMainWorld('greeting', greeting);`,
    );
    checkout.write(bridge, `document.title = 'Fieldbook';`);
  });
  afterEach(() => checkout.remove());

  it('makes a preload of one file that asks for electron and nothing else', async () => {
    await checkout.run('build.mjs');
    const text = readFileSync(dist('electron/preload.cjs'), 'utf8');
    expect(text).toContain('Good morning');
    expect([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron']);
    expect(text).not.toMatch(/^\s*(import|export) /m);
    expect(readdirSync(dist('electron'))).toEqual(['preload.cjs']);
  });

  it('says in one line each what is not there yet, and builds the rest', async () => {
    const { code, output } = await checkout.run('build.mjs');
    expect(code).toBe(0);
    expect(output).toContain('build: renderer left out, renderer/index.html is not there yet');
    expect(existsSync(dist('renderer/browser-bridge.js'))).toBe(true);
  });

  it('builds what people get, whatever NODE_ENV says where it is asked', async () => {
    checkout.write('renderer/index.html', '<script type="module" src="./main.ts"></script>');
    checkout.write('renderer/storage-host/index.html', '<p>Storage</p>');
    checkout.write('renderer/main.ts', `document.title = import.meta.env.PROD ? 'for people' : 'for builders';`);
    expect((await checkout.run('build.mjs', [], { NODE_ENV: 'test' })).code).toBe(0);
    const [script = ''] = readdirSync(dist('renderer/assets')).filter((file) => file.endsWith('.js'));
    const text = readFileSync(dist(`renderer/assets/${script}`), 'utf8');
    expect([text.includes('for people'), text.includes('for builders')]).toEqual([true, false]);
  });

  it('builds again only what a changed file went into', async () => {
    await checkout.run('build.mjs');
    const before = { preload: madeAt('electron/preload.cjs'), bridge: madeAt('renderer/browser-bridge.js') };
    await checkout.run('build.mjs');
    expect(madeAt('electron/preload.cjs')).toBe(before.preload);
    checkout.write('shared/words.ts', `export const greeting = 'Good evening';`);
    await checkout.run('build.mjs');
    expect(readFileSync(dist('electron/preload.cjs'), 'utf8')).toContain('Good evening');
    expect(madeAt('renderer/browser-bridge.js')).toBe(before.bridge);
  });

  it('keeps the last good version when a source is broken, names the file, and ends with 1', async () => {
    await checkout.run('build.mjs');
    checkout.write(bridge, `document.title = ;`);
    const { code, output } = await checkout.run('build.mjs');
    expect(code).toBe(1);
    expect(output).toContain('build: browser-bridge failed');
    expect(output).toContain('bridge.ts');
    expect(readFileSync(dist('renderer/browser-bridge.js'), 'utf8')).toContain('Fieldbook');
  });

  it('is not confused by two runs at once', async () => {
    const runs = await Promise.all([checkout.run('build.mjs'), checkout.run('build.mjs'), checkout.run('build.mjs')]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(readFileSync(dist('electron/preload.cjs'), 'utf8')).toContain('Good morning');
  });

  it('refuses a name it does not know', async () => {
    const { code, output } = await checkout.run('build.mjs', ['server']);
    expect(code).toBe(2);
    expect(output).toContain('There is nothing to build called server');
  });
});
