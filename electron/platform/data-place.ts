import path from 'node:path';

/**
 * Where a person's book is kept when `--data` names no folder. Both adapters use the same place, so that a book made in
 * the browser adapter opens in the installed app. Frozen: changing it would show people an empty book.
 */
export function defaultDataFolder(system: { platform: string; home: string; env: Record<string, string | undefined> }): string {
  const { platform, home, env } = system;
  if (platform === 'win32') return path.win32.join(env['APPDATA'] ?? path.win32.join(home, 'AppData', 'Roaming'), 'Fieldbook');
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', 'Fieldbook');
  const base = env['XDG_DATA_HOME'];
  return path.posix.join(base !== undefined && path.posix.isAbsolute(base) ? base : path.posix.join(home, '.local', 'share'), 'fieldbook');
}
