import { Script } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import type { HostPort } from '../../../../renderer/storage-host/storage-host.ts';

/** RxDB advertises itself in the console of every page, once per page. */
const quietConsole = { ...console, warn: () => undefined };

/**
 * The storage host as one program that can be started any number of times, each with modules of its own, as each page
 * has: RxDB and Dexie keep what they have open in module variables, which must not outlive a page that died.
 */
export async function hostProgram(): Promise<(port: HostPort) => void> {
  const entry = fileURLToPath(new URL('../../../../renderer/storage-host/storage-host.ts', import.meta.url));
  const output = (await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, lib: { entry, formats: ['cjs'], fileName: 'host' } },
    define: { 'process.env.NODE_ENV': '"production"' },
  })) as Rolldown.RolldownOutput[];
  const code = output[0]?.output[0].code;
  if (code === undefined) throw new Error('The storage host was not built');
  const script = new Script(`(function (exports, console) { ${code}\n})`);
  return (port) => {
    const exports: { startStorageHost?: (port: HostPort) => void } = {};
    (script.runInThisContext() as (exports: object, console: object) => void)(exports, quietConsole);
    exports.startStorageHost?.(port);
  };
}
