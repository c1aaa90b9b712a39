import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStaticFiles } from '../../../../../electron/platform/browser/static-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-pages-'));
  mkdirSync(path.join(folder, 'assets'));
  mkdirSync(path.join(folder, 'storage-host'));
  writeFileSync(
    path.join(folder, 'index.html'),
    '<html><head><title>x</title><script type="module" src="/assets/main-abc.js"></script></head></html>',
  );
  writeFileSync(path.join(folder, 'storage-host', 'index.html'), '<html><head></head></html>');
  writeFileSync(path.join(folder, 'assets', 'main-abc.js'), 'export {};');
  writeFileSync(path.join(folder, 'storage-worker.js'), '1;');
  writeFileSync(path.join(folder, 'main.js.map'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the built pages', () => {
  it('answer at their addresses, pages also at their folder', () => {
    const { get } = readStaticFiles(folder);
    expect(get('/')?.headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(get('/storage-host/')).not.toBe(null);
    expect(get('/assets/main-abc.js')?.body.toString()).toBe('export {};');
    expect(get('/index.html')).toBe(null);
  });

  it('carry the bridge before any script of their own', () => {
    const page = readStaticFiles(folder).get('/')?.body.toString() ?? '';
    expect(page.indexOf('/browser-bridge.js')).toBeGreaterThan(-1);
    expect(page.indexOf('/browser-bridge.js')).toBeLessThan(page.indexOf('type="module"'));
  });

  it('are kept for good where their name tells their content, and asked about otherwise', () => {
    const { get } = readStaticFiles(folder);
    expect(get('/assets/main-abc.js')?.headers['Cache-Control']).toContain('immutable');
    expect(get('/')?.headers['Cache-Control']).toBe('no-cache');
    expect(get('/storage-worker.js')?.headers['Cache-Control']).toBe('no-cache');
  });

  it('leave out what is no page, and all that lies outside', () => {
    const { get } = readStaticFiles(folder);
    for (const address of ['/main.js.map', '/../static-files.test.ts', '/assets/../index.html', '/assets', '/assets/', '', 'index.html']) {
      expect(get(address), address).toBe(null);
    }
  });

  it('name another build when the first page changed', () => {
    const before = readStaticFiles(folder).build;
    expect(readStaticFiles(folder).build).toBe(before);
    writeFileSync(path.join(folder, 'index.html'), '<html><head><script type="module" src="/assets/main-def.js"></script></head></html>');
    expect(readStaticFiles(folder).build).not.toBe(before);
  });
});
