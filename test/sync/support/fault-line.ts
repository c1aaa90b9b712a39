import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answering } from './sync-server.ts';

/**
 * What goes wrong on the line with one request:
 * - `before`: it never arrives. `after`: it arrives and is carried out, the answer is lost. `half`: half of the answer comes.
 * - `twice`: it arrives twice. A number: something in front of the server answers with that status.
 * - `portal`: a page of the hotel with status 200.
 */
export type LineFault = 'before' | 'after' | 'half' | 'twice' | 'portal' | 401 | 413 | 429 | 500 | 503;
export const lineFaults: readonly [LineFault, ...LineFault[]] = ['before', 'after', 'half', 'twice', 'portal', 401, 413, 429, 500, 503];

/** The line of one laptop to the server: real requests over a socket, and what goes wrong is said in advance. */
export interface FaultLine {
  readonly url: string;
  /** The request after so many others goes wrong so; what is called happens as it arrives, and the request goes on. */
  break(fault: LineFault | (() => void), afterRequests: number): void;
  mend(): void;
  close(): Promise<void>;
}

export async function openFaultLine(answer: Answering): Promise<FaultLine> {
  let next: { fault: LineFault | (() => void); left: number } | null = null;

  const server: Server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('error', () => outgoing.destroy());
    incoming.on('end', () => {
      let fault: LineFault | null = null;
      if (next !== null && next.left === 0) {
        if (typeof next.fault === 'function') next.fault();
        else ({ fault } = next);
        next = null;
      } else if (next !== null) next.left -= 1;
      void carryOut(incoming, Buffer.concat(pieces), outgoing, fault).catch(() => outgoing.destroy());
    });
  });

  async function carryOut(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, fault: LineFault | null): Promise<void> {
    if (fault === 'before') return void outgoing.destroy();
    if (fault === 'portal') return void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome to the hotel</html>');
    if (typeof fault === 'number') {
      const headers = { 'content-type': 'application/json', ...(fault === 429 || fault === 503 ? { 'retry-after': '1' } : {}) };
      return void outgoing.writeHead(fault, headers).end(JSON.stringify({ code: codes[fault], message: 'Said by the line.' }));
    }
    let said = await forward(incoming, body);
    if (fault === 'twice') said = await forward(incoming, body);
    if (fault === 'after') return void outgoing.destroy();
    outgoing.writeHead(said.status, said.headers);
    if (fault !== 'half') return void outgoing.end(said.body);
    outgoing.write(said.body.subarray(0, Math.floor(said.body.length / 2)));
    outgoing.destroy();
  }

  const forward = ({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer) => answer({ method, url, headers, body });

  // What goes wrong was said in advance: no connection is closed because it was idle.
  server.keepAliveTimeout = 0;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    break: (fault, left) => void (next = { fault, left }),
    mend: () => void (next = null),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const codes: Readonly<Record<number, string>> = {
  401: 'not_signed_in',
  413: 'too_large',
  429: 'too_many',
  500: 'unexpected',
  503: 'busy',
};
