import { describe, expect, it } from 'vitest';
import { findBrowser } from '../../../../../electron/platform/browser/find-browser.ts';

const among = (files: string[]) => (file: string) => files.includes(file);

describe('finding a browser', () => {
  it('takes what FIELDBOOK_BROWSER names, and nothing else when that is not a program', () => {
    const system = { platform: 'linux', home: '/home/ada', env: { PATH: '/usr/bin', FIELDBOOK_BROWSER: '/opt/chromium' } };
    expect(findBrowser(system, among(['/opt/chromium', '/usr/bin/chromium']))).toBe('/opt/chromium');
    expect(findBrowser(system, among(['/usr/bin/chromium']))).toBe(null);
  });

  it('looks through PATH on Linux, Chrome before others, and not into relative folders', () => {
    const system = { platform: 'linux', home: '/home/ada', env: { PATH: '.:bin:/usr/local/bin:/usr/bin' } };
    expect(findBrowser(system, among(['/usr/bin/chromium', '/usr/bin/google-chrome']))).toBe('/usr/bin/google-chrome');
    expect(findBrowser(system, among(['bin/chromium', './chromium', 'chromium']))).toBe(null);
  });

  it('knows the usual places on macOS and Windows', () => {
    const mac = { platform: 'darwin', home: '/Users/ada', env: {} };
    const edge = '/Users/ada/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge';
    expect(findBrowser(mac, among([edge]))).toBe(edge);
    const windows = { platform: 'win32', home: 'C:\\Users\\ada', env: { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' } };
    const msedge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    expect(findBrowser(windows, among([msedge]))).toBe(msedge);
  });
});
