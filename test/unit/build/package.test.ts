import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { extractAll, extractFile, getRawHeader, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../../build/build.mjs';
import { packStandIn } from '../../../build/package.mjs';
import { claimDataFolder } from '../../../electron/database/data-folder.ts';

const root = path.resolve(import.meta.dirname, '../../..');
/** What the whole app may weigh. Electron's own runtime, about 100 MB packed, is not in it. */
const LARGEST_APP = 12 * 1024 * 1024;

const packed = { linux: '', windows: '', mac: '' };
let folder: string;
let asar: string;
let files: string[];
const packages: { type: string; mappings: Record<string, string>; texts: string[] }[] = [];

beforeAll(async () => {
  const { failed, missing } = await build();
  const ours = ['renderer', 'preload', 'electron-main'];
  expect([...failed, ...missing].filter((name) => ours.includes(name))).toEqual([]);
  folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-package-'));
  const record = path.join(folder, 'packages.ndjson');
  // fpm would be downloaded; what it is asked to do is all that is ours.
  const env = { CUSTOM_FPM_PATH: path.join(root, 'test/support/recording-fpm.mjs'), FPM_RECORD: record };
  const pack = (name: string, options: object) => packStandIn(path.join(folder, name), { quiet: true, ...options });
  const [linux, windows, mac] = await Promise.all([
    pack('linux', process.platform === 'win32' ? {} : { targets: ['dir', 'deb', 'rpm'], env }),
    pack('windows', { system: 'win32' }),
    pack('mac', { system: 'darwin' }),
  ]);
  packed.linux = path.join(linux, 'linux-unpacked');
  packed.windows = path.join(windows, 'win-unpacked');
  packed.mac = path.join(mac, 'mac/Fieldbook.app/Contents');
  asar = path.join(packed.linux, 'resources/app.asar');
  files = listPackage(asar, { isPack: false })
    .map((file) => file.replaceAll('\\', '/').slice(1))
    .filter((file) => path.extname(file) !== '');
  const recorded = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
  for (const line of recorded) packages.push(JSON.parse(line) as (typeof packages)[number]);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('app.asar', () => {
  it('holds main, preload, the screens and the storage host', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'dist/electron/main.js',
        'dist/electron/preload.cjs',
        'dist/renderer/index.html',
        'dist/renderer/storage-host/index.html',
      ]),
    );
    for (const page of ['dist/renderer/index.html', 'dist/renderer/storage-host/index.html']) {
      const scripts = [
        ...extractFile(asar, page)
          .toString()
          .matchAll(/(?:src|href)="([^"]+)"/g),
      ].map(([, address = '']) => path.posix.join(path.posix.dirname(page), address));
      expect(scripts.some((script) => script.endsWith('.js'))).toBe(true);
      expect(files).toEqual(expect.arrayContaining(scripts));
    }
  });

  it('carries the licences of the libraries in it', () => {
    const licences = (side: string) => extractFile(asar, `dist/${side}/third-party-licences.md`).toString();
    for (const library of ['rxdb', 'zod', 'papaparse']) expect(licences('electron')).toContain(`## ${library} - `);
    for (const library of ['dexie', 'react', '@mantine/core']) expect(licences('renderer')).toContain(`## ${library} - `);
    expect(licences('electron')).toContain('Apache License');
    // What only the server needs stays out of the app.
    for (const library of ['fastify', 'kysely', 'pg', '@electric-sql/pglite', '@node-rs/argon2', 'jose', 'prom-client'])
      expect(licences('electron') + licences('renderer')).not.toContain(`## ${library} - `);
  });

  it('holds nothing else: no source, map, test, key, node_modules, nor what only the browser adapter needs', () => {
    const allowed = [
      /^package\.json$/,
      /^dist\/electron\/(main\.js|preload\.cjs|chunks\/[\w.-]+\.js)$/,
      /^dist\/renderer\/(storage-host\/)?index\.html$/,
      /^dist\/renderer\/assets\/[\w.-]+\.(js|css|svg|png|woff2)$/,
      /^dist\/renderer\/[\w-]+\.(svg|png|ico|webmanifest)$/,
      /^dist\/(electron|renderer)\/third-party-licences\.md$/,
    ];
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(files.filter((file) => /test|spec|\.env|\.pem|\.map$|\.tsx?$/.test(file))).toEqual([]);
    const code = files.filter((file) => /\.c?js$/.test(file)).map((file) => extractFile(asar, file).toString());
    expect(code.filter((text) => /\/\/# sourceMappingURL=|node_modules\/vitest|fake-indexeddb/.test(text))).toEqual([]);
  });

  it('needs nothing beside Electron and Node: no import of a package is left', () => {
    for (const file of files.filter((name) => /^dist\/electron\/.*\.c?js$/.test(name))) {
      const text = extractFile(asar, file).toString();
      const imported = [
        ...text.matchAll(/^(?:import|export)\b[^'"\n]*['"]([^'"./][^'"]*)['"]/gm),
        ...text.matchAll(/(?:\b|__)require\("([^"./][^"]*)"\)/g),
      ].map(([, name = '']) => name);
      expect(imported.filter((name) => name !== 'electron' && !isBuiltin(name))).toEqual([]);
      expect(imported).toContain('electron');
    }
  });

  it('has a package.json with what Electron reads and nothing of the development', () => {
    const about = JSON.parse(extractFile(asar, 'package.json').toString()) as Record<string, unknown>;
    expect(Object.keys(about).toSorted()).toEqual(
      ['author', 'description', 'desktopName', 'homepage', 'license', 'main', 'name', 'productName', 'type', 'version'].toSorted(),
    );
    expect(files).toContain(about['main']);
    expect(about['desktopName']).toBe('fieldbook.desktop');
  });

  it('is the same on all three systems, and under 12 MB', () => {
    const hashes = [asar, path.join(packed.windows, 'resources/app.asar'), path.join(packed.mac, 'Resources/app.asar')].map((file) =>
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    );
    expect(new Set(hashes).size).toBe(1);
    expect(statSync(asar).size).toBeLessThan(LARGEST_APP);
  });

  it('starts, serves its pages, keeps a client in its database and quits, in plain Node with the fake where Electron would be', async () => {
    const book = path.join(folder, 'book');
    expect(await boot(book)).toMatchObject({
      importSettled: true,
      windowsBeforeReady: 0,
      output: 'Fieldbook is ready: window',
      errors: [],
      userData: path.join(book, 'electron-profile'),
      pages: { '/': 200, '/storage-host/': 200, '/..%2fpackage.json': 400 },
      info: { ok: true, value: { adapter: 'electron', dataFolder: book } },
      stranger: { ok: false, error: { code: 'FORBIDDEN_SENDER' } },
      created: { ok: true, value: { record: { name: 'North Depot' } } },
      status: { ok: true, value: { storage: 'ready', unapplied: 0 } },
      hiddenWindows: ['app://fieldbook/storage-host/'],
      hasQuit: true,
      quitWithinLimit: true,
      openWindows: 0,
    });
    expect(existsSync(path.join(book, 'lock'))).toBe(false);
  }, 60_000);

  it('says in plain words why it cannot start, opens no window and ends: the book is open elsewhere', async () => {
    const book = path.join(folder, 'taken');
    const claim = await claimDataFolder(book);
    const report = await boot(book);
    await claim.release();
    expect(report).toMatchObject({
      output: '',
      windows: 0,
      errors: [{ title: 'Fieldbook could not start', content: expect.stringContaining('already') }],
    });
  }, 60_000);

  it('says in plain words why it cannot start, opens no window and ends: the data folder is a file', async () => {
    const book = path.join(folder, 'a-file');
    writeFileSync(book, 'mine');
    const report = await boot(book);
    expect(report).toMatchObject({ output: '', windows: 0, errors: [{ title: 'Fieldbook could not start' }] });
    expect(readFileSync(book, 'utf8')).toBe('mine');
  }, 60_000);

  async function boot(book: string): Promise<unknown> {
    const app = path.join(folder, 'extracted');
    if (!existsSync(app)) extractAll(asar, app);
    const script = path.join(root, 'test/support/boot-on-fake-electron.ts');
    const bundle = path.join(app, 'dist/electron/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [script, bundle, book], { timeout: 45_000 });
    return JSON.parse(stdout) as unknown;
  }
});

describe('the program', () => {
  const closed: [keyof typeof FuseV1Options, boolean][] = [
    ['RunAsNode', false],
    ['EnableCookieEncryption', true],
    ['EnableNodeOptionsEnvironmentVariable', false],
    ['EnableNodeCliInspectArguments', false],
    ['EnableEmbeddedAsarIntegrityValidation', true],
    ['OnlyLoadAppFromAsar', true],
    ['LoadBrowserProcessSpecificV8Snapshot', false],
    ['GrantFileProtocolExtraPrivileges', false],
  ];

  it.each(closed)('has the fuse %s set to %s on every system', async (fuse, isOn) => {
    const programs = [path.join(packed.linux, 'fieldbook'), path.join(packed.windows, 'Fieldbook.exe'), path.dirname(packed.mac)];
    for (const program of programs) {
      // The wire holds the character 0 or 1.
      expect((await getCurrentFuseWire(program))[FuseV1Options[fuse]]).toBe((isOn ? '1' : '0').charCodeAt(0));
    }
  });

  it('knows the hash of its app.asar where Electron checks it (Windows and macOS)', () => {
    const hash = createHash('sha256').update(getRawHeader(asar).headerString).digest('hex');
    expect(readFileSync(path.join(packed.mac, 'Info.plist'), 'utf8')).toContain(hash);
    expect(readFileSync(path.join(packed.windows, 'Fieldbook.exe')).includes(hash)).toBe(true);
  });

  it('comes without what belongs to the unpacked runtime only', () => {
    expect(existsSync(path.join(packed.linux, 'version'))).toBe(false);
    expect(existsSync(path.join(packed.linux, 'resources/default_app.asar'))).toBe(false);
  });

  it('asks macOS for no insecure connection', () => {
    const plist = readFileSync(path.join(packed.mac, 'Info.plist'), 'utf8');
    expect(plist).toMatch(/<key>NSAllowsArbitraryLoads<\/key>\s*<false\/>/);
    expect(plist).toContain('<string>app.fieldbook.desktop</string>');
  });
});

describe('electron-builder.yml', () => {
  const config = readFileSync(path.join(root, 'electron-builder.yml'), 'utf8');
  const section = (name: string) => new RegExp(`^${name}:\\n(?: .*\\n|\\n)*`, 'm').exec(config)?.[0] ?? '';

  // On Windows no script can stand in for fpm, and nobody makes these packages there.
  const made = process.platform === 'win32' ? [] : ['deb', 'rpm'];
  it.each(made)('makes a %s that brings the app, icons of every size and a desktop entry that keeps the sandbox', (type) => {
    const { mappings, texts } = packages.find((one) => one.type === type) ?? { mappings: {}, texts: [] };
    const icons = [16, 24, 32, 48, 64, 128, 256, 512].map((size) => `/usr/share/icons/hicolor/${size}x${size}/apps/fieldbook.png`);
    expect(Object.keys(mappings)).toEqual(
      expect.arrayContaining(['/opt/Fieldbook', '/usr/share/applications/fieldbook.desktop', ...icons]),
    );
    const [afterInstall = '', , desktop = ''] = texts;
    expect(desktop).toMatch(/^Exec=\/opt\/Fieldbook\/fieldbook %U$/m);
    expect(desktop).toMatch(/^Categories=Office;$/m);
    expect(desktop).toMatch(/^StartupWMClass=/m);
    expect(afterInstall).toContain('chrome-sandbox');
    expect(texts.join('\n')).not.toContain('no-sandbox');
  });

  it('names the installers of each system', () => {
    expect(section('win')).toMatch(/target: nsis\n\s+arch: \[x64, arm64\]/);
    expect(section('mac')).toMatch(/target: dmg\n\s+arch: \[universal\]/);
    expect(section('mac')).toMatch(/target: zip\n\s+arch: \[universal\]/);
    expect(section('mac')).toContain('hardenedRuntime: true');
    for (const target of ['AppImage', 'deb', 'rpm']) expect(section('linux')).toContain(`target: ${target}`);
  });

  it('takes the AppImage tools that leave --no-sandbox out of the desktop entry', () => {
    expect(config).toContain('appimage: 1.0.3');
    expect(config.replace(/#.*$/gm, '')).not.toContain('no-sandbox');
  });

  it('leaves the book alone when the program is removed', () => {
    expect(section('nsis')).toContain('deleteAppDataOnUninstall: false');
  });
});

describe('the icons', () => {
  it.each([16, 24, 32, 48, 64, 128, 256, 512])('there is a PNG of %i pixels', (size) => {
    const png = readFileSync(path.join(root, `build/icons/linux/${size}x${size}.png`));
    expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', size, size]);
  });

  it('Windows gets seven sizes and macOS eight, each with its own picture', () => {
    const ico = readFileSync(path.join(root, 'build/icons/icon.ico'));
    const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, entry) => ico.readUInt32BE(ico.readUInt32LE(6 + 16 * entry + 12) + 16));
    expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256]);
    const icns = readFileSync(path.join(root, 'build/icons/icon.icns'));
    expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length]);
    const pictures: [string, number][] = [];
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
      pictures.push([icns.toString('latin1', at, at + 4), icns.readUInt32BE(at + 8 + 16)]);
    expect(pictures).toEqual([
      ['ic11', 32],
      ['ic12', 64],
      ['ic07', 128],
      ['ic13', 256],
      ['ic08', 256],
      ['ic14', 512],
      ['ic09', 512],
      ['ic10', 1024],
    ]);
  });
});
