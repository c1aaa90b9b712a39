import { dirname, join } from 'node:path';
import type { InlineConfig } from 'vite';
import { root } from './paths.mjs';

/**
 * One self-contained file: the storage worker and the page bridge are loaded by name, and a sandboxed preload can
 * neither be an ES module nor require a file beside it.
 */
export function scriptConfig(entry: string, fileName: string, format: 'iife' | 'cjs'): InlineConfig {
  return {
    configFile: false,
    root: join(root, dirname(entry)),
    publicDir: false,
    logLevel: 'warn',
    // A library build keeps process.env.NODE_ENV, which no page has.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'chrome152',
      minify: format === 'iife',
      reportCompressedSize: false,
      copyPublicDir: false,
      rolldownOptions: {
        input: join(root, entry),
        external: format === 'cjs' ? ['electron'] : [],
        output: { format, entryFileNames: fileName, codeSplitting: false },
      },
    },
  };
}
