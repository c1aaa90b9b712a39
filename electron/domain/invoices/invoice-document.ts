import type { Company } from '../../../shared/contracts/app.contract.ts';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import type { Client } from '../../../shared/nouns/client/client.ts';
import { paymentMethods } from '../../../shared/nouns/invoice/invoice.ts';
import type { Location } from '../../../shared/nouns/location/location.ts';
import type { Address } from '../../../shared/nouns/values.ts';
import { isZero, minorUnitOf, multiplyMoney } from '../../../shared/lib/money.ts';
import { fontsOf, languageFonts, languageOf } from './document-fonts.ts';

export interface InvoiceDocument {
  invoice: InvoiceView;
  company: Company;
  client: Pick<Client, 'name' | 'address'>;
  location: Pick<Location, 'name' | 'physicalAddress'> | null;
  /** Of the person who prints: dates, amounts and the size of the paper follow it. */
  locale: string;
}

/**
 * An invoice as a page of its own: whole in itself, without scripts and without anything to fetch, so that it prints the
 * same in every adapter. Texts are English, as the screens are; each text that people typed finds its own direction.
 */
export function invoiceDocument({ invoice, company, client, location, locale }: InvoiceDocument): string {
  const say = wordsIn(locale, invoice.currency);
  const title = invoice.number === null ? 'Draft invoice' : `Invoice ${invoice.number}`;
  const region = new Intl.Locale(locale).maximize().region ?? '';
  const facts: [string, string | null][] = [
    ['Invoice number', invoice.number],
    ['Issued', invoice.issueDate === null ? null : say.day(invoice.issueDate)],
    ['Due', invoice.dueDate === null ? null : say.day(invoice.dueDate)],
    ['Location', location?.name ?? null],
  ];
  const place = location === null ? client.address : location.physicalAddress;
  const hasTax = invoice.lines.some(({ taxRate }) => !isZero(taxRate));
  // What stands around a text says which language its Chinese signs are of.
  const ours = { texts: [company.name, company.address, ...invoice.lines.map(({ description }) => description)], locale };
  const theirs = { texts: [client.name, location?.name ?? '', addressText(place, region)], country: place.country, locale };
  const lines = invoice.lines.map((line, at) => {
    const totals = invoice.lineTotals[at] ?? { amount: '0', tax: '0' };
    return `<tr><td${written(line.description, ours)}>${lined(line.description)}</td><td>${say.number(line.quantity)}</td><td>${say.amount(line.unitPrice)}</td>${hasTax ? `<td>${say.rate(line.taxRate)}</td>` : ''}<td>${say.amount(totals.amount)}</td></tr>`;
  });
  const taxes = hasTax
    ? invoice.taxes.map(({ rate, base, tax }) => total(`Tax ${say.rate(rate)} of ${say.amount(base)}`, say.amount(tax), ours))
    : [];
  const payments = invoice.payments.map(({ date, amount, method, reference }) =>
    total(
      `Paid ${say.day(date)}, ${paymentMethods[method].toLowerCase()}${reference === null ? '' : `, ${reference}`}`,
      say.amount(`-${amount}`.replace('--', '')),
      ours,
    ),
  );
  const stamp =
    invoice.status === 'draft' ? 'Draft' : invoice.status === 'cancelled' ? 'Cancelled' : invoice.status === 'paid' ? 'Paid' : null;

  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escaped(title)}</title><style>${sheet(region, `${company.name === '' ? '' : `${company.name} · `}${title}`, languageOf(company.name, ours))}</style></head>
<body>
<header>
<div class="sender">${company.logoText === '' ? '' : `<div class="logo"${written(company.logoText, ours)}>${escaped(company.logoText)}</div>`}<div><strong${written(company.name, ours)}>${escaped(company.name)}</strong><div${written(company.address, ours)}>${lined(company.address)}</div>${company.taxId === '' ? '' : `<div>Tax ID ${escaped(company.taxId)}</div>`}</div></div>
<div class="heading"><h1>${escaped(title)}</h1>${stamp === null ? '' : `<div class="stamp">${stamp}</div>`}</div>
</header>
<section class="parties">
<div><h2>Bill to</h2><strong${written(client.name, theirs)}>${escaped(client.name)}</strong><div${written(addressText(place, region), theirs)}>${lined(addressText(place, region))}</div></div>
<dl>${facts.map(([label, value]) => (value === null ? '' : `<dt>${label}</dt><dd${written(value, label === 'Location' ? theirs : { locale })}>${escaped(value)}</dd>`)).join('')}</dl>
</section>
<table><thead><tr><th>Description</th><th>Quantity</th><th>Unit price</th>${hasTax ? '<th>Tax</th>' : ''}<th>Amount</th></tr></thead>
<tbody>${lines.join('\n')}</tbody></table>
<section class="end"><dl class="totals">
${hasTax ? total('Subtotal', say.amount(invoice.subtotal), ours) : ''}${taxes.join('')}
${total('Total', say.money(invoice.total), ours, 'sum')}
${payments.join('')}
${payments.length === 0 ? '' : total('Amount due', say.money(invoice.amountDue), ours, 'sum')}
</dl>
${invoice.notes === null ? '' : `<div class="notes"${written(invoice.notes, ours)}>${lined(invoice.notes)}</div>`}
${company.bankLine === '' || stamp !== null ? '' : `<div class="pay"><h2>How to pay</h2><div${written(company.bankLine, ours)}>${lined(company.bankLine)}</div>${invoice.number === null ? '' : `<div>Reference: ${escaped(invoice.number)}</div>`}</div>`}
</section>
</body></html>`;
}

type Among = Parameters<typeof languageOf>[1];

/** Every text that people typed runs in its own direction, and says its language where its fonts depend on it. */
function written(text: string, among: Among): string {
  const language = languageOf(text, among);
  return ` dir="auto"${language === null ? '' : ` lang="${language}"`}`;
}

function total(label: string, text: string, among: Among, kind = ''): string {
  return `<dt class="${kind}"${written(label, among)}>${escaped(label)}</dt><dd class="${kind}"${written(text, among)}>${escaped(text)}</dd>`;
}

/**
 * Numbers as the person's region writes money. All of them: some regions write other numbers with another point, and a
 * quantity of "1,5" beside a price of "1.50" would be read wrong.
 */
function wordsIn(locale: string, currency: string) {
  const digits = minorUnitOf(currency);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const inMoney = (least: number, most: number) =>
    new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: least, maximumFractionDigits: most });
  const [plain, amounts, money] = [inMoney(0, 20), inMoney(digits, Math.max(digits, 4)), inMoney(digits, digits)];
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 4 });
  const isOfNumber = ({ type }: Intl.NumberFormatPart) => ['minusSign', 'integer', 'group', 'decimal', 'fraction'].includes(type);
  // ES2023 formats decimal texts exactly, however long; the types know numbers only.
  const partsOf = (format: Intl.NumberFormat, text: string) => format.formatToParts(text as unknown as number);
  const number = (format: Intl.NumberFormat) => (text: string) =>
    partsOf(format, text)
      .filter(isOfNumber)
      .map(({ value }) => value)
      .join('');
  return {
    day: (day: string) => days.format(Date.parse(`${day}T00:00:00Z`)),
    number: number(plain),
    amount: number(amounts),
    money: (text: string) =>
      partsOf(money, text)
        .map(({ value }) => value)
        .join(''),
    rate: (text: string) => {
      const parts = partsOf(percent, text);
      const first = parts.findIndex(isOfNumber);
      const whole = number(plain)(multiplyMoney(text, '100'));
      return parts.map((part, at) => (isOfNumber(part) ? (at === first ? whole : '') : part.value)).join('');
    },
  };
}

/** `home` is the country of the person who prints: an address without a country is of there. */
function addressText(address: Address, home: string): string {
  const { line1, line2, line3, city, region, postalCode, country, freeform } = address;
  const given = (parts: readonly (string | null)[], between: string) => parts.filter((part) => part !== null && part !== '').join(between);
  const town = townFirst.has(countryKey(country) || home.toLowerCase())
    ? given([city, given([region, postalCode], ' ')], ', ')
    : given([postalCode, city, region], ' ');
  const written = [line1, line2, line3, town, country].filter((part) => part !== null && part !== '');
  return written.length > 0 ? written.join('\n') : (freeform ?? '');
}

/** Countries that write the postal code behind the town: "Springfield, IL 62701". */
const townFirst = new Set(['us', 'usa', 'united states', 'united states of america', 'pr', 'puerto rico']);

function countryKey(country: string | null): string {
  return (country ?? '').toLowerCase().replaceAll('.', '').trim();
}

function lined(text: string): string {
  return escaped(text).replaceAll('\n', '<br>');
}

function escaped(text: string): string {
  const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (sign) => signs[sign] as string);
}

/** A text inside a string of the style sheet: nothing in it may end the string or the sheet. */
function cssText(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,·-]/gu, (sign) => `\\${(sign.codePointAt(0) as number).toString(16)} `);
}

const letterRegions = new Set(['US', 'CA', 'MX', 'PH', 'CO', 'CL', 'VE', 'GT', 'CR', 'PR']);

function sheet(region: string, foot: string, footLanguage: string | null): string {
  const footFont = `8.5pt ${fontsOf(footLanguage)}`;
  return `
@page { size: ${letterRegions.has(region) ? 'letter' : 'A4'}; margin: 18mm 17mm 20mm;
  @bottom-left { content: "${cssText(foot)}"; font: ${footFont}; color: #5b6270; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: ${footFont}; color: #5b6270; } }
* { box-sizing: border-box; }
body { margin: 0; font: 10pt/1.45 ${fontsOf(null)}; color: #14181f; overflow-wrap: anywhere; }
${languageFonts()}
/* A text of several lines in several writings: each line runs in its own direction. */
[dir="auto"] { unicode-bidi: plaintext; }
h1 { margin: 0; font-size: 17pt; line-height: 1.2; font-weight: 650; }
h2 { margin: 0 0 1mm; font-size: 8.5pt; font-weight: 600; color: #5b6270; }
header, .parties { display: flex; justify-content: space-between; gap: 12mm; }
.sender { display: flex; gap: 5mm; max-width: 95mm; }
.logo { flex: none; max-width: 40mm; padding: 2mm 3mm; background: #14181f; color: #fff; font-weight: 700; font-size: 13pt; align-self: flex-start; border-radius: 1mm; }
.heading { text-align: end; }
.stamp { display: inline-block; margin-top: 2mm; padding: 0.5mm 3mm; border: 0.4mm solid #14181f; border-radius: 1mm; font-weight: 600; }
.parties { margin: 12mm 0 8mm; }
.parties > div { max-width: 95mm; }
.parties dl { display: grid; grid-template-columns: auto auto; gap: 0.6mm 6mm; align-content: start; margin: 0; }
dt { color: #5b6270; }
/* Amounts stand on the right, whichever way their own signs run. */
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
th { padding: 1.5mm 2mm; border-bottom: 0.4mm solid #14181f; font-size: 8.5pt; font-weight: 600; text-align: right; white-space: nowrap; }
td { padding: 1.6mm 2mm; border-bottom: 0.2mm solid #d5d9e0; text-align: right; vertical-align: top; white-space: nowrap; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { padding-left: 0; text-align: start; white-space: normal; }
th:last-child, td:last-child { padding-right: 0; }
tr { break-inside: avoid; }
/* What is to be paid and how stand on one page, wherever the lines end. */
.end { margin-top: 5mm; break-inside: avoid; }
.totals { display: grid; grid-template-columns: auto auto; gap: 1mm 0; width: fit-content; max-width: 100%; margin: 0 0 0 auto; break-inside: avoid; }
.totals dt { text-align: right; }
.totals dd { padding-left: 8mm; }
.sum { padding-top: 1mm; border-top: 0.4mm solid #14181f; font-size: 12pt; font-weight: 650; color: #14181f; }
.notes, .pay { margin-top: 8mm; break-inside: avoid; }
.pay { padding-top: 3mm; border-top: 0.2mm solid #d5d9e0; }
`;
}
