import { fieldbookAdapter } from './fieldbook-adapter.ts';
import type { RemoteKind } from '../../remotes/remote.ts';
import type { RemoteAdapter } from './remote.ts';
import { foreignAdapter } from './foreign-adapter.ts';

/** Every kind of server this version can speak to. A new kind is one entry here. */
export const remoteAdapters: readonly RemoteAdapter[] = [fieldbookAdapter, foreignAdapter];

export function adapterFor(kind: RemoteKind): RemoteAdapter | null {
  return remoteAdapters.find(({ kinds }) => kinds.includes(kind)) ?? null;
}
