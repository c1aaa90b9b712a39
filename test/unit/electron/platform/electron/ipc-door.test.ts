import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { channels, PIECE_SIZE } from '../../../../../electron/platform/electron/channels.ts';
import type { Frame } from '../../../../../electron/platform/electron/electron-slice.ts';
import type { Backend } from '../../../../../electron/platform/platform.ts';
import { fail, ok, type Result } from '../../../../../shared/lib/result.ts';
import { openElectronApp, ticks } from '../../../../support/fake-electron-app.ts';
import { words } from '../../../../../shared/words/words.ts';

const MB = 1024 * 1024;

/** A backend that keeps what it is given, as the book does. */
function keeper() {
  const kept: { name: string; bytes: number }[] = [];
  const broken: string[] = [];
  const takeFile: Backend['takeFile'] = async (name, bytes) => {
    try {
      let count = 0;
      for await (const piece of bytes) count += piece.byteLength;
      kept.push({ name, bytes: count });
      return ok({ fileId: `file-${kept.length}` });
    } catch {
      broken.push(name);
      return fail({ code: 'DISK_FAILED', ...words('said.text', { text: 'Not kept.' }) });
    }
  };
  return { kept, broken, takeFile };
}

function errorCode(answer: unknown): string | null {
  const result = answer as Result<unknown>;
  return result.ok ? null : result.error.code;
}

describe('who may ask', () => {
  it('a call from the window with the screens reaches the backend, and the answer comes back', async () => {
    const { screen } = await openElectronApp();
    expect(await screen.webContents.invoke(channels.call, 'clients.list', { limit: 3 })).toEqual(
      ok({ method: 'clients.list', input: { limit: 3 } }),
    );
  });

  const frame = (changes: Partial<Frame>, id: number): Frame => ({
    origin: 'app://fieldbook',
    frameTreeNodeId: id,
    parent: null,
    ...changes,
  });
  it.each<[string, (main: Frame) => Frame | null]>([
    ['a frame that has gone', () => null],
    ['a sub-frame', (main) => frame({ parent: main, frameTreeNodeId: main.frameTreeNodeId + 1 }, 0)],
    ['a sub-frame that claims to be on top', (main) => frame({}, main.frameTreeNodeId + 1)],
    ['another site', (main) => frame({ origin: 'https://evil.example' }, main.frameTreeNodeId)],
    ['another host of our scheme', (main) => frame({ origin: 'app://other' }, main.frameTreeNodeId)],
    ['a page without an origin', (main) => frame({ origin: 'null' }, main.frameTreeNodeId)],
  ])('refuses %s on every channel, before anything is looked at', async (_who, sender) => {
    const asked: string[] = [];
    const { electron, screen } = await openElectronApp({
      call: async (method) => {
        asked.push(method);
        return ok(null);
      },
    });
    const { mainFrame } = screen.webContents;
    expect([...electron.ipcMain.handlers.keys()].toSorted()).toEqual(
      [channels.call, channels.takeStart, channels.takePiece, channels.takeEnd, channels.takeDrop, channels.save].toSorted(),
    );
    for (const channel of electron.ipcMain.handlers.keys()) {
      expect(errorCode(await screen.webContents.invokeFrom(sender(mainFrame), channel, 'clients.list', 1))).toBe('FORBIDDEN_SENDER');
    }
    expect(asked).toEqual([]);
  });

  it('refuses the storage window, although it is on our origin', async () => {
    const { electron, platform } = await openElectronApp();
    await platform.openStorageHost();
    expect(errorCode(await electron.windows[1]?.webContents.invoke(channels.call, 'clients.list', {}))).toBe('FORBIDDEN_SENDER');
  });

  it('refuses a window that was closed', async () => {
    const { screen } = await openElectronApp();
    screen.close();
    expect(errorCode(await screen.webContents.invoke(channels.call, 'clients.list', {}))).toBe('FORBIDDEN_SENDER');
  });

  it.each([[42], [null], [undefined], [{}]])('answers a method named %j without throwing', async (method) => {
    const { screen } = await openElectronApp();
    expect(errorCode(await screen.webContents.invoke(channels.call, method, {}))).toBe('UNKNOWN_METHOD');
  });
});

describe('taking a file in', () => {
  async function take(sizes: number[], declared = sizes.reduce((sum, size) => sum + size, 0)) {
    const book = keeper();
    const app = await openElectronApp(book);
    const { webContents } = app.screen;
    const started = (await webContents.invoke(channels.takeStart, 'clients.csv', declared)) as Result<{ takeId: string }>;
    const takeId = started.ok ? started.value.takeId : '';
    const answers: unknown[] = [];
    for (const size of sizes) answers.push(await webContents.invoke(channels.takePiece, takeId, new ArrayBuffer(size)));
    return { ...app, book, webContents, started, takeId, answers };
  }

  it('hands the pieces on as they come and answers with the id of the file', async () => {
    const { webContents, takeId, answers, book } = await take([MB, MB, 17]);
    expect(answers).toEqual([ok(null), ok(null), ok(null)]);
    expect(await webContents.invoke(channels.takeEnd, takeId)).toEqual(ok({ fileId: 'file-1' }));
    expect(book.kept).toEqual([{ name: 'clients.csv', bytes: 2 * MB + 17 }]);
    expect(errorCode(await webContents.invoke(channels.takeEnd, takeId))).toBe('NOT_FOUND');
  });

  it('takes an empty file', async () => {
    const { webContents, takeId, book } = await take([]);
    expect(await webContents.invoke(channels.takeEnd, takeId)).toEqual(ok({ fileId: 'file-1' }));
    expect(book.kept).toEqual([{ name: 'clients.csv', bytes: 0 }]);
  });

  it('refuses a file that says it is over 200 MB before a byte is sent', async () => {
    const { started, book } = await take([], 200 * MB + 1);
    expect(errorCode(started)).toBe('FILE_TOO_LARGE');
    expect(book.kept).toEqual([]);
  });

  it.each<[string, unknown[]]>([
    ['no name', [undefined, 1]],
    ['a name of 1,001 characters', ['a'.repeat(1001), 1]],
    ['no size', ['a.csv', undefined]],
    ['a size that is no number', ['a.csv', Number.NaN]],
    ['a negative size', ['a.csv', -1]],
  ])('refuses %s', async (_what, args) => {
    const { screen } = await openElectronApp(keeper());
    expect(errorCode(await screen.webContents.invoke(channels.takeStart, ...args))).toBe('INVALID_INPUT');
  });

  it.each<[string, unknown]>([
    ['a piece over 1 MB', new ArrayBuffer(PIECE_SIZE + 1)],
    ['a piece of text', 'abc'],
    ['no piece', undefined],
  ])('throws the file away at %s', async (_what, piece) => {
    const { webContents, takeId, book } = await take([10]);
    expect(errorCode(await webContents.invoke(channels.takePiece, takeId, piece))).toBe('INVALID_INPUT');
    await ticks();
    expect(book.broken).toEqual(['clients.csv']);
    expect(errorCode(await webContents.invoke(channels.takeEnd, takeId))).toBe('NOT_FOUND');
  });

  it('passes on at once what the book says when it refuses a file half way', async () => {
    const { screen } = await openElectronApp({
      takeFile: async (_name, bytes) => {
        for await (const _piece of bytes) return fail({ code: 'DISK_FULL', ...words('said.text', { text: 'The disk is full.' }) });
        return ok({ fileId: 'never' });
      },
    });
    const started = (await screen.webContents.invoke(channels.takeStart, 'a.csv', 3 * MB)) as Result<{ takeId: string }>;
    const takeId = started.ok ? started.value.takeId : '';
    const answers: (string | null)[] = [];
    for (let piece = 0; piece < 3; piece += 1)
      answers.push(errorCode(await screen.webContents.invoke(channels.takePiece, takeId, new ArrayBuffer(MB))));
    expect(answers.filter((code) => code === 'DISK_FULL')).toHaveLength(1);
    expect(answers.at(-1)).toBe('NOT_FOUND');
  });

  it.each(['reload', 'crash', 'drop'] as const)('keeps nothing of a file whose page is gone half way (%s)', async (how) => {
    const { webContents, takeId, book } = await take([MB, MB]);
    if (how === 'reload') webContents.arriveAt('app://fieldbook/');
    else if (how === 'crash') webContents.crash();
    else expect(await webContents.invoke(channels.takeDrop, takeId)).toEqual(ok(null));
    await ticks();
    expect(book).toMatchObject({ kept: [], broken: ['clients.csv'] });
  });

  it('takes at most eight files at a time, and goes on when one is done', async () => {
    const { screen } = await openElectronApp(keeper());
    const started: Result<{ takeId: string }>[] = [];
    for (let file = 0; file < 9; file += 1)
      started.push((await screen.webContents.invoke(channels.takeStart, `${file}.csv`, 1)) as Result<{ takeId: string }>);
    expect(started.map((answer) => answer.ok)).toEqual([...Array<boolean>(8).fill(true), false]);
    const [first] = started;
    if (first?.ok) await screen.webContents.invoke(channels.takeEnd, first.value.takeId);
    expect(((await screen.webContents.invoke(channels.takeStart, 'late.csv', 1)) as Result<unknown>).ok).toBe(true);
  });
});

describe('saving a file', () => {
  async function saving(where: (folder: string) => string | null) {
    const app = await openElectronApp({
      fileToSave: async (fileId) =>
        fileId === 'file-1'
          ? ok({ fileName: 'Clients.csv', path: path.join(app.folder, 'kept'), mediaType: 'text/csv' })
          : fail({ code: 'FILE_GONE', ...words('said.text', { text: 'No longer there.' }) }),
    });
    const folder = path.join(app.folder, 'desktop');
    mkdirSync(folder);
    writeFileSync(path.join(app.folder, 'kept'), 'Name\r\nNorth Depot\r\n');
    app.electron.dialog.saveTo = where(folder);
    return { ...app, desktop: folder, save: (fileId: unknown) => app.screen.webContents.invoke(channels.save, fileId) };
  }

  it('asks where and copies it there', async () => {
    const { save, desktop, electron } = await saving((folder) => path.join(folder, 'My clients.csv'));
    expect(await save('file-1')).toEqual(ok({ saved: true }));
    expect(readFileSync(path.join(desktop, 'My clients.csv'), 'utf8')).toBe('Name\r\nNorth Depot\r\n');
    expect(readdirSync(desktop)).toEqual(['My clients.csv']);
    expect(electron.dialog.asked).toEqual([
      { defaultPath: path.join('/downloads', 'Clients.csv'), filters: [{ name: 'CSV', extensions: ['csv'] }] },
    ]);
  });

  it('replaces a file that is there', async () => {
    const { save, desktop } = await saving((folder) => path.join(folder, 'old.csv'));
    writeFileSync(path.join(desktop, 'old.csv'), 'old');
    expect(await save('file-1')).toEqual(ok({ saved: true }));
    expect(readFileSync(path.join(desktop, 'old.csv'), 'utf8')).toBe('Name\r\nNorth Depot\r\n');
  });

  it('does nothing when the person cancels', async () => {
    const { save, desktop } = await saving(() => null);
    expect(await save('file-1')).toEqual(ok({ saved: false }));
    expect(readdirSync(desktop)).toEqual([]);
  });

  it('says so and leaves nothing half-written where it cannot write', async () => {
    const { save, desktop } = await saving((folder) => path.join(folder, 'gone', 'a.csv'));
    expect(errorCode(await save('file-1'))).toBe('DISK_FAILED');
    expect(existsSync(path.join(desktop, 'gone'))).toBe(false);
  });

  it('asks nothing for a file the book does not have', async () => {
    const { save, electron } = await saving(() => null);
    expect(errorCode(await save('file-2'))).toBe('FILE_GONE');
    expect(errorCode(await save({ path: '/etc/passwd' }))).toBe('INVALID_INPUT');
    expect(electron.dialog.asked).toEqual([]);
  });
});
