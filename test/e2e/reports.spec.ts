import { readFileSync } from 'node:fs';
import { expectNoViolations } from '../support/axe.ts';
import { fillWholeBook } from '../support/full-book.ts';
import { expect, test } from '../support/screens.ts';

test('a report is a picture and a table whose numbers open the list behind them, and it is saved as CSV', async ({ book }) => {
  const { page } = book;
  await fillWholeBook(page);
  await page.evaluate(async () => {
    const client = await window.crm.clients.create({ name: 'Report Bakery' });
    if (!client.ok) throw new Error(JSON.stringify(client.error));
    const clientId = client.value.record.id;
    for (const [name, stage, amount, currency] of [
      ['Ovens', 'proposal', '1200', 'CHF'],
      ['Mixers', 'proposal', '300', 'CHF'],
      ['Shelves', 'negotiation', '1000', 'CHF'],
      ['Lamps', 'closed_won', '80', 'CHF'],
    ] as const) {
      const made = await window.crm.opportunities.create({ clientId, name, stage, amount, currency });
      if (!made.ok) throw new Error(JSON.stringify(made.error));
    }
  });
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await expect(page.getByRole('heading', { name: 'Pipeline by stage' })).toBeVisible();
  const report = page.getByRole('region', { name: 'Pipeline by stage' });
  const currency = report.getByRole('combobox', { name: 'Currency' });
  if (await currency.isVisible()) {
    await currency.click();
    await page.getByRole('option', { name: 'CHF' }).click();
  }
  const proposal = report.getByRole('row', { name: /^Proposal/ });
  await expect(proposal.getByRole('link', { name: '2', exact: true })).toBeVisible();
  await expect(proposal).toContainText('1,500');
  await expect(proposal).toContainText('900');
  await expect(page.getByTestId('chart pipeline').locator('.recharts-bar-rectangle path').filter({ visible: true }).first()).toBeVisible();
  await expectNoViolations(page, 'pipeline by stage');

  // The number opens the list of exactly these, and Back comes back to the report.
  await proposal.getByRole('link', { name: '2', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Ovens/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /Mixers/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /Shelves/ })).toBeHidden();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Pipeline by stage' })).toBeVisible();

  // A bar does the same for the mouse.
  const bars = page.getByTestId('chart pipeline').locator('.recharts-bar-rectangle path').filter({ visible: true });
  await bars.first().click();
  await expect(page.getByRole('grid')).toBeVisible();
  await page.goBack();

  const saved = page.waitForEvent('download');
  await report.getByRole('button', { name: 'Save as CSV' }).click();
  const text = readFileSync(await (await saved).path(), 'utf8');
  expect(text).toContain('Pipeline by stage,Number,Amount (CHF),Weighted (CHF)\r\n');
  expect(text).toContain('Proposal,2,1500.00,900.00\r\n');

  // Every report comes, says something, and is fine for who cannot see it.
  for (const name of await page.getByRole('navigation', { name: 'Reports' }).getByRole('link').allTextContents()) {
    await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name }).click();
    await expect(page.getByRole('region', { name })).toBeVisible();
    await expect(page.getByRole('region', { name }).getByRole('table').or(page.locator('[data-empty]'))).toBeVisible();
  }
  await expectNoViolations(page, 'the last report');
});

test('an empty report says what fills it, and does it by keys; printed, it stands alone and in the colours of paper', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler Bakery', industry: 'hospitality' }]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name: 'Open by stage and month' }).press('Enter');
  const report = page.getByRole('region', { name: 'Open by stage and month' });
  await expect(report.getByText('Write down what you may sell.', { exact: false })).toBeVisible();
  await report.getByRole('button', { name: 'New opportunity' }).press('Enter');
  await expect(page.getByRole('dialog', { name: 'New opportunity' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(report.getByRole('button', { name: 'New opportunity' }), 'the focus is where it was').toBeFocused();

  await page.evaluate(async () => {
    const { value } = (await window.crm.clients.list({})) as { ok: true; value: { rows: { id: string }[] } };
    for (const stage of ['proposal', 'negotiation'] as const) {
      const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
      await window.crm.opportunities.create({
        clientId: value.rows[0]?.id ?? '',
        name: stage,
        stage,
        amount: '100',
        expectedCloseDate: day,
      });
    }
  });
  const row = report
    .getByRole('row')
    .filter({ has: page.getByRole('link') })
    .first();
  await expect(row.getByRole('link')).toHaveText(['2', '100.00', '100.00']);

  // The dialog of the system cannot be driven from here: what it is given can be looked at.
  let printed = 0;
  await page.exposeFunction('printed', () => (printed += 1));
  await page.evaluate(() => {
    window.print = () => {
      window.dispatchEvent(new Event('beforeprint'));
      (window as unknown as { printed: () => void }).printed(); // Playwright put it there
    };
  });
  await report.getByRole('button', { name: 'Print' }).press('Enter');
  await expect.poll(() => printed).toBe(1);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Reports' })).toBeHidden();
  await expect(page.getByText(/^Printed .*\d/)).toBeVisible();
  await expect(report.getByRole('table')).toBeVisible();
  await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});
