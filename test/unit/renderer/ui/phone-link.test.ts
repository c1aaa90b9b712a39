import { describe, expect, it } from 'vitest';
import { smsLink, telLink } from '../../../../renderer/ui/phone-link.ts';
import { outsideProtocols } from '../../../../shared/lib/outside-link.ts';

describe('A number as people write it', () => {
  it.each([
    ['(619) 555-0100', 'tel:6195550100'],
    ['+49 (0)30 1234-56', 'tel:+49301234 56'.replace(' ', '')],
    ['030 / 12 34 56', 'tel:030123456'],
    ['Tel.: +1 619 555 0100', 'tel:+16195550100'],
    ['619-555-0100 ext. 12', 'tel:6195550100;ext=12'],
    ['619.555.0100 x7', 'tel:6195550100;ext=7'],
    ['+48 22 123 45 67', 'tel:+48221234567'],
    ['112', 'tel:112'],
    ['*100#', 'tel:*100%23'],
    ['  Phone :  +1  619  555 0100 ,  Ext. :  9 ', 'tel:+16195550100;ext=9'],
  ])('%s is dialled as %s', (phone, link) => expect(telLink(phone)).toBe(link));

  it.each([
    '',
    '-',
    'ask Rosa',
    '1-800-FLOWERS',
    '12',
    '619 555 0100 or 619 555 0101',
    '030 1234, 030 5678',
    '1'.repeat(21),
    '+',
    'javascript:1',
  ])('“%s” is not dialled at all', (phone) => expect([telLink(phone), smsLink(phone)]).toEqual([null, null]));

  it('gets a message only where it is a number of its own', () => {
    expect(smsLink('+1 619 555 0100')).toBe('sms:+16195550100');
    expect(smsLink('619-555-0100 ext. 12')).toBeNull();
    expect(smsLink('*100#')).toBeNull();
  });

  it('goes out through the one door that lets it', () => {
    for (const link of [telLink('112'), smsLink('0301234')]) expect(outsideProtocols.has(new URL(link ?? '').protocol)).toBe(true);
  });
});
