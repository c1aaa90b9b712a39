import { describe, expect, it } from 'vitest';
import { invoiceDocument } from '../../../../../electron/domain/invoices/invoice-document.ts';
import { printInBrowser } from '../../../../../electron/platform/browser/pdf-printer.ts';
import { findBrowser } from '../../../../../electron/platform/browser/find-browser.ts';
import { backwards, hasText, textOf } from '../../../../support/pdf-text.ts';
import { printedInvoice } from '../../../../support/printed-invoice.ts';

const program =
  process.env['FIELDBOOK_TEST_CHROMIUM'] ?? findBrowser({ platform: process.platform, home: '/', env: process.env }) ?? 'chromium';

const printed = async (given: Parameters<typeof printedInvoice>[0]) => {
  const pdf = await printInBrowser(program, invoiceDocument(printedInvoice(given)));
  expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  return textOf(pdf);
};

describe('an invoice as a PDF', { timeout: 60_000 }, () => {
  it('stands on as many pages as it needs, each with the table head and its number, and no line is lost', async () => {
    const long = 'Inspection of the heat pump with a written report and photographs for the insurance company. '.repeat(9).trim();
    const lines = Array.from({ length: 90 }, (_, at) => ({
      description: at % 9 === 0 ? `${at + 1}: ${long}` : `${at + 1}: Visit`,
      unitPrice: '40.50',
      taxRate: '0.19',
    }));
    const pages = await printed({ lines, locale: 'en-US' });
    expect(pages.length).toBeGreaterThan(3);
    pages.forEach((page, at) => {
      expect(page).toContain(`Page ${at + 1} of ${pages.length}`);
      expect(page).toContain('Nordlicht Technik · Invoice K7M4X-000012');
      if (/^\d+: /m.test(page)) expect(page).toContain('DescriptionQuantityUnit priceTaxAmount');
    });
    const numbers = [...pages.join('\n').matchAll(/^(\d+): /gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(lines.map((_, at) => at + 1));
    expect(pages.at(-1), 'what is to be paid and how stand together').toMatch(/Total€4,338\.00\n[^]*How to pay/);
  });

  it('reads back what people wrote in any writing', async () => {
    const left = [
      '水质检测（每月一次）',
      '定期点検、部品交換',
      '정기 점검 서비스',
      'Příliš žluťoučký kůň, Łódź, İstanbul',
      'Проверка, έλεγχος',
    ];
    const right = ['فحص المعدات شهري 12 مرة', 'בדיקת ציוד 3 יחידות'];
    const [page = ''] = await printed({
      lines: [...left, ...right].map((description) => ({ description, unitPrice: '40.50' })),
      client: '東京電力ホールディングス株式会社',
      company: 'Bäckerei & Café "Grün"',
      notes: 'Vielen Dank.\nشكرا لتعاملكم معنا.\nתודה רבה.',
    });
    for (const text of [...left, '東京電力ホールディングス株式会社', 'Bäckerei & Café "Grün"', 'Vielen Dank.'])
      expect(hasText(page, text), `${text} in ${page}`).toBe(true);
    // The full stop of a line that runs to the left stands at its left.
    for (const text of [...right, 'شكرا لتعاملكم معنا.', 'תודה רבה.'])
      expect(hasText(page, backwards(text)), `${text} in ${page}`).toBe(true);
  });

  it.each([
    ['JPY', 'ja-JP', ['1,000.5', '3,002', 'Total￥3,302']],
    ['KWD', 'en-US', ['1,000.5', '3,001.500', 'TotalKWD 3,301.650']],
    ['KWD', 'ar-KW', ['٣٬٠٠١٫٥٠٠', '٣٬٣٠١٫٦٥٠']],
    ['EUR', 'de-AT', ['1.000,50', '3.001,50', 'Total€ 3.301,65']],
    ['EUR', 'en-DE', ['1,000.50', '3,001.50', 'Total€3,301.65']],
  ])('writes amounts in %s for a person of %s with the decimals of the currency, all in one style', async (currency, locale, texts) => {
    const [page = ''] = await printed({
      lines: [{ description: 'Visit', quantity: '3', unitPrice: '1000.5', taxRate: '0.1' }],
      currency,
      locale,
    });
    for (const text of texts) expect(hasText(page.replaceAll('\u00a0', ' '), text), `${text} in ${page}`).toBe(true);
  });

  it('fits a short one on one page, and what people typed stays text', async () => {
    const document = printedInvoice({
      lines: [{ description: '<img src=x onerror=alert(1)> & "quoted"' }],
      notes: '<script>document.title = "ran"</script>',
      company: 'Nordlicht "Technik" \\ </style>',
    });
    const html = invoiceDocument(document);
    expect(html).not.toMatch(/<img|<script|Technik" \\ <\/style>/);
    const pages = textOf(await printInBrowser(program, html));
    expect(pages).toHaveLength(1);
    expect(pages[0]).toContain('<img src=x onerror=alert(1)> & "quoted"');
    expect(pages[0]).toContain('Nordlicht "Technik" \\ </style> · Invoice');
  });
});
