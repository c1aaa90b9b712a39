import { expect, it } from 'vitest';
import { invoiceDocument } from '../../../../../electron/domain/invoices/invoice-document.ts';
import { printedInvoice } from '../../../../support/printed-invoice.ts';

const printed = (address: object, locale = 'de-DE') => {
  const page = invoiceDocument(printedInvoice({ lines: [{ description: 'Visit' }], client: 'Adler', address, locale }));
  return /<h2>Bill to<\/h2>.*?<div[^>]*>(.*?)<\/div>/s.exec(page)?.[1]?.split('<br>');
};

it('writes addresses of the United States in their order, and others with the postal code first', () => {
  const us = { line1: '12 Main St', city: 'Springfield', region: 'IL', postalCode: '62701' };
  expect(printed({ ...us, country: 'US' })).toEqual(['12 Main St', 'Springfield, IL 62701', 'US']);
  expect(printed({ ...us, country: 'U.S.A.' })).toEqual(['12 Main St', 'Springfield, IL 62701', 'U.S.A.']);
  expect(printed({ ...us, region: null, country: 'united states' })?.[1]).toBe('Springfield, 62701');
  expect(printed({ city: 'San Juan', postalCode: '00901', region: null, country: 'Puerto Rico' })).toEqual([
    'San Juan, 00901',
    'Puerto Rico',
  ]);
  expect(printed({ line1: 'Uferstraße 31', city: 'Köln', postalCode: '50667', country: 'DE' }, 'en-US')).toEqual([
    'Uferstraße 31',
    '50667 Köln',
    'DE',
  ]);
  // Who writes no country means their own.
  expect(printed({ ...us, country: null }, 'en-US')).toEqual(['12 Main St', 'Springfield, IL 62701']);
  expect(printed({ city: 'Köln', postalCode: '50667', country: null }, 'de-DE')).toEqual(['50667 Köln']);
});
