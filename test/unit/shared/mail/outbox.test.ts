import { describe, expect, it } from 'vitest';
import { afterSending, dueAt, type Email, mailStateOf, messageIdOf, nextDue, nextDueAt, placeOf } from '../../../../shared/mail/outbox.ts';

const at = (instant: string) => Date.parse(instant);
const email = (changes: Partial<Email> = {}): Email => ({
  id: 'one',
  kind: 'email',
  status: 'scheduled',
  scheduledFor: '2026-03-04T09:00:00.000Z',
  outbox: placeOf('laptop'),
  deletedAt: null,
  ...changes,
});
const why = 'The mail server is busy.';

describe('an e-mail is due', () => {
  it('from the millisecond it was scheduled for, and not before', () => {
    const now = at('2026-03-04T09:00:00.000Z');
    expect(nextDue([email()], now - 1, 'laptop')).toBeNull();
    expect(nextDue([email()], now, 'laptop')?.id).toBe('one');
  });

  it('oldest first, and of two of one moment always the same', () => {
    const list = [
      email({ id: 'late', scheduledFor: '2026-03-04T08:00:00.000Z' }),
      email({ id: 'b', scheduledFor: '2026-03-04T07:00:00.000Z' }),
      email({ id: 'a', scheduledFor: '2026-03-04T07:00:00.000Z' }),
    ];
    expect(nextDue(list, at('2026-03-04T09:00:00.000Z'), 'laptop')?.id).toBe('a');
    expect(nextDue(list.toReversed(), at('2026-03-04T09:00:00.000Z'), 'laptop')?.id).toBe('a');
    expect(nextDueAt(list, 'laptop')).toBe(at('2026-03-04T07:00:00.000Z'));
  });

  it('never as a draft, when deleted, when sent, while it may have been sent, or from another device', () => {
    expect(dueAt(email({ status: 'draft' }), 'laptop')).toBeNull();
    expect(dueAt(email({ deletedAt: '2026-03-04T08:00:00.000Z' }), 'laptop')).toBeNull();
    expect(dueAt(email({ status: 'sent' }), 'laptop')).toBeNull();
    expect(dueAt(email({ status: 'sending' }), 'laptop')).toBeNull();
    expect(dueAt(email(), 'restored laptop')).toBeNull();
    expect(dueAt(email({ outbox: null }), 'laptop')).toBeNull();
    expect(nextDueAt([email({ status: 'draft' })], 'laptop')).toBeNull();
  });
});

describe('an e-mail that could not be sent', () => {
  it('is tried again after 1, 5, 15 and 60 minutes, then every 4 hours, and fails after three days', () => {
    let place = placeOf('laptop');
    let now = at('2026-03-04T09:00:00.000Z');
    const began = now;
    const pauses: number[] = [];
    for (;;) {
      const after = afterSending(place, { kind: 'temporary', why }, now);
      if (after.status === 'failed') {
        expect(after.failure).toBe(`It was tried for three days and could not be sent. ${why}`);
        break;
      }
      expect(after).toMatchObject({ status: 'scheduled', failure: why });
      place = after.outbox ?? place;
      const next = at(place.nextTryAt ?? '');
      expect(dueAt(email({ outbox: place }), 'laptop')).toBe(next);
      pauses.push((next - now) / 60_000);
      now = next;
    }
    expect(pauses.slice(0, 7)).toEqual([1, 5, 15, 60, 240, 240, 240]);
    expect(now - began).toBe(3 * 24 * 60 * 60_000);
    expect(place.tries).toBe(pauses.length);
  });

  it('uses up no try where there was no network', () => {
    const place = { ...placeOf('laptop'), tries: 3, firstTriedAt: '2026-03-01T09:00:00.000Z' };
    const after = afterSending(place, { kind: 'noNetwork', why }, at('2026-03-09T09:00:00.000Z'));
    expect(after).toEqual({ status: 'scheduled', outbox: place, failure: why });
  });

  it('fails at once where the server refuses for good', () => {
    expect(afterSending(placeOf('laptop'), { kind: 'permanent', why, forAll: false }, 0)).toEqual({ status: 'failed', failure: why });
  });

  it('stays as being sent where nobody knows, which is told as perhaps sent', () => {
    expect(afterSending(placeOf('laptop'), { kind: 'unsure', why }, 0)).toEqual({ failure: why });
    const sending = email({ status: 'sending', outbox: null });
    expect(mailStateOf(sending, 'laptop', 'one')).toBe('sending');
    expect(mailStateOf(sending, 'laptop', 'another')).toBe('unsure');
    expect(mailStateOf(sending, 'laptop', null)).toBe('unsure');
  });

  it('is being sent where a server says so, until the server says that it cannot tell', () => {
    expect(mailStateOf(email({ status: 'sending', outbox: placeOf('server:1') }), 'laptop', null)).toBe('sending');
    expect(mailStateOf(email({ status: 'sending', outbox: placeOf('laptop') }), 'laptop', null)).toBe('unsure');
  });
});

it('an e-mail has one Message-ID for all its tries', () => {
  expect(messageIdOf('018f-7a', 'Ada@Fieldbook.Example')).toBe('<018f-7a@fieldbook.example>');
});

it('says of an e-mail queued on another device that it waits elsewhere', () => {
  expect(mailStateOf(email(), 'laptop', null)).toBe('waiting');
  expect(mailStateOf(email(), 'restored laptop', null)).toBe('elsewhere');
});
