import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Rectangle } from 'electron';
import type { ElectronSlice } from './electron-slice.ts';

export const smallest = { width: 1024, height: 640 } as const;
const usual = { width: 1280, height: 800 } as const;

export interface WindowPlace {
  /** Null lets the system choose where. */
  bounds: Rectangle | null;
  size: { width: number; height: number };
  isMaximized: boolean;
}

/** Where the window stood last, if a screen is still there; else the usual size wherever the system puts it. */
export function readWindowPlace(file: string, screen: ElectronSlice['screen']): WindowPlace {
  const fresh = { bounds: null, size: usual, isMaximized: false };
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => kept[name]);
    if (![x, y, width, height].every((value) => Number.isInteger(value))) return fresh;
    const bounds = { x, y, width, height } as Rectangle;
    const { workArea } = screen.getDisplayMatching(bounds);
    const size = {
      width: Math.max(smallest.width, Math.min(bounds.width, workArea.width)),
      height: Math.max(smallest.height, Math.min(bounds.height, workArea.height)),
    };
    const isReachable =
      bounds.x + 100 < workArea.x + workArea.width &&
      bounds.x + size.width > workArea.x + 100 &&
      bounds.y >= workArea.y - 10 &&
      bounds.y + 50 < workArea.y + workArea.height;
    return { bounds: isReachable ? { ...bounds, ...size } : null, size, isMaximized: kept['isMaximized'] === true };
  } catch {
    return fresh;
  }
}

/** A convenience: where it cannot be written, the window opens in its usual place next time. */
export function keepWindowPlace(file: string, bounds: Rectangle, isMaximized: boolean): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, JSON.stringify({ ...bounds, isMaximized }));
    renameSync(`${file}.part`, file);
  } catch {
    // See above.
  }
}
