import { startStorageHost } from './storage-host.ts';

/**
 * The storage host of the browser adapter: a dedicated worker of any page of ours. It stands by until main takes it,
 * serves for one generation, and ends with its line, so that nothing of an old generation can write any more.
 */
const line = new WebSocket(`ws://${location.host}/storage${location.search}`);
line.addEventListener('close', () => self.close());
// Main's first message says that this worker is taken; all after it belong to the storage channel.
line.addEventListener(
  'message',
  () =>
    startStorageHost({
      send: (message) => line.send(JSON.stringify(message)),
      onMessage: (listener) => line.addEventListener('message', (event) => listener(JSON.parse(String(event.data)))),
    }),
  { once: true },
);
