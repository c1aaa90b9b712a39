import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FolderLaptop, folderLaptop, secret } from '../sync/support/folder-laptop.ts';
import { type Faulted, noTrouble, serve, type StandIn } from './support/stand-in.ts';
import { type System, systems } from './support/systems.ts';

/** A laptop as fleets run it, connected to a foreign system by a file and synced without a window: `--connect`, `--sync-once`. */

const place = { line1: '1 Main St', city: 'Denver', region: 'CO', postalCode: '80202', country: 'US' };
const quiet = { created: 0, changed: 0, deleted: 0 };

async function connected(
  system: System,
): Promise<{ there: StandIn; faulted: Faulted; laptop: FolderLaptop; file: string; make: (name: string) => Promise<string> }> {
  const [there, faulted] = [system.standIn(), noTrouble()];
  const served = await serve(there, faulted);
  onTestFinished(() => served.close());
  const { signIn } = system;
  const laptop = folderLaptop('Ada', signIn.kind === 'session' ? signIn.cookie : signIn.kind === 'token' ? signIn.token : signIn.password);
  const way =
    signIn.kind === 'session'
      ? { sessionFrom: `env:${secret}` }
      : signIn.kind === 'token'
        ? { tokenFrom: `env:${secret}` }
        : { email: signIn.email, passwordFrom: `env:${secret}` };
  const file = join(laptop.folder, 'connect.json');
  const { organisation } = system;
  writeFileSync(
    file,
    JSON.stringify({
      kind: system.manifest.kind,
      url: served.url,
      ...(organisation !== null && { organisation }),
      signIn: way,
      direction: 'both',
    }),
  );
  let mails = 0;
  const make = (name: string) =>
    laptop.edit(async (_services, book) => {
      const { value } = await book.run('test.make', null, (tx) => {
        const { id } = tx.create('clients', { name, email: `office${++mails}@example.com`, address: place });
        tx.create('locations', { clientId: id, name: 'Main', physicalAddress: place });
        return id;
      });
      return value;
    });
  return { there, faulted, laptop, file, make };
}

const named = async (laptop: FolderLaptop) =>
  [...(await laptop.records())]
    .filter(([key, record]) => key.startsWith('clients/') && record.deletedAt === null)
    .map(([, record]) => String((record as { name?: unknown }).name))
    .sort();

describe.each(systems.filter(({ name }) => !name.includes(' ') || name.startsWith('skhokho in')))(
  'A laptop connected to $name',
  (system) => {
    const rowsOf = (there: StandIn) =>
      there
        .rows(system.kind)
        .map((row) => String(row['name']))
        .sort();

    it('rehearses, goes both ways, and is quiet afterwards', async () => {
      const { there, laptop, file, make } = await connected(system);
      there.add(system.kind, system.row('Theirs'));
      await make('Mine');
      const rehearsed = await laptop.sync({ connect: file, syncOnce: false, rehearse: true });
      expect(rehearsed.receipt).toMatchObject({ kind: system.manifest.kind, state: 'rehearsed' });
      expect(rowsOf(there)).toEqual(['Theirs']);
      const { code, receipt } = await laptop.sync({ connect: file });
      expect({ code, state: receipt.state, problem: receipt.problem }).toEqual({ code: 0, state: 'synced', problem: undefined });
      expect({ sent: receipt.sent, received: receipt.received }).toEqual({
        sent: rehearsed.receipt.sent,
        received: rehearsed.receipt.received,
      });
      expect(rowsOf(there)).toEqual(['Mine', 'Theirs']);
      expect(await named(laptop)).toEqual(['Mine', 'Theirs']);
      await laptop.sync();
      // It is read whole each time: where a comparison is asked for, it is synced like ever.
      expect(await laptop.sync({ compare: true })).toMatchObject({ code: 0, receipt: { state: 'synced', sent: quiet, received: quiet } });
      const again = await laptop.sync();
      expect(again.receipt).toMatchObject({ state: 'synced', sent: quiet, received: quiet, waiting: 0, conflicts: 0, refused: 0 });
    });

    it('ends with 2 and a sentence where a person is needed, and with 1 where the server is not there', async () => {
      const { faulted, laptop, file, make } = await connected(system);
      await make('Bad');
      faulted.trouble = (asked) => (system.isCreate(asked) ? { kind: 'status', status: 400, body: { name: ['Not this name.'] } } : null);
      const refused = await laptop.sync({ connect: file });
      expect(refused).toMatchObject({ code: 2, receipt: { state: 'waits', refused: 1 } });
      expect(refused.receipt.problem).toMatch(/Not this name/);
      faulted.trouble = () => ({ kind: 'page', status: 200 });
      const failed = await laptop.sync();
      expect(failed).toMatchObject({ code: 1, receipt: { state: 'failed' } });
      expect(failed.receipt.problem).toMatch(/web page/);
    });

    it('brings what came into nobody’s undo', async () => {
      const { there, laptop, file } = await connected(system);
      there.add(system.kind, system.row('Theirs'));
      await laptop.sync({ connect: file });
      const undo = await laptop.edit(async (_services, book) => book.undoState().undo);
      expect(undo).toBeNull();
    });
  },
);
