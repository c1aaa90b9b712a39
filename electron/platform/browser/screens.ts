import type { WebSocket } from 'ws';
import type { CrmEvents } from '../../../shared/contracts/api.ts';
import { fail, type Result } from '../../../shared/lib/result.ts';
import type { Log } from '../../domain/ports.ts';
import { errorFacts } from '../../log.ts';
import type { Backend } from '../platform.ts';
import type { FromPage, ToPage } from './wire.ts';
import { words } from '../../../shared/words/words.ts';

/** A screen that does not read what it is told for this long is cut off; it connects again when it wakes. */
const UNREAD_LIMIT = 64 * 1024 * 1024;

/** The pages that show the book, each on a socket of its own. */
export interface Screens {
  add(socket: WebSocket): void;
  broadcast<E extends keyof CrmEvents>(event: E, data: CrmEvents[E]): void;
}

export function createScreens(deps: { backend: () => Backend | null; openLink: (url: string) => void; log: Log }): Screens {
  const sockets = new Set<WebSocket>();

  const call = async (method: string, input: unknown): Promise<Result<unknown>> => {
    const backend = deps.backend();
    if (backend === null) return fail({ code: 'STARTING', ...words('program.opening') });
    try {
      return await backend.call(method, input);
    } catch (error) {
      deps.log.error('call.threw', { ...errorFacts(error) });
      return fail({ code: 'UNEXPECTED', ...words('program.wentWrongHere') });
    }
  };

  const receive = async (socket: WebSocket, data: Buffer) => {
    const message = readMessage(data);
    if (message === null) return socket.close(1008, 'not a message of Fieldbook');
    if (message.kind === 'open') return deps.openLink(message.url);
    const result = await call(message.method, message.input);
    send(socket, { kind: 'answer', id: message.id, result });
  };

  return {
    add: (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('message', (data: Buffer) => void receive(socket, data));
    },
    broadcast: (event, data) => {
      const text = JSON.stringify({ kind: 'event', event, data } satisfies ToPage);
      for (const socket of sockets) {
        if (socket.bufferedAmount > UNREAD_LIMIT) socket.terminate();
        else if (socket.readyState === socket.OPEN) socket.send(text);
      }
    },
  };
}

export function send(socket: WebSocket, message: ToPage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** Checked by hand and not by schema: it is two shapes, and the input inside is parsed by the contract's own schema. */
function readMessage(data: Buffer): FromPage | null {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
    if (value.kind === 'open' && 'url' in value && typeof value.url === 'string') return { kind: 'open', url: value.url };
    if (value.kind !== 'call' || !('id' in value) || typeof value.id !== 'number') return null;
    if (!('method' in value) || typeof value.method !== 'string') return null;
    return { kind: 'call', id: value.id, method: value.method, input: 'input' in value ? value.input : undefined };
  } catch {
    return null;
  }
}
