import { expect, it } from 'vitest';
import { openSettings } from '../../../../electron/domain/settings.service.ts';
import { keptFile, quietLog } from '../../../support/opened-book.ts';

const open = (file: ReturnType<typeof keptFile>) => openSettings({ file, onChanged: () => undefined, log: quietLog });

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
  expect(settings.problem()).toMatch(
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
