import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { appMenu } from '../../../../../electron/platform/electron/app-menu.ts';

function items(menu: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return menu.flatMap((item) => [item, ...items(Array.isArray(item.submenu) ? item.submenu : [])]);
}

describe('the menu', () => {
  it.each(['linux', 'win32', 'darwin'])('on %s lets text fields cut, copy, paste and select all', (platform) => {
    const roles = items(appMenu({ platform, isPackaged: true })).map(({ role }) => role);
    expect(roles).toEqual(expect.arrayContaining(['cut', 'copy', 'paste', 'selectAll']));
  });

  it('leaves Ctrl/Cmd+Z to the page: undo and redo do not take their keys', () => {
    const keys = items(appMenu({ platform: 'linux', isPackaged: true })).filter(({ role }) => role === 'undo' || role === 'redo');
    expect(keys.map(({ registerAccelerator }) => registerAccelerator)).toEqual([false, false]);
  });

  it('has a way out on every system, and the standard application menu on macOS only', () => {
    const rolesOf = (platform: string) => items(appMenu({ platform, isPackaged: true })).map(({ role }) => role);
    expect(rolesOf('linux')).toContain('quit');
    expect(rolesOf('win32')).toContain('quit');
    expect(rolesOf('darwin')).toContain('appMenu');
    expect(rolesOf('linux')).not.toContain('appMenu');
  });
});
