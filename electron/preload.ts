import { contextBridge, ipcRenderer } from 'electron';
import type { Crm, PickedFile } from '../shared/contracts/api.ts';
import { makeCrm } from '../shared/contracts/make-crm.ts';
import { fail, type Result } from '../shared/lib/result.ts';
import { channels, PIECE_SIZE, STORAGE_PAGE } from './platform/electron/channels.ts';
import { words } from '../shared/words/words.ts';

/**
 * Runs sandboxed before the page's own scripts, in a world of its own. The screens get `window.crm` and nothing else; the
 * storage window gets its port and no `window.crm` at all (invariant 3). Built as one CommonJS file: a sandboxed preload
 * cannot be a module and may require only `electron`.
 */
const broken = fail({
  code: 'UNEXPECTED',
  ...words('program.noAnswer'),
});

async function ask<T>(channel: string, ...args: unknown[]): Promise<Result<T>> {
  try {
    return (await ipcRenderer.invoke(channel, ...args)) as Result<T>;
  } catch {
    // Input that cannot be cloned, or main on its way out.
    return broken;
  }
}

async function take(file: PickedFile, onProgress?: (bytes: number) => void): Promise<Result<{ fileId: string }>> {
  const started = await ask<{ takeId: string }>(channels.takeStart, file.name, file.size);
  if (!started.ok) return started;
  const { takeId } = started.value;
  for (let at = 0; at < file.size; at += PIECE_SIZE) {
    const end = Math.min(at + PIECE_SIZE, file.size);
    const piece = await readPiece(file, at, end);
    if (piece === null) {
      await ask(channels.takeDrop, takeId);
      return fail({
        code: 'FILE_UNREADABLE',
        ...words('files.notReadToEnd'),
      });
    }
    const answer = await ask<null>(channels.takePiece, takeId, piece);
    if (!answer.ok) return answer;
    onProgress?.(end);
  }
  return ask(channels.takeEnd, takeId);
}

/** Null when the file changed, went away or is a folder. */
async function readPiece(file: PickedFile, start: number, end: number): Promise<ArrayBuffer | null> {
  try {
    const piece = await file.slice(start, end).arrayBuffer();
    return piece.byteLength === end - start ? piece : null;
  } catch {
    return null;
  }
}

function crm(): Crm {
  return makeCrm({
    call: (method, input) => ask(channels.call, method, input),
    listen: (event, listener) => {
      const heard = (_event: unknown, name: unknown, data: unknown) => {
        if (name === event) listener(data);
      };
      ipcRenderer.on(channels.event, heard);
      return () => {
        ipcRenderer.off(channels.event, heard);
      };
    },
    files: { take, save: (fileId) => ask(channels.save, fileId) },
    // Main and this window live and die together.
    onConnection: (listener) => {
      listener(true);
      return () => {};
    },
  });
}

if (location.pathname.startsWith(STORAGE_PAGE)) {
  // Ports cannot cross the bridge, so the port is posted on; the page takes it from its own window only.
  ipcRenderer.once(channels.storagePort, (event) => window.postMessage(channels.storagePort, location.origin, event.ports));
} else {
  contextBridge.exposeInMainWorld('crm', crm());
}
