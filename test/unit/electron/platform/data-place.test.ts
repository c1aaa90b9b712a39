import { expect, it } from 'vitest';
import { defaultDataFolder } from '../../../../electron/platform/data-place.ts';

it('keeps the book where each system keeps the data of programs', () => {
  expect(defaultDataFolder({ platform: 'linux', home: '/home/ada', env: {} })).toBe('/home/ada/.local/share/fieldbook');
  expect(defaultDataFolder({ platform: 'linux', home: '/home/ada', env: { XDG_DATA_HOME: '/data' } })).toBe('/data/fieldbook');
  expect(defaultDataFolder({ platform: 'linux', home: '/home/ada', env: { XDG_DATA_HOME: 'data' } })).toBe(
    '/home/ada/.local/share/fieldbook',
  );
  expect(defaultDataFolder({ platform: 'darwin', home: '/Users/ada', env: {} })).toBe('/Users/ada/Library/Application Support/Fieldbook');
  const windows = { platform: 'win32', home: 'C:\\Users\\ada', env: { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' } };
  expect(defaultDataFolder(windows)).toBe('C:\\Users\\ada\\AppData\\Roaming\\Fieldbook');
});
