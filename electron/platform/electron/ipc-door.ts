import { fail, type Result } from '../../../shared/lib/result.ts';
import type { Backend } from '../platform.ts';
import { appOrigin } from './app-scheme.ts';
import { channels } from './channels.ts';
import type { Contents, ElectronSlice, InvokeEvent, Window } from './electron-slice.ts';
import { saveFile } from './file-save.ts';
import { createFileTakes } from './file-takes.ts';
import { words } from '../../../shared/words/words.ts';

const forbidden = fail({ code: 'FORBIDDEN_SENDER', ...words('program.notFromWindow') });

/**
 * The only way from a page into main (invariant 3). Every message is checked for who sent it before it is looked at: the
 * main frame of the window with the screens, still on our origin. The storage window, sub-frames and pages that have
 * navigated away are refused. What is in a message is parsed by the backend.
 */
export function openIpcDoor(
  electron: Pick<ElectronSlice, 'ipcMain' | 'app' | 'dialog'>,
  backend: Backend,
  screen: () => Window | null,
): void {
  const takes = createFileTakes(backend.takeFile);
  const watched = new WeakSet<Contents>();

  const handle = (
    channel: string,
    answer: (contents: Contents, window: Window, ...args: unknown[]) => Promise<Result<unknown>> | Result<unknown>,
  ) => {
    electron.ipcMain.handle(channel, (event, ...args) => {
      const window = screen();
      if (window === null || !isFromScreen(event, window)) return forbidden;
      return answer(event.sender, window, ...args);
    });
  };

  const watch = (contents: Contents) => {
    if (watched.has(contents)) return;
    watched.add(contents);
    const drop = () => takes.dropAllOf(contents.id);
    contents.on('did-finish-load', drop);
    contents.on('destroyed', drop);
    contents.on('render-process-gone', drop);
  };

  handle(channels.call, (_contents, _window, method, input) =>
    typeof method === 'string' ? backend.call(method, input) : fail({ code: 'UNKNOWN_METHOD', ...words('program.unknownRequest') }),
  );
  handle(channels.takeStart, (contents, _window, name, size) => {
    watch(contents);
    return takes.start(contents.id, name, size);
  });
  handle(channels.takePiece, (contents, _window, takeId, piece) => takes.piece(contents.id, takeId, piece));
  handle(channels.takeEnd, (contents, _window, takeId) => takes.end(contents.id, takeId));
  handle(channels.takeDrop, (contents, _window, takeId) => takes.drop(contents.id, takeId));
  handle(channels.save, (_contents, window, fileId) => saveFile(electron, window, backend, fileId));
}

function isFromScreen(event: InvokeEvent, window: Window): boolean {
  const { sender, senderFrame } = event;
  return (
    !window.isDestroyed() &&
    sender.id === window.webContents.id &&
    // Null once the frame has navigated away or is gone.
    senderFrame !== null &&
    senderFrame.parent === null &&
    senderFrame.frameTreeNodeId === window.webContents.mainFrame.frameTreeNodeId &&
    senderFrame.origin === appOrigin
  );
}
