import { expect, it } from 'vitest';
import { mostViews } from '../../../../shared/contracts/saved-view.ts';
import { openSettings, type SettingsService } from '../../../../electron/domain/settings.service.ts';
import { say } from '../../../../shared/words/say.ts';
import { keptFile, quietLog } from '../../../support/opened-book.ts';

const open = (file: ReturnType<typeof keptFile>) => openSettings({ file, onChanged: () => undefined, log: quietLog });
const saidProblem = (settings: SettingsService) => say(settings.problem() ?? expect.fail('There is none.'));

it('starts with defaults and keeps what is changed over a restart', async () => {
  const file = keptFile();
  const settings = await open(file);
  expect(settings.get()).toMatchObject({ personName: '', colorScheme: 'auto', density: 'dense' });
  await settings.change({ personName: 'Ada' });
  await settings.change({ density: 'comfortable' });

  expect((await open(file)).get()).toMatchObject({ personName: 'Ada', density: 'comfortable', colorScheme: 'auto' });
});

it('keeps the columns of other lists when those of one change', async () => {
  const settings = await open(keptFile());
  const view = (column: string) => ({ columns: [column], widths: {}, sort: [] });
  await Promise.all([settings.change({ lists: { clients: view('name') } }), settings.change({ lists: { contacts: view('email') } })]);
  expect(settings.get().lists).toEqual({ clients: view('name'), contacts: view('email') });
});

it.each(['{ half', '{"density":"huge"}', '[]'])('sets a file that cannot be read (%s) aside and goes on', async (text) => {
  const file = keptFile(text);
  const settings = await open(file);
  expect(settings.get().density).toBe('dense');
  expect(file.aside).toBe(text);
});

it('loses no setting for another that cannot be read, and says which', async () => {
  const company = { name: 'North Ltd', address: '1 Dock Road', taxId: 'GB 1', bankLine: 'IBAN 1', logoText: 'N' };
  const view = { columns: ['name'], widths: {}, sort: [] };
  const text = JSON.stringify({
    personName: 'Ada',
    density: 'huge',
    company: { ...company, taxId: 7, fax: 'new' },
    lists: { clients: view, contacts: { columns: 'all' } },
    invoicePrefix: { deviceId: 'd', prefix: 'NORTH' },
  });
  const file = keptFile(text);
  const settings = await open(file);
  const kept = {
    personName: 'Ada',
    density: 'dense',
    company: { ...company, taxId: '' },
    lists: { clients: view },
    invoicePrefix: { deviceId: 'd', prefix: 'NORTH' },
  };
  expect(settings.get()).toMatchObject(kept);
  expect(file.aside).toBe(text);
  expect(saidProblem(settings)).toMatch(
    /^Some settings \(density, columns of lists, your company\) could not be read and are as they were at the beginning\. The file as it was is kept/,
  );
  const again = await open(file);
  expect(again.get()).toMatchObject(kept);
  expect(again.problem()).toBeNull();
});

it('leaves the settings as they were when they cannot be written', async () => {
  const file = keptFile();
  const settings = await open(file);
  await settings.change({ personName: 'Ada' });
  file.write = () => Promise.reject(new Error('disk full'));
  await expect(settings.change({ personName: 'Grace' })).rejects.toThrow('disk full');
  expect(settings.get().personName).toBe('Ada');
});

const view = (name: string, more: object = {}) => ({
  noun: 'clients' as const,
  name,
  search: '',
  filters: [],
  where: null,
  isUnsent: false,
  sort: [],
  columns: ['name'],
  isPinned: false,
  ...more,
});

it('keeps saved views by their id: others stay when one changes, and one goes when it becomes null', async () => {
  const file = keptFile();
  const settings = await open(file);
  await Promise.all([settings.change({ views: { a: view('North') } }), settings.change({ views: { b: view('South') } })]);
  await settings.change({ personName: 'Ada' });
  await settings.change({ views: { a: view('North route', { isPinned: true }) } });
  expect((await open(file)).get().views).toEqual({ a: view('North route', { isPinned: true }), b: view('South') });
  await settings.change({ views: { b: null, none: null } });
  expect((await open(file)).get().views).toEqual({ a: view('North route', { isPinned: true }) });
});

it('refuses a second view of a list under a name that only case, accents or spaces tell apart, and keeps what is there', async () => {
  const settings = await open(keptFile());
  await settings.change({ views: { a: view('Café'), b: view('South') } });
  const refused = { problem: { code: 'VIEW_NAME_TAKEN', field: 'name' } };
  await expect(settings.change({ views: { c: view('CAFE') } })).rejects.toMatchObject(refused);
  await expect(settings.change({ views: { b: view('cafe') } })).rejects.toMatchObject(refused);
  expect(settings.get().views).toEqual({ a: view('Café'), b: view('South') });
  // Another list has names of its own, and a view may keep its name.
  await settings.change({ views: { a: view('CAFÉ'), c: view('Café', { noun: 'contacts' }) } });
  expect(Object.keys(settings.get().views)).toEqual(['a', 'b', 'c']);
});

it('takes no more views than it says, and still changes and deletes those that are there', async () => {
  const settings = await open(keptFile());
  const many = Object.fromEntries(Array.from({ length: mostViews }, (_, at) => [`v${at}`, view(`View ${at}`)]));
  await settings.change({ views: many });
  await expect(settings.change({ views: { more: view('More') } })).rejects.toMatchObject({ problem: { code: 'TOO_MANY_VIEWS' } });
  await settings.change({ views: { v0: view('First') } });
  await settings.change({ views: { v1: null } });
  await settings.change({ views: { more: view('More') } });
  expect(Object.keys(settings.get().views)).toHaveLength(mostViews);
});

it('loses no view for another that cannot be read', async () => {
  const deep = { match: 'all', of: [{ match: 'all', of: [{ match: 'all', of: [{ match: 'all', of: [] }] }] }] };
  const file = keptFile(
    JSON.stringify({ views: { a: view('North'), b: view('South', { columns: [] }), c: view('Deep', { where: deep }) } }),
  );
  const settings = await open(file);
  expect(settings.get().views).toEqual({ a: view('North') });
  expect(saidProblem(settings)).toContain('saved views');
});
