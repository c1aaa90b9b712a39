import { join } from 'node:path';
import type { InlineConfig } from 'vite';
import { root } from './paths.mjs';

/** Main as an ES module for Node 24 (browser adapter) or Electron 45: everything bundled but Node's own modules and `electron`. */
export function mainConfig(entry: string): InlineConfig {
  return {
    configFile: false,
    root: join(root, 'electron'),
    publicDir: false,
    logLevel: 'warn',
    define: {
      'process.env.NODE_ENV': '"production"',
      // ws has two optional native helpers; without this it asks for them at each start.
      'process.env.WS_NO_BUFFER_UTIL': '"1"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
    },
    ssr: { noExternal: true, target: 'node' },
    build: {
      // The licences of what is bundled go along with it: most of them ask for that.
      license: { fileName: 'third-party-licences.md' },
      ssr: true,
      target: 'node24',
      // Readable: a stack trace in a log a person sends must name our functions.
      minify: false,
      reportCompressedSize: false,
      copyPublicDir: false,
      rolldownOptions: {
        input: join(root, entry),
        external: ['electron'],
        output: { format: 'es', entryFileNames: 'main.js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  };
}
