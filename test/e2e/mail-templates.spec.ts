import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expect, list, test, toast } from '../support/screens.ts';

async function fill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const client = await window.crm.clients.create({ name: 'Harbor Bakery', email: 'office@bakery.example' });
    if (!client.ok) throw new Error(JSON.stringify(client.error));
    const clientId = client.value.record.id;
    await window.crm.contacts.create({ clientId, firstName: 'Grace', email: 'grace@bakery.example', isPrimary: true });
    await window.crm.contacts.create({ clientId, firstName: 'Ada', email: 'ada@bakery.example' });
  });
}

const dialog = (page: Page) => page.getByRole('dialog', { name: 'E-mail on Harbor Bakery' });

async function openClient(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await list(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Harbor Bakery', level: 2 })).toBeFocused();
}

test('a template with fields is made in the settings, and an e-mail from it takes four keys', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('textbox', { name: 'Signature' }).fill('Best wishes\nJo');
  await page.getByRole('button', { name: 'New template' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'New template' });
  await page.keyboard.press('Control+Enter');
  await expect(form.getByText('Give the template a name.')).toBeVisible();
  await form.getByRole('textbox', { name: 'Name' }).fill('Offer');
  await form.getByRole('textbox', { name: 'Subject' }).fill('Our offer for {client}');
  await form.getByRole('textbox', { name: 'Message' }).fill('Dear {first name},\nhere is our offer.');
  await expectNoViolationsInBothColours(page, 'a template');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Edit Offer' })).toBeVisible();
  await expectNoViolationsInBothColours(page, 'templates in the settings');

  await openClient(page);
  const keys = ['m', 'Control+j', 'Enter', 'Control+Enter'];
  expect(keys.length).toBeLessThanOrEqual(6);
  for (const key of keys) await page.keyboard.press(key);
  await expect(toast(page)).toContainText('The e-mail waits in the outbox until there is a mail account.');
  const mails = await page.evaluate(async () => {
    const listed = await window.crm.outbox.list({});
    if (!listed.ok) throw new Error(JSON.stringify(listed.error));
    return Promise.all(listed.value.rows.map(async ({ id }) => window.crm.outbox.get({ id })));
  });
  expect(mails).toMatchObject([
    {
      value: {
        recipients: ['office@bakery.example'],
        subject: 'Our offer for Harbor Bakery',
        text: 'Dear Grace,\nhere is our offer.\n\nBest wishes\nJo',
      },
    },
  ]);
});

test('without a template, the key for one says where they are made', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await openClient(page);
  await page.keyboard.press('m');
  await expect(dialog(page).getByRole('textbox', { name: 'Subject' })).toBeFocused();
  await page.keyboard.press('Control+j');
  await expect(dialog(page).getByRole('alert')).toHaveText('There is no template yet. Make one in Settings, under “Writing e-mail”.');
});

test('a field goes with the recipient, and what the record does not say is marked and does not leave', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await page.evaluate(() =>
    window.crm.app.changeSettings({
      mailTemplates: [
        { id: 'a', name: 'Hello', subject: '', text: 'Hello {first name}' },
        { id: 'b', name: 'Visit', subject: 'Visit in {city}', text: 'Dear {first name} of {client}' },
      ],
    }),
  );
  await openClient(page);
  await page.keyboard.press('m');
  await expect(dialog(page).getByRole('textbox', { name: 'Subject' })).toBeFocused();
  await page.keyboard.press('Control+j');
  await expect(page.getByRole('listbox', { name: 'Templates' })).toBeFocused();
  await expectNoViolationsInBothColours(page, 'choosing a template');
  await page.keyboard.press('Escape');
  await expect(dialog(page), 'Esc leaves the templates alone').toBeVisible();
  await page.keyboard.press('Control+j');
  await page.keyboard.press('v');
  await page.keyboard.press('Enter');
  const message = dialog(page).getByRole('textbox', { name: 'Message' });
  await expect(message).toHaveValue('Dear Grace of Harbor Bakery');
  await expect(message).toBeFocused();
  await expect(dialog(page).getByText('{city}: the record does not say this.')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page).getByRole('alert')).toHaveText(/\{city\}: the record does not say this\. Write it or take it out/);

  // Another recipient has another name; of several none is anybody's.
  const to = dialog(page).getByRole('combobox', { name: 'To' });
  await to.focus();
  await page.keyboard.press('Backspace');
  await page.keyboard.type('ada@bakery.example,');
  await expect(message).toHaveValue('Dear Ada of Harbor Bakery');
  await page.keyboard.type('grace@bakery.example,');
  await expect(message).toHaveValue('Dear {first name} of Harbor Bakery');
  await dialog(page).getByRole('button', { name: 'Preview' }).press('Enter');
  await expect(dialog(page).locator('mark')).toHaveText('{first name}');
  await expectNoViolationsInBothColours(page, 'the preview');
  await to.focus();
  await page.keyboard.press('Backspace');
  await expect(dialog(page).getByText('Dear Ada of Harbor Bakery')).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Preview' }).press('Enter');
  await dialog(page).getByRole('textbox', { name: 'Subject' }).fill('Visit');
  await page.keyboard.press('Control+Enter');
  await expect(toast(page)).toContainText('The e-mail waits in the outbox');
});
