import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface StaticFile {
  body: Buffer;
  headers: Readonly<Record<string, string>>;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticFiles {
  get(address: string): StaticFile | null;
  /** Names this build, so that a page from before an update loads itself anew. */
  readonly build: string;
}

/**
 * The built pages, by address. The list is made from the folder once; an address that is not in it does not exist, so
 * no spelling of `..` can leave the folder. Nothing is compressed: over loopback that costs more time than it saves.
 */
export function readStaticFiles(folder: string): StaticFiles {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => path.extname(name) in mediaTypes);
  const addresses = new Map(names.map((name) => [`/${name.replace(/(^|\/)index\.html$/, '$1')}`, name]));
  const read = new Map<string, StaticFile>();

  const get = (address: string) => {
    const name = addresses.get(address);
    if (name === undefined) return null;
    const file = read.get(name) ?? load(path.join(folder, name), name);
    read.set(name, file);
    return file;
  };
  // The first page names all that belongs to it by its content.
  return { get, build: get('/')?.headers['ETag'] ?? '' };
}

/** Goes into each page before its module script: it makes `window.crm` and brings the storage worker. */
const BRIDGE_TAG = '<script src="/browser-bridge.js"></script>';

function load(file: string, name: string): StaticFile {
  const bytes = readFileSync(file);
  const isPage = name.endsWith('.html');
  const body = isPage ? Buffer.from(bytes.toString('utf8').replace(/<head>/i, (head) => `${head}${BRIDGE_TAG}`)) : bytes;
  // Vite names files in assets/ by their content, so those never change.
  const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  return {
    body,
    headers: {
      'Content-Type': mediaTypes[path.extname(name)] ?? 'application/octet-stream',
      'Content-Length': String(body.byteLength),
      'Cache-Control': cache,
      ETag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    },
  };
}
