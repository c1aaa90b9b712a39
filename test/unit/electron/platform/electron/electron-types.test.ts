import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../../../..');
const slice = 'electron/platform/electron/electron-slice.ts';
const fake = 'test/support/fake-electron.ts';

/** Mistakes that the compiler must refuse: what it is, the file, the words to replace, and which time they stand there. */
const mistakes: [string, string, string, string, number?][] = [
  ...eventsOf(readFileSync(path.join(root, slice), 'utf8')).map(({ words, time }): (typeof mistakes)[number] => [
    `the slice mistypes ${words} (${time})`,
    slice,
    words,
    `${words.slice(0, -1)}-x'`,
    time,
  ]),
  ['the slice picks a method that Electron does not have', slice, "'requestSingleInstanceLock'", "'requestSingleLock'"],
  ['the slice takes an argument for another type', slice, 'callback: (granted: boolean) => void', 'callback: (granted: string) => void'],
  ['the slice believes in another answer', slice, 'Promise<Response>): void }', 'Response[]): void }'],
  ['the slice leaves out an argument in the middle', slice, 'code: number, text: string, url: string', 'text: string, url: string'],
  ['the fake lacks a method', fake, 'setSpellCheckerEnabled(enable: boolean): void {', 'setSpellChecker(enable: boolean): void {'],
  [
    'the fake answers something else',
    fake,
    'whenReady(): Promise<void> {\n    return this.#ready.promise;',
    'whenReady(): boolean {\n    return this.isReady;',
  ],
  ['the fake has another shape of channel', fake, 'readonly port2 = new FakePort();', 'readonly portTwo = new FakePort();'],
  ['the fake sends an event with another content', fake, "'render-process-gone': [Preventable, {", "'render-process-gone': [{"],
  [
    'the adapter calls what is not in the slice',
    'electron/platform/electron/electron-platform.ts',
    'app.enableSandbox();',
    'app.enableSandbox();\n  app.relaunch();',
  ],
  ['the adapter lets a window open', 'electron/platform/electron/guards.ts', "return { action: 'deny' };", "return { action: 'allow' };"],
  ['the adapter mistypes a preference', 'electron/platform/electron/guards.ts', 'contextIsolation: true', 'contextIsolated: true'],
  ['the adapter mistypes a privilege of the scheme', 'electron/platform/electron/app-scheme.ts', 'secure: true', 'secured: true'],
  [
    'a new Electron renames a method',
    slice,
    'Fits<Pick<typeof E, keyof ElectronSlice>>',
    "Fits<Omit<Pick<typeof E, keyof ElectronSlice>, 'shell'> & { shell: { openOutside(url: string): Promise<void> } }>",
  ],
  [
    'a new Electron answers later',
    slice,
    'Fits<Pick<typeof E, keyof ElectronSlice>>',
    "Fits<Omit<Pick<typeof E, keyof ElectronSlice>, 'nativeTheme'> & { nativeTheme: { shouldUseDarkColors: Promise<boolean> } }>",
  ],
];

const variants = [null, ...mistakes];

/** Every place where the slice names an event. */
function eventsOf(text: string): { words: string; time: number }[] {
  const times = new Map<string, number>();
  return [...text.matchAll(/event: '[\w-]+'/g)].map(([words]) => {
    times.set(words, (times.get(words) ?? 0) + 1);
    return { words, time: times.get(words) ?? 1 };
  });
}

function replaceAt(text: string, right: string, wrong: string, time: number): string {
  const parts = text.split(right);
  if (parts.length <= time) throw new Error(`The file no longer holds: ${right}`);
  return parts.slice(0, time).join(right) + wrong + parts.slice(time).join(right);
}

describe('the compiler', () => {
  const errors = new Map<string, string[]>();
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-types-'));
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
    for (const [number, mistake] of variants.entries()) makeVariant(path.join(folder, String(number)), mistake);
    // What a variant does not hold it takes from the repository.
    const rootDirs = [root, ...variants.map((_, number) => path.join(folder, String(number)))];
    const config = {
      extends: path.join(root, 'build/tsconfig.base.json'),
      compilerOptions: { types: ['node'], rootDirs, composite: false, incremental: false, emitDeclarationOnly: false, noEmit: true },
      include: ['*/electron/**/*.ts', '*/test/**/*.ts'],
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    for (const line of (await compile(folder)).split('\n')) {
      const variant = /^(\d+)[/\\].*error TS\d+/.exec(line)?.[1];
      if (variant !== undefined) errors.set(variant, [...(errors.get(variant) ?? []), line]);
    }
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function makeVariant(to: string, mistake: (typeof mistakes)[number] | null): void {
    const [, changed, right, wrong, time = 1] = mistake ?? [null, null, '', ''];
    for (const file of changed === null || [slice, fake].includes(changed) ? [slice, fake] : [changed]) {
      const text = readFileSync(path.join(root, file), 'utf8');
      mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
      writeFileSync(path.join(to, file), file === changed ? replaceAt(text, right, wrong, time) : text);
    }
  }

  it('finds nothing wrong with the slice, the fake and the adapter as they are', () => {
    expect(errors.get('0') ?? []).toEqual([]);
  });

  it.each(mistakes.map(([what, file], number) => [what, String(number + 1), file] as const))('refuses: %s', (_what, variant, file) => {
    expect(errors.get(variant) ?? []).toContainEqual(expect.stringContaining(file));
  });
});

function compile(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    execFile(
      process.execPath,
      [tsc, '-p', folder, '--pretty', 'false'],
      { cwd: folder, maxBuffer: 50_000_000 },
      (error, stdout, stderr) => {
        if (error !== null && stdout === '') reject(new Error(`tsc did not run: ${stderr || error.message}`));
        else resolve(stdout);
      },
    );
  });
}
