import { readFile } from 'node:fs/promises';
import { expectNoViolations } from '../support/axe.ts';
import { expectFocus } from '../support/focus.ts';
import { announced, expect, test } from '../support/screens.ts';

// Invoices from the first line to the payment, with a PDF and a restart, take their time on a busy machine.
test.describe.configure({ timeout: 150_000 });

test('an invoice is written by keyboard, issued, saved as a PDF, paid and cannot be undone', async ({ book }) => {
  const { page } = book;
  const [clientId = ''] = await book.addClients([{ name: 'Bäckerei Łódź', defaultCurrency: 'EUR', paymentTermsDays: 30 }]);
  await page.evaluate(async (id) => {
    const item = await window.crm.itemPrices.create({
      invoiceItem: 'Inspection',
      itemCode: 'INS',
      defaultPrice: '45.00',
      defaultTaxRate: '0.19',
    });
    if (!item.ok) throw new Error(JSON.stringify(item.error));
    await window.crm.app.changeSettings({
      company: { name: 'Nordlicht Technik', address: 'Hafenstraße 12', taxId: 'DE1', bankLine: 'IBAN DE02', logoText: 'N' },
    });
    const made = await window.crm.invoices.create({ clientId: id });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    window.location.hash = `#/invoices/${made.value.record.id}`;
  }, clientId);
  await expect(page.getByRole('heading', { name: 'Draft invoice', level: 2 })).toBeVisible();

  await page.getByRole('textbox', { name: 'Description of a new line' }).focus();
  await page.keyboard.type('Heat pump service');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await page.keyboard.press('Tab');
  await page.keyboard.type('100.50');
  await page.keyboard.press('Tab');
  await page.keyboard.type('7');
  await expect(page.getByLabel('Totals')).toContainText('€215.07');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Description of a new line' })).toBeFocused();
  await page.keyboard.type('فحص المعدات');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Description of a new line' })).toBeFocused();

  await page.getByRole('combobox', { name: 'Add an item from the price list' }).click();
  await page.keyboard.type('Insp');
  await page.getByRole('option', { name: 'Inspection' }).click();
  await expect(page.getByRole('textbox', { name: 'Quantity of line 3' })).toBeFocused();
  await expect(page.getByLabel('Totals')).toContainText('€268.62');
  await expectNoViolations(page, 'a draft');

  await page.getByRole('button', { name: 'Issue', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Issue this invoice?' });
  await expect(dialog).toContainText('-000001');
  await page.keyboard.press('Enter');
  const heading = page.getByRole('heading', { name: /^[A-Z0-9]{5}-000001$/, level: 2 });
  await expect(heading).toBeVisible();
  const number = (await heading.textContent()) ?? '';
  await expect(page.getByRole('textbox', { name: /Description of/ })).toHaveCount(0);
  const totals = page.getByLabel('Totals');
  for (const text of ['Tax 7% of €201.00', '€14.07', 'Tax 19% of €45.00', '€8.55']) await expect(totals).toContainText(text);
  const facts = page.getByRole('region', { name: /^Invoice: / });
  await expect(facts.getByText('Issued', { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Mark as sent' }).press('Enter');
  await expect(announced(page)).toContainText('marked as sent today');
  await expect(facts.getByText('Sent', { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Mark as sent' })).toHaveCount(0);
  await expectFocus(page, 'an invoice marked as sent');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(page.getByRole('button', { name: 'Mark as sent' })).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as PDF' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`${number}.pdf`);
  const pdf = await readFile(await file.path(), 'latin1');
  expect(pdf.slice(0, 5)).toBe('%PDF-');
  expect(pdf).toMatch(/\/Type \/Pages[^]*?\/Count 1\b/);

  await page.getByRole('textbox', { name: 'Amount in EUR' }).fill('300');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('form', { name: 'New payment' }).getByRole('alert')).toContainText('more than the invoice asks for');
  await page.getByRole('textbox', { name: 'Amount in EUR' }).fill('68.62');
  await page.keyboard.press('Enter');
  await expect(announced(page)).toContainText('Payment of €68.62 added');
  await expect(page.getByLabel('Totals')).toContainText('€200.00');
  await expectNoViolations(page, 'an issued invoice');

  await page.keyboard.press('ControlOrMeta+z');
  await expect(announced(page)).toContainText('Undone');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(announced(page)).toContainText(`Invoice ${number} is issued`);
  await expect(heading).toBeVisible();

  const again = await book.restart();
  await again.evaluate((id) => (window.location.hash = `#/clients/${id}?tab=invoices`), clientId);
  await expect(again.getByRole('link', { name: number })).toBeVisible();
  await expect(again.getByText('€268.62 invoiced, €268.62 due')).toBeVisible();
});

test('the list shows money in the currency of each invoice and filters by status; the company is kept in the settings', async ({
  book,
}) => {
  const { page } = book;
  const [clientId = ''] = await book.addClients([{ name: 'Adler Bakery' }]);
  await page.evaluate(async (id) => {
    await window.crm.app.changeSettings({ company: { name: 'Adler Labs', address: '', taxId: '', bankLine: '', logoText: '' } });
    for (const currency of ['JPY', 'KWD']) {
      const made = await window.crm.invoices.create({ clientId: id, currency, lines: [{ description: 'Visit', unitPrice: '1000' }] });
      if (!made.ok) throw new Error(JSON.stringify(made.error));
      if (currency === 'JPY') await window.crm.invoices.issue({ id: made.value.record.id });
    }
    window.location.hash = '#/invoices';
  }, clientId);
  await expect(page.getByRole('grid')).toContainText('¥1,000');
  await expect(page.getByRole('grid')).toContainText('KWD 1,000.000');
  await expectNoViolations(page, 'invoices in several currencies');

  await page.evaluate(() => (window.location.hash = '#/settings'));
  await page.getByRole('textbox', { name: 'Company name' }).fill('Nordlicht Technik');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Invoice numbers begin with' })).toBeDisabled();
  await page.getByRole('combobox', { name: 'Tax is rounded' }).selectOption('Once for each tax rate');
  await expectNoViolations(page, 'our company');
  const again = await book.restart();
  await again.evaluate(() => (window.location.hash = '#/settings'));
  await expect(again.getByRole('textbox', { name: 'Company name' })).toHaveValue('Nordlicht Technik');
  await expect(again.getByRole('combobox', { name: 'Tax is rounded' })).toHaveValue('rate');
});
