import { schemaHeader } from '../../../shared/sync/wire.ts';

/** A device that listens for pokes, over a real connection. */
export interface Listening {
  status: number;
  type: string | null;
  pokes(): number;
  text(): string;
  /** Resolves when it is so, or the stream has ended. */
  until(isSo: () => boolean): Promise<void>;
  ended: Promise<void>;
  stop(): void;
}

export async function listen(url: string, accessToken: string): Promise<Listening> {
  const ending = new AbortController();
  const headers = { authorization: `Bearer ${accessToken}`, [schemaHeader]: '1' };
  const response = await fetch(`${url}/sync/events`, { headers, signal: ending.signal });
  let text = '';
  let isOver = false;
  let wake = () => {};
  const ended = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const piece of response.body ?? []) {
        text += decoder.decode(piece as Uint8Array);
        wake();
      }
    } catch {
      // Stopped from this side.
    }
    isOver = true;
    wake();
  })();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    pokes: () => text.split('event: poke\n').length - 1,
    text: () => text,
    async until(isSo) {
      while (!isSo() && !isOver)
        await new Promise<void>((done) => {
          wake = done;
        });
    },
    ended,
    stop: () => ending.abort(),
  };
}
