import { expect, it } from 'vitest';
import { type Cause, causeOf, faredOf, sentenceOf, serverWords } from '../../../../shared/mail/smtp-problem.ts';
import type { MailAccount } from '../../../../shared/contracts/outbox.contract.ts';

const account: MailAccount = {
  host: 'smtp.example.com',
  port: 587,
  security: 'starttls',
  user: 'ada',
  fromName: 'Ada',
  fromAddress: 'ada@example.com',
};

it('tells the causes apart that tests with a server on this computer cannot bring about', () => {
  const causes: [object, Cause][] = [
    [{ code: 'EDNS', originalCode: 'ENOTFOUND' }, 'HOST_UNKNOWN'],
    [{ code: 'EDNS', originalCode: 'EAI_AGAIN' }, 'NO_NETWORK'],
    [{ code: 'ESOCKET', originalCode: 'ENETUNREACH' }, 'NO_NETWORK'],
    [{ code: 'ETIMEDOUT' }, 'NO_ANSWER'],
    [{ code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }, 'CERTIFICATE'],
    [{ code: 'ESOCKET', originalCode: 'ECONNRESET' }, 'CONNECTION_LOST'],
  ];
  for (const [error, cause] of causes) expect(causeOf(error), JSON.stringify(error)).toBe(cause);
  expect(causeOf(null)).toBe('CONNECTION_LOST');
});

it('takes a no for now and a lost way as temporary, a no for good as permanent, and no network as nobody’s fault', () => {
  const fared = (error: object) => faredOf(error, account, false).kind;
  expect(fared({ code: 'EAUTH', responseCode: 454, response: '454 Temporary authentication failure' })).toBe('temporary');
  expect(fared({ code: 'EAUTH', responseCode: 535 })).toBe('permanent');
  expect(fared({ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 452 })).toBe('temporary');
  expect(fared({ code: 'ECONNECTION' })).toBe('temporary');
  expect(fared({ code: 'EDNS', originalCode: 'EAI_AGAIN' })).toBe('noNetwork');
});

it('says what the server said as one short line, and always a whole sentence', () => {
  expect(serverWords('550-No\r\n550 such\u0000 user')).toBe(' It answered: "550-No 550 such user".');
  expect(serverWords(undefined)).toBe('');
  expect(serverWords(`550 ${'x'.repeat(2000)}`).length).toBeLessThan(340);
  const causes: Cause[] = [
    'NO_NETWORK',
    'HOST_UNKNOWN',
    'CONNECTION_REFUSED',
    'CERTIFICATE',
    'NOT_ENCRYPTED',
    'LOGIN_REFUSED',
    'NO_ANSWER',
  ];
  for (const cause of causes) expect(sentenceOf(cause, account)).toMatch(/^[A-Z].*\.$/);
});
