import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { fail, ProblemError, type Result } from '../../../shared/lib/result.ts';
import type { Log } from '../../domain/ports.ts';
import { FILE_LIMIT, fileTooLarge } from '../../files.ts';
import { errorFacts } from '../../log.ts';
import type { Backend } from '../platform.ts';
import { type Access, HOST_NAME } from './access.ts';
import { plainPage, securityHeaders } from './headers.ts';
import type { StaticFile } from './static-files.ts';
import { BRIDGE_PATH, STORAGE_PATH } from './wire.ts';
import { say } from '../../../shared/words/say.ts';
import { type Words, type WordsId, words } from '../../../shared/words/words.ts';

type PageTitle = Extract<WordsId, `pages.${string}Title`>;

/**
 * Storage messages carry batches of about 4 million characters, and single operations that are larger (an import packs its
 * own); calls of screens carry what a person typed. Beyond this something is broken, and is not read.
 */
const LARGEST_STORAGE_MESSAGE = 64 * 1024 * 1024;
const LARGEST_CALL = 16 * 1024 * 1024;

export interface Server {
  port(): number;
  close(): Promise<void>;
}

export interface ServerDeps {
  access: Access;
  file: (address: string) => StaticFile | null;
  backend: () => Backend | null;
  onBridge: (socket: WebSocket, query: URLSearchParams) => void;
  onStorage: (socket: WebSocket, query: URLSearchParams) => void;
  /** Settles when our own Chromium has its cookie; null where no Chromium is ours. */
  cookieHandedOver: () => Promise<void> | null;
  log: Log;
}

/** The loopback server. It answers nobody but our own pages; `port` 0 takes a free one. */
export async function startServer(port: number, deps: ServerDeps): Promise<Server> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    answer(deps, request, response).catch((error: unknown) => {
      deps.log.error('server.request-failed', { method: request.method ?? '', ...errorFacts(error) });
      if (response.headersSent) response.destroy();
      else page(response, 500, 'pages.wrongTitle', words('pages.wrong'));
    });
  });
  const socketServer = (maxPayload: number) => new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  const [bridges, storages] = [socketServer(LARGEST_CALL), socketServer(LARGEST_STORAGE_MESSAGE)];
  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(deps.access, request);
    const url = urlOf(request);
    const isStorage = url?.pathname === STORAGE_PATH;
    const take = url?.pathname === BRIDGE_PATH ? deps.onBridge : isStorage ? deps.onStorage : null;
    const sockets = isStorage ? storages : bridges;
    if (refusal !== null) return refuseUpgrade(socket, refusal);
    if (url === null || take === null) return refuseUpgrade(socket, 404);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => deps.log.warn('server.socket-failed', errorFacts(error)));
      take(webSocket, url.searchParams);
    });
  });
  // Taking in a large file may take longer than Node's default of five minutes on a slow disk.
  server.requestTimeout = 0;

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portProblem(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    port: () => (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of [...bridges.clients, ...storages.clients]) client.terminate();
        server.closeAllConnections();
      }),
  };
}

async function answer(deps: ServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { access } = deps;
  const url = urlOf(request);
  if (!access.isOurHost(request))
    return page(response, 421, 'pages.otherHostTitle', words('pages.otherHost', { address: `http://${HOST_NAME}` }));
  if (url === null) return page(response, 400, 'pages.unreadableTitle', words('pages.unreadable'));
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST') {
    response.setHeader('Allow', 'GET, HEAD, POST');
    return page(response, 405, 'pages.notAllowedTitle', words('pages.cannotBeAsked'));
  }
  if (access.isForeignFetch(request)) return refuse(response);
  if (request.method === 'GET' && url.pathname === '/start') return start(deps, response);
  if (request.method === 'GET' && url.pathname === '/' && url.searchParams.has('key')) return redeem(access, request, response, url);
  if (!access.hasCookie(request)) return page(response, 403, 'pages.needsKeyTitle', words('pages.howToGetIn'));
  if (request.method === 'POST') return access.isOurOrigin(request) ? takeFile(deps, request, response, url) : refuse(response);
  if (url.pathname.startsWith('/files/')) return sendFile(deps, request, response, url.pathname.slice('/files/'.length));
  return sendStatic(deps, request, response, url.pathname);
}

function redeem(access: Access, request: IncomingMessage, response: ServerResponse, url: URL): void {
  const verdict = access.hasCookie(request) ? 'granted' : access.redeem(url.searchParams.get('key') ?? '');
  if (verdict === 'used') return page(response, 403, 'pages.usedTitle', words('pages.howToGetIn'));
  if (verdict === 'wrong') return page(response, 403, 'pages.needsKeyTitle', words('pages.howToGetIn'));
  response.setHeader('Set-Cookie', access.setCookieHeader());
  redirectHome(response);
}

/** Where our own Chromium begins: it waits for its cookie, so that no secret stands on a command line others can read. */
async function start(deps: ServerDeps, response: ServerResponse): Promise<void> {
  const handedOver = deps.cookieHandedOver();
  if (handedOver === null) return page(response, 404, 'pages.notHereTitle', words('pages.nothingHere'));
  await handedOver;
  redirectHome(response);
}

function redirectHome(response: ServerResponse): void {
  response.writeHead(303, { Location: '/', 'Cache-Control': 'no-store' });
  response.end();
}

async function takeFile(deps: ServerDeps, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const backend = deps.backend();
  const name = url.searchParams.get('name');
  if (url.pathname !== '/files' || name === null) return page(response, 404, 'pages.notHereTitle', words('pages.nothingHere'));
  const isTooLarge = Number(request.headers['content-length'] ?? 0) > FILE_LIMIT;
  const result: Result<{ fileId: string }> =
    backend === null
      ? fail({ code: 'STARTING', ...words('program.opening') })
      : isTooLarge
        ? fail(fileTooLarge)
        : await backend.takeFile(name, request);
  // What is left of a refused file is read and dropped: the browser shows an answer only after it has sent all.
  if (!request.complete) await pipeline(request, drop).catch(() => {});
  sendJson(response, result);
}

async function drop(bytes: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of bytes);
}

async function sendFile(deps: ServerDeps, request: IncomingMessage, response: ServerResponse, fileId: string): Promise<void> {
  const result = (await deps.backend()?.fileToSave(fileId)) ?? fail({ code: 'STARTING', ...words('program.openingStill') });
  if (!result.ok) return page(response, 404, 'pages.notHereTitle', words('files.goneMakeAgain'));
  response.writeHead(200, {
    'Content-Type': result.value.mediaType,
    'Content-Disposition': `attachment; filename="${asciiName(result.value.fileName)}"; filename*=UTF-8''${encodeName(result.value.fileName)}`,
    'Cache-Control': 'no-store',
    // Whatever it holds, it may do nothing in our origin, should it ever be shown rather than downloaded.
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(result.value.path), response);
}

function sendStatic(deps: ServerDeps, request: IncomingMessage, response: ServerResponse, address: string): void {
  const file = deps.file(address);
  if (file === null) return page(response, 404, 'pages.notHereTitle', words('pages.nothingHere'));
  if (request.headers['if-none-match'] === file.headers['ETag']) {
    response.writeHead(304, { ETag: file.headers['ETag'], 'Cache-Control': file.headers['Cache-Control'] });
    response.end();
    return;
  }
  response.writeHead(200, file.headers);
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

function refusalOf(access: Access, request: IncomingMessage): 403 | 421 | null {
  if (!access.isOurHost(request)) return 421;
  return access.isOurOrigin(request) && access.hasCookie(request) ? null : 403;
}

function refuseUpgrade(socket: Duplex, status: 403 | 404 | 421): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function refuse(response: ServerResponse): void {
  page(response, 403, 'pages.notAllowedTitle', words('pages.otherSite'));
}

function page(response: ServerResponse, status: number, title: PageTitle, text: Words): void {
  const body = plainPage(say({ words: title }), say(text));
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store' });
  response.end(body);
}

function urlOf(request: IncomingMessage): URL | null {
  const target = request.url ?? '';
  return target.startsWith('/') ? URL.parse(`http://${HOST_NAME}${target}`) : null;
}

const asciiName = (name: string) => name.replace(/[^\x20-\x7e]|["\\]/g, '_');
const encodeName = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function portProblem(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  return new ProblemError({
    code: 'PORT_TAKEN',
    ...words(error.code === 'EACCES' ? 'start.portForbidden' : 'start.portTaken', { port }),
  });
}
