import { describe, expect, it } from 'vitest';
import { createOutboxService, type OutboxService } from '../../../../electron/domain/outbox.service.ts';
import type { Fared } from '../../../../shared/mail/outbox.ts';
import { openLaptop, problemOf, type TestBook } from '../../../support/opened-book.ts';

const sent: Fared = { kind: 'sent', why: null };
const unsure: Fared = { kind: 'unsure', why: 'The connection ended.' };

const outboxOf = (laptop: TestBook) =>
  createOutboxService({ book: laptop.book, clock: laptop.clock, device: laptop.files.opened.deviceId });

async function office() {
  const laptop = await openLaptop();
  const clientId = (await laptop.clients.create({ name: 'Harbor Bakery' })).record.id;
  const outbox = outboxOf(laptop);
  const write = async (send: 'draft' | 'now' = 'now') => {
    const words = { recipients: ['grace@bakery.example'], subject: 'Our offer', text: 'Here it is', scheduledFor: null };
    return (await outbox.save({ id: null, about: 'clients', aboutId: clientId, send, ...words })).id;
  };
  return { laptop, outbox, write, clientId };
}

/** What the worker does with the e-mail that is due. */
async function leaves(laptop: TestBook, outbox: OutboxService, fared: Fared): Promise<void> {
  later(laptop);
  const due = outbox.next(laptop.clock.now());
  const claimed = due === null ? null : await outbox.claim(due.id, 'ada@bakery.example');
  if (claimed === null) throw new Error('Nothing was due');
  await outbox.settle(claimed, fared);
  later(laptop);
}

function later(laptop: TestBook): void {
  laptop.clock.moveTo(new Date(laptop.clock.now() + 60_000).toISOString());
}

describe('An e-mail that has left', () => {
  it('is deleted, undone and deleted again, over restarts; that it was written is not undone', async () => {
    for (const fared of [sent, unsure]) {
      const { laptop, outbox, write } = await office();
      const id = await write();
      await leaves(laptop, outbox, fared);
      await laptop.activities.remove([id]);
      const isDeleted = (book: TestBook) => book.activities.get(id).deletedAt !== null;

      let again = await laptop.reopen();
      expect(await again.history.undo(null)).toMatchObject({ kept: 0 });
      expect(isDeleted(again)).toBe(false);
      again = await again.reopen();
      expect(await again.history.redo()).toMatchObject({ kept: 0, keptBecause: null });
      expect(isDeleted(again)).toBe(true);
      await again.history.undo(null);

      expect(await again.history.undo(null)).toMatchObject({ keptBecause: expect.stringContaining('has left this computer') });
      expect(again.activities.get(id)).toMatchObject({
        deletedAt: null,
        subject: 'Our offer',
        status: fared === sent ? 'sent' : 'sending',
      });
      await again.history.redo();
      expect(await again.history.redo()).toMatchObject({ kept: 0 });
      expect(isDeleted(again)).toBe(true);
    }
  });

  it('does not vanish when it is undone that it was restored before it left', async () => {
    const { laptop, outbox, write } = await office();
    const id = await write();
    later(laptop);
    await laptop.activities.remove([id]);
    later(laptop);
    await laptop.activities.restore([id]);
    await leaves(laptop, outbox, sent);
    expect(await laptop.history.undo(null)).toMatchObject({ kept: 1, keptBecause: expect.stringContaining('has left this computer') });
    expect(laptop.activities.get(id)).toMatchObject({ deletedAt: null, status: 'sent' });
  });

  it('is not sent once more by a step forth, nor half taken back by a step back', async () => {
    const { laptop, outbox, write } = await office();
    const id = await write();
    await leaves(laptop, outbox, unsure);
    await outbox.sendAgain(id);
    await leaves(laptop, outbox, unsure);
    const before = laptop.activities.get(id);
    await laptop.history.undo(null);
    expect(laptop.activities.get(id)).toEqual(before);
    await laptop.history.redo();
    expect(laptop.activities.get(id)).toEqual(before);
    expect(outbox.next(laptop.clock.now() + 1_000_000)).toBeNull();
  });

  it('that somebody said was sent can be unsaid, and said again', async () => {
    const { laptop, outbox, write, clientId } = await office();
    const id = await write();
    await leaves(laptop, outbox, unsure);
    await outbox.markSent(id);
    const said = laptop.activities.get(id);
    await laptop.history.undo(null);
    expect(laptop.activities.get(id)).toMatchObject({ status: 'sending', sentAt: null, failure: 'The connection ended.' });
    expect(laptop.clients.get(clientId).lastContactDate).toBeNull();
    await laptop.history.redo();
    expect(laptop.activities.get(id)).toMatchObject({ status: 'sent', sentAt: said.sentAt, failure: null });
  });

  it('goes with its client, comes back with it, and goes again', async () => {
    const { laptop, outbox, write, clientId } = await office();
    const id = await write();
    await leaves(laptop, outbox, sent);
    await laptop.clients.remove([clientId]);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await laptop.history.undo(null)).toMatchObject({ kept: 0 });
      expect(laptop.activities.get(id).deletedAt).toBeNull();
      expect(await laptop.history.redo()).toMatchObject({ kept: 0 });
      expect(laptop.activities.get(id).deletedAt).not.toBeNull();
    }
  });

  it('is not set back to another state from its history', async () => {
    const { laptop, outbox, write } = await office();
    const id = await write();
    await leaves(laptop, outbox, sent);
    const operationId = laptop.book.historyOf('activities', id).at(-1) ?? '';
    for (const path of ['status', 'sentAt']) {
      expect(await problemOf(laptop.history.restoreField('activities', id, operationId, path))).toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(laptop.activities.get(id).status).toBe('sent');
  });
});
