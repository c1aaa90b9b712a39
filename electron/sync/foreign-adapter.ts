import { connectForeign, manifestOf } from '../../remotes/connect.ts';
import { openForeign } from '../../remotes/foreign-remote.ts';
import { manifests } from '../../shared/dialects/manifests.ts';
import type { RemoteAdapter } from './remote.ts';

/** Foreign systems as remotes of a laptop's book (remotes/). */
export const foreignAdapter: RemoteAdapter = {
  kinds: manifests.map(({ kind }) => kind),
  connect: connectForeign,
  open(kept, { book, secrets, clock, log, whole }) {
    const { id } = kept;
    const actor = manifestOf(kept.kind).label;
    const remote = openForeign(kept, {
      book: {
        get: (noun, of) => book.get(noun, of),
        all: (noun) => book.all(noun),
        children: (noun, of) => book.children(noun, of),
        receive: (work, memory) => book.write({ remote: id, command: 'remotes.receive', actor }, work, memory),
      },
      memory: { read: () => book.memory(id), remember: (changes) => book.remember(id, changes) },
      revision: () => whole.book.sync.revision(),
      change: async (command, work) => (await whole.book.runFor({ command }, work)).operation?.id ?? null,
      secret: (name) => secrets.get(name),
      clock,
      log,
    });
    return { ...remote, close: async () => undefined };
  },
};
