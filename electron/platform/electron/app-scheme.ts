import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as E from 'electron';
import { securityHeaders } from '../browser/headers.ts';
import { outsideProtocols } from '../../../shared/lib/outside-link.ts';

/**
 * Frozen for good: IndexedDB is keyed by scheme and host, so another name would show people an empty database (main
 * would rebuild it from the journal, at the price of a slow start and a notice).
 */
export const appOrigin = 'app://fieldbook';
const scheme = 'app';
const host = 'fieldbook';

/** Must be registered before `ready` and once; without `standard` and `secure` the pages get no IndexedDB at all. Never `bypassCSP`. */
export const appScheme: E.CustomScheme = { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } };

const nowhere = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/**
 * The screens load their own files and nothing else. `style-src 'unsafe-inline'` is what the component library needs for
 * the styles it computes; scripts have no such door.
 */
const screenPolicy = `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'none'; ${nowhere}`;
/** The storage window draws nothing but its icon, so it gets less, and no string may become a script in it. */
const storagePolicy = `default-src 'none'; script-src 'self'; img-src 'self'; ${nowhere}; require-trusted-types-for 'script'; trusted-types 'none'`;

const mediaTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

function headersFor(pathname: string): Record<string, string> {
  const policy = pathname.startsWith('/storage-host/') ? storagePolicy : screenPolicy;
  return { ...securityHeaders, 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' };
}

/** Answers requests for `app://fieldbook/…` with the files of one folder: read only, same origin only, nothing beside it. */
export function createAppProtocol(folder: string): (request: Request) => Promise<Response> {
  const root = path.resolve(folder);

  return async (request) => {
    const wanted = pathOf(request.url);
    const refuse = (status: number) => new Response(null, { status, headers: headersFor(wanted ?? '/') });
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    if (wanted === null) return refuse(400);
    // Set by Electron, not by the page. Absent when the browser itself asks, as for the first load of a window.
    const { initiatorOrigin } = request as Request & { initiatorOrigin?: string | null };
    if (initiatorOrigin !== undefined && initiatorOrigin !== appOrigin) return refuse(403);

    const file = path.join(root, wanted.endsWith('/') ? `${wanted}index.html` : wanted);
    const mediaType = mediaTypes[path.extname(file)];
    if (!file.startsWith(root + path.sep) || mediaType === undefined) return refuse(404);
    try {
      const body = request.method === 'HEAD' ? null : await readFile(file);
      return new Response(body, { headers: { ...headersFor(wanted), 'Content-Type': mediaType } });
    } catch {
      return refuse(404);
    }
  };
}

/** The decoded path of an address of ours; null for any other address and for every way of writing "somewhere else". */
function pathOf(address: string): string | null {
  try {
    const url = new URL(address);
    if (url.protocol !== `${scheme}:` || url.host !== host || url.username !== '' || url.password !== '') return null;
    if (/%2f|%5c|%00/i.test(url.pathname)) return null;
    const decoded = decodeURIComponent(url.pathname);
    if (!decoded.startsWith('/') || /[\\\0]/.test(decoded) || decoded.split('/').includes('..')) return null;
    return decoded;
  } catch {
    return null;
  }
}

/** Pages of ours; anything else is not ours, an address that cannot be read included. */
export function isOwnPage(address: string): boolean {
  return pathOf(address) !== null;
}

/** Whether an address may be handed to the system to open. */
export function isForOutside(address: string): boolean {
  try {
    return outsideProtocols.has(new URL(address).protocol);
  } catch {
    return false;
  }
}
