import type { Page } from '@playwright/test';
import { expect, test, unfold } from '../support/screens.ts';

test.describe.configure({ timeout: 120_000 });

/** Two clients with a location of the same name each, and a third whose name begins as theirs. */
async function fill(page: Page) {
  return page.evaluate(async () => {
    const { crm } = window;
    const idOf = async (answer: Promise<{ ok: true; value: { record: { id: string } } } | { ok: false; error: object }>) => {
      const result = await answer;
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value.record.id;
    };
    const adler = await idOf(crm.clients.create({ name: 'Adler Bakery', address: { city: 'Köln' } }));
    const birch = await idOf(crm.clients.create({ name: 'Birch Clinic' }));
    await idOf(crm.clients.create({ name: 'Birch' }));
    const ofAdler = await idOf(crm.locations.create({ clientId: adler, name: 'Headquarters', physicalAddress: { city: 'Köln' } }));
    const ofBirch = await idOf(crm.locations.create({ clientId: birch, name: 'Headquarters', physicalAddress: { city: 'Bonn' } }));
    await idOf(crm.locations.create({ clientId: birch, name: 'Ward' }));
    const ada = await idOf(crm.directory.create({ kind: 'user', fullName: 'Ada Lovelace' }));
    await idOf(crm.directory.create({ kind: 'user', fullName: 'Adam Smith' }));
    return { adler, birch, ofAdler, ofBirch, ada };
  });
}

const go = (page: Page, place: string) => page.evaluate((hash) => (window.location.hash = hash), `#/${place}`);
const dialog = (page: Page) => page.getByRole('dialog');

test('Enter takes the first match and does not save the form; what is shown is what is held', async ({ book }) => {
  const { page } = book;
  const { birch } = await fill(page);
  await go(page, 'contacts');
  await page.getByRole('button', { name: 'New contact' }).first().press('Enter');
  const client = dialog(page).getByRole('combobox', { name: 'Client' });
  await dialog(page).getByRole('textbox', { name: 'First name' }).fill('Grace');
  await client.focus();
  await page.keyboard.type('birch c');
  await page.keyboard.press('Enter');
  await expect(client).toHaveValue('Birch Clinic');
  await expect(dialog(page)).toBeVisible();
  // Named whole, it is that one, though another begins with it; and it is asked for as fast as keys can be pressed.
  await client.fill('birch');
  await page.keyboard.press('Enter');
  await expect(client).toHaveValue('Birch');
  await client.fill('Birch Cl');
  await page.keyboard.press('Tab');
  await expect(client).toHaveValue('Birch Clinic');
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page)).toHaveCount(0);
  const held = await page.evaluate(async () => {
    const result = await window.crm.contacts.list({});
    return result.ok ? result.value.rows.map(({ clientId }) => clientId) : [];
  });
  expect(held).toEqual([birch]);
});

test('half a word is never kept: Ctrl+Enter takes what it begins, or says that nothing is called so', async ({ book }) => {
  const { page } = book;
  const { adler } = await fill(page);
  await go(page, 'opportunities');
  await page.getByRole('button', { name: 'New opportunity' }).first().press('Enter');
  await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('Second oven');
  const client = dialog(page).getByRole('combobox', { name: 'Client' });
  await client.fill('nobody');
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page).getByText('No client is called “nobody”.', { exact: false })).toBeVisible();
  await expect(client).toBeFocused();
  await expect(client, 'what was typed stays').toHaveValue('nobody');
  // Left with the mouse, words that fit several are refused too, and not guessed.
  await client.fill('b');
  await dialog(page).getByRole('heading', { name: 'New opportunity' }).click();
  await expect(dialog(page).getByText('“b” fits several.', { exact: false })).toBeVisible();
  await client.fill('adl');
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page)).toHaveCount(0);
  const held = await page.evaluate(async () => {
    const result = await window.crm.opportunities.list({});
    return result.ok ? result.value.rows.map(({ clientId }) => clientId) : [];
  });
  expect(held).toEqual([adler]);
});

test('locations are those of the client of the record, and say whose they are and where', async ({ book }) => {
  const { page } = book;
  const { birch, ofBirch } = await fill(page);
  await go(page, 'invoices');
  await page.getByRole('button', { name: 'New invoice' }).first().press('Enter');
  const place = dialog(page).getByRole('combobox', { name: 'Location' });
  // No client yet: all of them, told apart.
  await place.focus();
  await page.keyboard.type('head');
  await expect(page.getByRole('option')).toHaveText([/Headquarters.*Adler Bakery, Köln/, /Headquarters.*Birch Clinic, Bonn/]);
  await page.keyboard.press('Escape');
  await expect(dialog(page), 'Esc takes back what was typed and closes nothing else').toBeVisible();
  await dialog(page).getByRole('combobox', { name: 'Client' }).fill('birch clinic');
  await page.keyboard.press('Tab');
  await place.fill('head');
  await expect(page.getByRole('option')).toHaveText([/Headquarters.*Birch Clinic, Bonn/]);
  await page.keyboard.press('Enter');
  await expect(place).toHaveValue('Headquarters (Birch Clinic)');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { name: 'Draft invoice', level: 2 })).toBeVisible();
  const held = await page.evaluate(async () => {
    const result = await window.crm.invoices.list({});
    return result.ok ? result.value.rows.map(({ clientId, locationId }) => [clientId, locationId]) : [];
  });
  expect(held).toEqual([[birch, ofBirch]]);
});

test('in place: Enter saves the first match, leaving refuses half a word and keeps it, several are chosen one by one', async ({ book }) => {
  const { page } = book;
  const { adler } = await fill(page);
  await go(page, `clients/${adler}`);
  await unfold(page);
  await page.getByRole('button', { name: 'Account owner', exact: true }).press('Enter');
  await page.keyboard.type('ada l');
  await page.keyboard.press('Enter');
  const owner = page.locator('[data-field="accountOwnerId"]');
  await expect(owner.getByRole('link', { name: 'Ada Lovelace' })).toBeVisible();
  await expect(owner.getByRole('button', { name: 'Change Account owner' })).toBeFocused();
  await page.keyboard.press('Enter');
  await owner.getByRole('combobox').fill('zed');
  await page.getByRole('heading', { name: 'Adler Bakery', level: 2 }).click();
  await expect(owner.getByText('No person or team is called “zed”.', { exact: false })).toBeVisible();
  await expect(owner.getByRole('combobox')).toHaveValue('zed');
  await owner.getByRole('combobox').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(owner.getByRole('link', { name: 'Ada Lovelace' })).toBeVisible();

  await page.getByRole('button', { name: 'Assigned to', exact: true }).press('Enter');
  // As quickly as keys come: the next name is typed while the one before is looked for.
  await page.evaluate(async () => {
    const box = document.activeElement as HTMLInputElement;
    const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    const write = (text: string) => {
      put?.call(box, box.value + text);
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    write('adam');
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    await new Promise((nextTask) => setTimeout(nextTask));
    write('ada l');
  });
  await page.keyboard.press('Tab');
  await expect(page.locator('[data-field="assignedToIds"]').getByRole('link')).toHaveText(['Adam Smith', 'Ada Lovelace']);
});

test('a filter on records takes the first match and then filters', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await go(page, 'locations');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Filter' });
  await form.getByRole('combobox', { name: 'Field' }).selectOption({ label: 'Client' });
  await form.getByRole('combobox', { name: 'Value' }).fill('adl');
  await page.keyboard.press('Enter');
  await expect(form.getByRole('combobox', { name: 'Value' })).toHaveValue('Adler Bakery');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  await expect(page.locator('[role="grid"] [role="row"][data-index]')).toHaveCount(1);
});
