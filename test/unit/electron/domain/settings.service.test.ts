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

it('leaves the settings as they were when they cannot be written', async () => {
  const file = keptFile();
  const settings = await open(file);
  await settings.change({ personName: 'Ada' });
  file.write = () => Promise.reject(new Error('disk full'));
  await expect(settings.change({ personName: 'Grace' })).rejects.toThrow('disk full');
  expect(settings.get().personName).toBe('Ada');
});
