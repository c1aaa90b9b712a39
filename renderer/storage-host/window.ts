import { STORAGE_PORT_MESSAGE } from '../../shared/contracts/surface.ts';
import { startStorageHost } from './storage-host.ts';

/**
 * The page of the storage window. In the installed app the preload posts it one port, from this very window; the page
 * serves that line until it is closed. Opened in a browser nothing is posted: there the bridge brings the storage worker.
 */
window.addEventListener('message', function takePort({ source, origin, data, ports: [port] }: MessageEvent<unknown>) {
  if (source !== window || origin !== location.origin || data !== STORAGE_PORT_MESSAGE || port === undefined) return;
  window.removeEventListener('message', takePort);
  startStorageHost({
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data));
      port.start();
    },
  });
});
