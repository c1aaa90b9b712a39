import { describe, expect, it } from 'vitest';
import type { FakeElectron } from '../../../../support/fake-electron.ts';
import { openElectronApp } from '../../../../support/fake-electron-app.ts';

describe('the keychain', () => {
  it.each<[string, string, Partial<FakeElectron['safeStorage']>, 'os' | 'weak' | 'none']>([
    ['GNOME', 'linux', { backend: 'gnome_libsecret' }, 'os'],
    ['KDE', 'linux', { backend: 'kwallet6' }, 'os'],
    ['Linux without a keyring', 'linux', { backend: 'basic_text' }, 'weak'],
    ['an unknown desktop', 'linux', { backend: 'unknown' }, 'weak'],
    ['macOS', 'darwin', {}, 'os'],
    ['Windows', 'win32', { backend: 'basic_text' }, 'os'],
    ['no encryption at all', 'darwin', { isAvailable: false }, 'none'],
  ])('on %s (%s) is said to be %s', async (_where, system, state, strength) => {
    const { platform } = await openElectronApp({}, (electron) => Object.assign(electron.safeStorage, state), system);
    expect(await platform.keychain.strength()).toBe(strength);
  });

  it('opens what it sealed, and the sealed text does not hold the secret', async () => {
    const { platform } = await openElectronApp();
    const sealed = await platform.keychain.seal('correct horse');
    expect(sealed).not.toContain('correct horse');
    expect(await platform.keychain.open(sealed)).toBe('correct horse');
  });

  it('stores nothing without a safe place, and says what to do', async () => {
    const { platform } = await openElectronApp({}, (electron) => {
      electron.safeStorage.isAvailable = false;
    });
    await expect(platform.keychain.seal('x')).rejects.toMatchObject({ problem: { code: 'KEYCHAIN_MISSING' } });
  });

  it('asks for the password again when the system keychain has changed', async () => {
    const { platform } = await openElectronApp();
    await expect(platform.keychain.open('bm90IG91cnM=')).rejects.toMatchObject({ problem: { code: 'KEYCHAIN_CHANGED' } });
  });
});
