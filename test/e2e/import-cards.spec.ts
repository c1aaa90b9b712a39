import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '../support/screens.ts';

/** Files that came with the order, beside the repository. */
const givenData = resolve(import.meta.dirname, '../../../shared/data');

test('all vCards of several phones and programs are dropped at once and become contacts with everything on them', async ({ book }) => {
  const { page } = book;
  const files = readdirSync(givenData)
    .filter((name) => name.endsWith('.vcf'))
    .map((name) => ({ name, base64: readFileSync(resolve(givenData, name)).toString('base64') }));
  expect(files).toHaveLength(6);
  await page.evaluate((all) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of all) {
      dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name, { type: 'text/vcard' }));
    }
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, files);
  await expect(page.getByRole('heading', { name: 'Import: 6 vCards.vcf' })).toBeVisible();
  await expect(page.getByText('13 cards in this file.')).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'Good to know' })).toContainText(
    '3 cards have pictures; pictures are passed over.',
  );
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Import 13 cards' }).click();
  await expect(page.getByTestId('import-state')).toHaveText(/^Done: /);
  const contact = await page.evaluate(async () => {
    const found = await window.crm.contacts.list({ filters: [{ path: 'email', operator: 'is', value: 'simon.perreault@viagenie.ca' }] });
    return found.ok ? found.value.rows[0] : undefined;
  });
  expect(contact).toMatchObject({
    firstName: 'Simon',
    lastName: 'Perreault',
    clientName: 'Viagenie',
    workPhone: '+1-418-656-9254 ext. 102',
    address: { line1: '2875 Laurier', city: 'Quebec', postalCode: 'G1V 2M2', country: 'Canada' },
  });
});

test('a file is chosen, mapped and imported without a mouse', async ({ book }) => {
  const { page } = book;
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).press('Enter');
  await (await choosing).setFiles({ name: 'keys.csv', mimeType: 'text/csv', buffer: Buffer.from('Name,Remark\nAcme,good\n') });
  await expect(page.getByRole('heading', { name: 'Import: keys.csv' })).toBeFocused();
  const place = page.getByRole('combobox', { name: 'Where Remark goes' }).or(page.getByRole('textbox', { name: 'Where Remark goes' }));
  await place.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Client: Description');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(place).toHaveValue('Client: Description');
  await page.getByRole('button', { name: 'Next' }).press('Enter');
  await page.getByRole('button', { name: 'Import 1 row' }).press('Enter');
  await expect(page.getByTestId('import-state')).toHaveText(/^Done: 1 client/);
  const description = await page.evaluate(async () => {
    const found = await window.crm.clients.list({});
    return found.ok ? found.value.rows[0]?.description : null;
  });
  expect(description).toBe('good');
});
