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
