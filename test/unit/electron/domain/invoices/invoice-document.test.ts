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

it('says what the lines of each tax rate come to, as the invoice rounds it, and nothing of tax where there is none', () => {
  const lines = [
    { description: 'Book', unitPrice: '10.05', taxRate: '0.07' },
    { description: 'Map', unitPrice: '10.05', taxRate: '0.07' },
    { description: 'Visit', unitPrice: '5.00', taxRate: '0.19' },
    { description: 'Stamp', unitPrice: '3.00' },
  ];
  const taxes = (given: Partial<Parameters<typeof printedInvoice>[0]>) =>
    [...invoiceDocument(printedInvoice({ lines, ...given })).matchAll(/<dt[^>]*>(Tax[^<]*)<\/dt><dd[^>]*>([^<]*)<\/dd>/g)].map(
      ([, label = '', amount = '']) => `${label} = ${amount}`.replaceAll('\u00a0', ' '),
    );
  expect(taxes({})).toEqual(['Tax 7 % of 20,10 = 1,40', 'Tax 19 % of 5,00 = 0,95', 'Tax 0 % of 3,00 = 0,00']);
  expect(taxes({ taxRounding: 'rate' })[0]).toBe('Tax 7 % of 20,10 = 1,41');
  expect(taxes({ taxRounding: 'rate', locale: 'en-US', currency: 'JPY' })[0]).toBe('Tax 7% of 20 = 1');
  expect(taxes({ lines: [{ description: 'Stamp', unitPrice: '3.00' }] })).toEqual([]);
});
