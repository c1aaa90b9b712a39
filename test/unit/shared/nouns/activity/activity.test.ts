import { describe, expect, it } from 'vitest';
import {
  activityFieldsSchema,
  activityTime,
  canEmailBecome,
  countsAsContact,
  emailProblem,
  lastContactAfter,
} from '../../../../../shared/nouns/activity/activity.ts';

const on = { about: 'clients', aboutId: 'acme' } as const;

describe('An activity', () => {
  it('has the fields of its kind and no others', () => {
    expect(Object.keys(activityFieldsSchema.parse({ kind: 'comment', ...on, body: 'Called back' }))).not.toContain('recipients');
    expect(activityFieldsSchema.parse({ kind: 'email', ...on })).toMatchObject({ status: 'draft', recipients: [], scheduledFor: null });
    expect(activityFieldsSchema.parse({ kind: 'attachment', ...on, fileName: 'offer.pdf' })).toMatchObject({ size: null, sha256: null });
    expect(activityFieldsSchema.safeParse({ kind: 'comment', ...on }).success).toBe(false);
    expect(activityFieldsSchema.safeParse({ kind: 'fax', ...on }).success).toBe(false);
  });

  it('refuses a hash that is not one', () => {
    expect(activityFieldsSchema.safeParse({ kind: 'attachment', ...on, fileName: 'a', sha256: 'abc' }).success).toBe(false);
  });

  it('happened when it says so, else when it was written down', () => {
    expect(activityTime({ occurredAt: '2024-01-01T08:00:00.000Z', createdAt: '2024-01-02T08:00:00.000Z' })).toBe(
      '2024-01-01T08:00:00.000Z',
    );
    expect(activityTime({ occurredAt: null, createdAt: '2024-01-02T08:00:00.000Z' })).toBe('2024-01-02T08:00:00.000Z');
  });

  it('counts as contact when it was a call, a visit or an e-mail that left', () => {
    expect(countsAsContact({ kind: 'call' })).toBe(true);
    expect(countsAsContact({ kind: 'visit' })).toBe(true);
    expect(countsAsContact({ kind: 'email', status: 'sent' })).toBe(true);
    expect(countsAsContact({ kind: 'email', status: 'scheduled' })).toBe(false);
    expect(countsAsContact({ kind: 'comment' })).toBe(false);
    expect(countsAsContact({ kind: 'attachment' })).toBe(false);
  });

  it('moves the last contact forward, never back', () => {
    expect(lastContactAfter(null, '2024-05-03')).toBe('2024-05-03');
    expect(lastContactAfter('2024-05-01', '2024-05-03')).toBe('2024-05-03');
    expect(lastContactAfter('2024-05-04', '2024-05-03')).toBe('2024-05-04');
  });
});

describe('An e-mail', () => {
  it('may be unfinished as a draft only', () => {
    expect(emailProblem({ status: 'draft', recipients: [], scheduledFor: null })).toBeNull();
    expect(emailProblem({ status: 'sending', recipients: [], scheduledFor: null })?.code).toBe('EMAIL_WITHOUT_RECIPIENT');
    expect(emailProblem({ status: 'scheduled', recipients: ['a@b.com'], scheduledFor: null })?.code).toBe('EMAIL_WITHOUT_TIME');
    expect(emailProblem({ status: 'scheduled', recipients: ['a@b.com'], scheduledFor: '2024-05-03T10:00:00.000Z' })).toBeNull();
  });

  it('cannot be called back once it is being sent, and can be tried again when it failed', () => {
    expect(canEmailBecome('scheduled', 'draft')).toBe(true);
    expect(canEmailBecome('sending', 'draft')).toBe(false);
    expect(canEmailBecome('sent', 'sending')).toBe(false);
    expect(canEmailBecome('failed', 'sending')).toBe(true);
  });
});
