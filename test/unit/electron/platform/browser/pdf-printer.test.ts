import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { invoiceDocument } from '../../../../../electron/domain/invoice-document.ts';
import { printInBrowser } from '../../../../../electron/platform/browser/pdf-printer.ts';
import { findBrowser } from '../../../../../electron/platform/browser/find-browser.ts';
import { computeInvoice, invoiceFieldsSchema } from '../../../../../shared/entities/invoice.ts';
import { emptyAddress } from '../../../../../shared/entities/values.ts';

const program =
  process.env['FIELDBOOK_TEST_CHROMIUM'] ?? findBrowser({ platform: process.platform, home: '/', env: process.env }) ?? 'chromium';

function page(lines: number, description: string): string {
  const fields = invoiceFieldsSchema.parse({
    clientId: 'adler',
    number: 'K7M4X-000012',
    status: 'sent',
    issueDate: '2026-03-04',
    currency: 'EUR',
    notes: '<script>document.title = "ran"</script>',
    lines: Array.from({ length: lines }, () => ({ description, unitPrice: '40.50', taxRate: '0.19' })),
  });
  const { lines: lineTotals, ...computed } = computeInvoice(fields, '2026-03-04');
  const common = {
    id: 'i',
    createdAt: '',
    createdBy: '',
    updatedAt: '',
    updatedBy: '',
    deletedAt: null,
    mergedInto: null,
    notDuplicateOf: [],
  };
  return invoiceDocument({
    invoice: { ...fields, ...common, ...computed, lineTotals, clientName: null, locationName: null, names: {} },
    company: { name: 'Nordlicht "Technik" \\ </style>', address: 'Hafenstraße 12', taxId: '', bankLine: 'IBAN DE02', logoText: '' },
    client: { name: 'Bäckerei Łódź', address: { ...emptyAddress, city: 'Köln' } },
    location: null,
    locale: 'de-DE',
  });
}

/** Every sign that the fonts of the PDF can be read back as. */
function signsOf(pdf: Uint8Array): Set<string> {
  const signs = new Set<string>();
  const text = Buffer.from(pdf).toString('latin1');
  for (const match of text.matchAll(/stream\r?\n/g)) {
    const start = match.index + match[0].length;
    const bytes = Buffer.from(text.slice(start, text.indexOf('endstream', start)), 'latin1');
    const map = inflated(bytes);
    if (!map.includes('beginbfchar') && !map.includes('beginbfrange')) continue;
    for (const [, code = ''] of map.matchAll(/^<[0-9A-F]+> <([0-9A-F]+)>$/gm))
      signs.add(Buffer.from(code, 'hex').swap16().toString('utf16le'));
    for (const [, first = '', last = '', code = ''] of map.matchAll(/^<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]{4})>$/gm)) {
      const count = Number.parseInt(last, 16) - Number.parseInt(first, 16);
      for (let at = 0; at <= count; at += 1) signs.add(String.fromCharCode(Number.parseInt(code, 16) + at));
    }
  }
  return signs;
}

function inflated(bytes: Buffer): string {
  try {
    return inflateSync(bytes).toString('latin1');
  } catch {
    return '';
  }
}

const pagesOf = (pdf: Uint8Array) =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type \/Page\b/g)?.length;

it('prints a long invoice on several pages, with every letter of it', async () => {
  const pdf = await printInBrowser(program, page(120, 'Wärmepumpe für Łódź فحص'));
  expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  expect(pagesOf(pdf)).toBeGreaterThan(3);
  const signs = signsOf(pdf);
  for (const sign of 'WärmepumpefürŁódźBäckereiK7M4X000012€') expect([...signs], `the sign ${sign}`).toContain(sign);
  // Arabic letters are joined in print, and read back as letters or as their joined forms.
  expect([...signs].join('').normalize('NFKC')).toMatch(/ف/);
}, 60_000);

it('prints a short one on one page, and what people typed stays text', async () => {
  const html = page(3, '<img src=x onerror=alert(1)> & "quoted"');
  expect(html).not.toMatch(/<img|<script|Technik" \\ <\/style>/);
  expect(pagesOf(await printInBrowser(program, html))).toBe(1);
}, 60_000);
