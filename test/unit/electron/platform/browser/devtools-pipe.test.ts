import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openDevtoolsPipe } from '../../../../../electron/platform/browser/devtools-pipe.ts';

const pipe = () => {
  const toBrowser = new PassThrough();
  const fromBrowser = new PassThrough();
  return { toBrowser, fromBrowser, devtools: openDevtoolsPipe(toBrowser, fromBrowser) };
};

describe('the pipe to the browser', () => {
  it('pairs answers with questions, however the bytes arrive', async () => {
    const { toBrowser, fromBrowser, devtools } = pipe();
    const first = devtools.send('Browser.getVersion');
    const second = devtools.send('Target.attachToTarget', { targetId: 'ä' });
    expect(
      toBrowser
        .read()
        .toString()
        .split('\0')
        .slice(0, 2)
        .map((text: string) => JSON.parse(text)),
    ).toEqual([
      { id: 1, method: 'Browser.getVersion', params: {} },
      { id: 2, method: 'Target.attachToTarget', params: { targetId: 'ä' } },
    ]);
    const bytes = Buffer.from('{"id":2,"result":{"sessionId":"ü"}}\0{"id":1,"result":{"product":"Chrome/156.0.1"}}\0');
    for (const byte of bytes) fromBrowser.write(Buffer.from([byte]));
    expect(await first).toEqual({ product: 'Chrome/156.0.1' });
    expect(await second).toEqual({ sessionId: 'ü' });
  });

  it('passes events on', async () => {
    const { fromBrowser, devtools } = pipe();
    const heard = new Promise((resolve) => devtools.onEvent((method, params) => resolve([method, params])));
    fromBrowser.write('{"method":"Target.targetCrashed","params":{"targetId":"a"}}\0');
    expect(await heard).toEqual(['Target.targetCrashed', { targetId: 'a' }]);
  });

  it('says no when the browser says no, and to all questions when it goes away', async () => {
    const { fromBrowser, devtools } = pipe();
    const refused = devtools.send('Nothing.here');
    fromBrowser.write('{"id":1,"error":{"message":"not found"}}\0');
    await expect(refused).rejects.toThrow('not found');
    const waiting = devtools.send('Browser.getVersion');
    fromBrowser.destroy();
    await expect(waiting).rejects.toThrow('went away');
    await expect(devtools.send('Browser.getVersion')).rejects.toThrow('went away');
  });
});
