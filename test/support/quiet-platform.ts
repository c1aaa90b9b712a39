import type { Platform } from '../../electron/platform/platform.ts';

/** A platform nobody looks at: calls come in, nothing is shown, and the storage host is always about to come. */
export function quietPlatform(changes: Partial<Platform> = {}): Platform {
  return {
    kind: 'browser',
    serve: async () => undefined,
    show: async () => 'nowhere',
    broadcast: () => undefined,
    openStorageHost: () => new Promise(() => undefined),
    onQuit: () => undefined,
    quit: () => undefined,
    onWake: () => () => undefined,
    chromiumMajor: () => null,
    keychain: { strength: async () => 'none', seal: async (plain) => plain, open: async (sealed) => sealed },
    printToPdf: async () => null,
    openFile: null,
    openExternal: async () => false,
    ...changes,
  };
}
