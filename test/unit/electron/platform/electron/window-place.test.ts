import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepWindowPlace, readWindowPlace } from '../../../../../electron/platform/electron/window-place.ts';

const screen = { getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }) };
const usual = { bounds: null, size: { width: 1280, height: 800 }, isMaximized: false };

function placeFile(content?: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-place-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'window.json');
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

describe('the place of the window', () => {
  it('comes back as it was kept', () => {
    const file = placeFile();
    keepWindowPlace(file, { x: 40, y: 50, width: 1200, height: 900 }, true);
    expect(readWindowPlace(file, screen)).toEqual({
      bounds: { x: 40, y: 50, width: 1200, height: 900 },
      size: { width: 1200, height: 900 },
      isMaximized: true,
    });
  });

  it.each([undefined, '', '{', 'null', '[]', '{"x":1,"y":2,"width":"wide","height":3}', '{"x":1.5,"y":2,"width":1200,"height":900}'])(
    'is the usual one when the file holds %s',
    (content) => {
      expect(readWindowPlace(placeFile(content), screen)).toEqual(usual);
    },
  );

  it.each([
    [{ x: 5000, y: 50, width: 1200, height: 900 }, 'right of every screen'],
    [{ x: -1150, y: 50, width: 1200, height: 900 }, 'left of every screen'],
    [{ x: 40, y: 2000, width: 1200, height: 900 }, 'below every screen'],
    [{ x: 40, y: -300, width: 1200, height: 900 }, 'with its title above the screen'],
  ])('%j is left to the system, because it is %s', (bounds) => {
    expect(readWindowPlace(placeFile(JSON.stringify(bounds)), screen)).toMatchObject({ bounds: null, size: { width: 1200, height: 900 } });
  });

  it('never is smaller than the smallest window nor larger than the screen', () => {
    const sizeOf = (width: number, height: number) =>
      readWindowPlace(placeFile(JSON.stringify({ x: 0, y: 0, width, height })), screen).size;
    expect(sizeOf(10, 10)).toEqual({ width: 1024, height: 640 });
    expect(sizeOf(9000, 9000)).toEqual({ width: 1920, height: 1040 });
  });

  it('is not worth an error: where it cannot be written, nothing happens', () => {
    const file = path.join(placeFile('not a folder'), 'window.json');
    expect(() => keepWindowPlace(file, { x: 0, y: 0, width: 1, height: 1 }, false)).not.toThrow();
    expect(readFileSync(path.dirname(file), 'utf8')).toBe('not a folder');
  });
});
