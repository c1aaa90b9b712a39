import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import type { InlineConfig } from 'vite';
import { root } from './paths.mjs';

/** The pages: the screens and the page of the storage window. Relative addresses, because they are served from app:// and from loopback. */
export default {
  configFile: false,
  root: join(root, 'renderer'),
  base: './',
  logLevel: 'warn',
  plugins: [react()],
  build: {
    // The licences of what is bundled go along with it: most of them ask for that.
    license: { fileName: 'third-party-licences.md' },
    target: 'chrome152',
    // The content security policy has no data: scripts or fonts and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4_000,
    rolldownOptions: {
      input: [join(root, 'renderer/index.html'), join(root, 'renderer/storage-host/index.html')],
    },
  },
} satisfies InlineConfig;
