import type { MenuItemConstructorOptions } from 'electron';

/**
 * The standard menu. Roles give text fields their cut, copy, paste and select all. Undo and redo are shown with their
 * keys but do not take them (`registerAccelerator: false`): Ctrl/Cmd+Z goes to the page, which undoes typing inside a text
 * field and the last command outside of one. Reload and DevTools exist only while Fieldbook is developed.
 */
export function appMenu(system: { platform: string; isPackaged: boolean }): MenuItemConstructorOptions[] {
  const isMac = system.platform === 'darwin';
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const development: MenuItemConstructorOptions[] = system.isPackaged ? [] : [separator, { role: 'reload' }, { role: 'toggleDevTools' }];
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: [isMac ? { role: 'close' } : { role: 'quit' }] },
    {
      label: 'Edit',
      submenu: [
        { role: 'undo', registerAccelerator: false },
        { role: 'redo', registerAccelerator: false },
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'pasteAndMatchStyle' },
        { role: 'delete' },
        { role: 'selectAll' },
      ],
    },
    {
      label: 'View',
      submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, separator, { role: 'togglefullscreen' }, ...development],
    },
    { role: 'windowMenu' },
  ];
}
