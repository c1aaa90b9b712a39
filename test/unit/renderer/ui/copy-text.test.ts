import { notificationsStore } from '@mantine/notifications';
import { afterEach, expect, it, vi } from 'vitest';
import { copyText } from '../../../../renderer/ui/copy-text.ts';

afterEach(() => vi.unstubAllGlobals());

const said = () => notificationsStore.getState().notifications.map(({ message }) => message);

it('a clipboard that refuses is told in words, and one that takes the text is not', async () => {
  // The clipboard is the system's: here it is one that takes a text or does not.
  const texts: string[] = [];
  vi.stubGlobal('navigator', { clipboard: { writeText: async (text: string) => void texts.push(text) } });
  expect(await copyText('20.00', 'Price')).toBe(true);
  expect(texts).toEqual(['20.00']);
  expect(said()).toEqual([]);
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('NotAllowedError')) } });
  expect(await copyText('20.00', 'Price')).toBe(false);
  expect(said()).toEqual([expect.stringContaining('Price could not be copied')]);
});
