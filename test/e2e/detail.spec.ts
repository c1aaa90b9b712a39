import type { Page } from '@playwright/test';
import { announced, expect, list, names, test, unfold } from '../support/screens.ts';

async function open(page: Page, name: string): Promise<void> {
  await names(page).filter({ hasText: name }).click();
  await expect(page.getByRole('heading', { name, level: 2 })).toBeVisible();
}

/** Starts editing the value that is labelled so. */
async function edit(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${label}: `) }).click();
}

/** Starts a field that is empty, from the buttons below its group: they are folded away until they are asked for. */
async function add(page: Page, label: string): Promise<void> {
  await unfold(page);
  await page
    .getByRole('list', { name: /^Empty fields of/ })
    .getByRole('button', { name: label, exact: true })
    .click();
}

test.describe('A record', () => {
  test('saves a value where it stands, and says in plain words what it cannot take', async ({ book }) => {
    const { page } = book;
    await book.addClients([
      { name: 'Adler Bakery', email: 'office@adler.example' },
      { name: 'Birch Clinic', email: 'desk@birch.example', paymentTermsDays: 30 },
    ]);
    await open(page, 'Birch Clinic');

    await edit(page, 'E-mail');
    const email = page.getByRole('textbox', { name: 'E-mail' });
    await email.fill('desk at birch');
    await page.keyboard.press('Enter');
    await expect(page.getByText('This is not an e-mail address. It needs the form name@example.com.')).toBeVisible();
    await expect(email, 'what was typed stays').toHaveValue('desk at birch');
    await email.fill('OFFICE@adler.example');
    await page.keyboard.press('Enter');
    await expect(
      page.getByText('The client "Adler Bakery" has this e-mail already, so nothing was changed.', { exact: false }),
    ).toBeVisible();
    await expect(email).toHaveValue('OFFICE@adler.example');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'E-mail: desk@birch.example. Edit' })).toBeFocused();

    await edit(page, 'E-mail');
    await email.fill('hello@birch.example');
    await add(page, 'Phone');
    await expect(announced(page), 'leaving saves').toContainText('E-mail of Birch Clinic saved');
    await page.getByRole('textbox', { name: 'Phone' }).fill('+1 (303) 555-0123');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Phone: +1 (303) 555-0123. Edit' })).toBeVisible();

    await edit(page, 'Payment terms \\(days\\)');
    await page.getByRole('textbox', { name: 'Payment terms (days)' }).fill('soon');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Write a whole number, like 30.')).toBeVisible();
    await page.keyboard.press('Escape');

    await edit(page, 'Name');
    await page.getByRole('textbox', { name: 'Name' }).fill('x'.repeat(301));
    await page.keyboard.press('Enter');
    await expect(page.getByText('Can have 300 characters at most. Shorten it.')).toBeVisible();
    await page.getByRole('textbox', { name: 'Name' }).fill('');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Must not be empty.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('heading', { name: 'Birch Clinic', level: 2 })).toBeVisible();
  });

  test('tells what was typed and not saved when another record is opened over it', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery', email: 'office@adler.example' }, { name: 'Birch Clinic' }]);
    await open(page, 'Adler Bakery');
    await edit(page, 'E-mail');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('half an addr');
    await names(page).filter({ hasText: 'Birch Clinic' }).click();
    await expect(page.getByRole('heading', { name: 'Birch Clinic', level: 2 })).toBeVisible();
    await expect(page.getByText('E-mail was not saved: “half an addr”.', { exact: false })).toBeVisible();
  });

  test('a click that leaves a field hits what it was meant for, also when the field goes away under it', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await open(page, 'Adler Bakery');
    await add(page, 'Phone');
    await expect(page.getByRole('textbox', { name: 'Phone' })).toBeFocused();
    await add(page, 'Website');
    await expect(page.getByRole('textbox', { name: 'Website' })).toBeFocused();
    await expect(page.getByRole('textbox', { name: 'Phone' }), 'nothing was typed, nothing stays').toHaveCount(0);
    await page.keyboard.type('adler.example');
    await add(page, 'E-mail');
    await expect(page.getByRole('button', { name: 'Website: adler.example. Edit' })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeFocused();
  });

  test('edits choices, dates, switches, tags, long texts and empty fields', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery', lifecycleStage: 'prospect' }]);
    await open(page, 'Adler Bakery');

    await edit(page, 'Lifecycle stage');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Lifecycle stage: Active client. Edit' })).toBeFocused();

    await add(page, 'Industry');
    await page
      .getByRole('combobox', { name: 'Industry' })
      .or(page.getByRole('textbox', { name: 'Industry' }))
      .fill('Glass blowing');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Industry: Glass blowing. Edit' })).toBeVisible();

    await add(page, 'Next follow-up');
    await page.getByLabel('Next follow-up', { exact: true }).fill('2031-05-20');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /^Next follow-up: May 20, 2031/ })).toBeVisible();

    await page.getByRole('switch', { name: 'Active' }).press('Space');
    await expect(announced(page)).toContainText('Active of Adler Bakery saved');
    await expect(page.getByRole('switch', { name: 'Active' })).not.toBeChecked();

    await add(page, 'Tags');
    await page.keyboard.type('vip');
    await page.keyboard.press('Enter');
    await page.keyboard.type('north route');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect(announced(page)).toContainText('Tags of Adler Bakery saved');
    await expect(page.getByRole('region', { name: 'Client: Adler Bakery' }).getByText('north route')).toBeVisible();

    await add(page, 'Notes');
    await page.keyboard.type('Ring at the side door.');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Ask for Inès.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('button', { name: /^Notes: Ring at the side door\.\s+Ask for Inès\./ })).toBeVisible();
    const record = await page.evaluate(() => window.crm.clients.list({}));
    expect(record.ok && record.value.rows[0]).toMatchObject({
      lifecycleStage: 'active_client',
      industry: 'Glass blowing',
      nextFollowUpDate: '2031-05-20',
      isActive: false,
      tags: ['vip', 'north route'],
      notes: 'Ring at the side door.\nAsk for Inès.',
    });
  });

  test('folds its empty fields away behind their number, for one record as for the next', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }, { name: 'Birch Clinic', phone: '+49 221 1' }]);
    await open(page, 'Birch Clinic');
    await expect(page.getByRole('list', { name: /^Empty fields of/ })).toHaveCount(0);
    await expect(page.getByRole('button', { name: /^Phone: / })).toBeVisible();
    const fold = page.getByRole('button', { name: /^\d+ empty fields$/ });
    const count = Number((await fold.innerText()).split(' ')[0]);
    await fold.press('Enter');
    await expect(fold).toHaveAttribute('aria-expanded', 'true');
    // As many as it says: banking is one.
    const buttons = page.getByRole('list', { name: /^Empty fields of/ }).getByRole('button');
    await expect(buttons).toHaveCount(count - 1);
    await expect(page.getByRole('button', { name: 'Add banking' })).toBeVisible();
    await page.keyboard.press('k');
    await expect(page.getByRole('heading', { name: 'Adler Bakery' })).toBeVisible();
    await expect(page.getByRole('list', { name: 'Empty fields of Phone and e-mail' })).toContainText('Phone');
  });

  test('changes one line of an address and leaves the rest of it alone', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery', address: { line1: 'Main Street 1', city: 'Köln', postalCode: '50667' } }]);
    await open(page, 'Adler Bakery');
    await edit(page, 'City');
    await page.getByRole('textbox', { name: 'City' }).fill('Bonn');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'City: Bonn. Edit' })).toBeVisible();
    const record = await page.evaluate(() => window.crm.clients.list({}));
    expect(record.ok && record.value.rows[0]?.address).toMatchObject({ line1: 'Main Street 1', city: 'Bonn', postalCode: '50667' });
  });

  test('keeps the draft of a new record over Esc and over a reload', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await page.keyboard.press('n');
    await page.getByRole('textbox', { name: 'Name' }).fill('Cedar Works');
    await page.getByRole('textbox', { name: 'City' }).fill('Denver');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(announced(page)).toContainText('Your draft of the new client is kept');

    await page.reload();
    await expect(list(page)).toBeVisible();
    await page.keyboard.press('n');
    await expect(page.getByText(/Your draft from .* is back/)).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Cedar Works');
    await expect(page.getByRole('textbox', { name: 'City' })).toHaveValue('Denver');
    await page.getByRole('textbox', { name: 'City' }).press('Control+Enter');
    await expect(page.getByRole('heading', { name: 'Cedar Works', level: 2 })).toBeFocused();

    await page.keyboard.press('n');
    await expect(page.getByRole('textbox', { name: 'Name' }), 'what was saved is no draft any more').toHaveValue('');
    await page.keyboard.press('Escape');
    await expect(
      page.getByText('Your draft of the new client is kept', { exact: false }),
      'nothing was typed, nothing is kept',
    ).toHaveCount(0);
  });

  test('takes one new record after the other, and shows what is in the book already', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await page.keyboard.press('n');
    await page.getByRole('textbox', { name: 'Name' }).fill('Adler');
    await expect(page.getByText('In the book already:')).toContainText('Adler Bakery');
    await page.getByRole('textbox', { name: 'Name' }).fill('Birch Clinic');
    await page.keyboard.press('Control+Shift+Enter');
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.type('Cedar Works');
    await page.keyboard.press('Control+Enter');
    await page.keyboard.press('Escape');
    await expect(names(page)).toHaveText(['Adler Bakery', 'Birch Clinic', 'Cedar Works']);
  });

  test('says at the field of the form what the book refuses', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery', email: 'office@adler.example' }]);
    await page.keyboard.press('n');
    await page.getByRole('textbox', { name: 'Name' }).fill('Birch Clinic');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('office@adler.example');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('dialog').getByText('The client "Adler Bakery" has this e-mail already', { exact: false })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeFocused();
    await page.getByRole('textbox', { name: 'E-mail' }).fill('desk@birch.example');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('heading', { name: 'Birch Clinic', level: 2 })).toBeVisible();
  });

  test('adds contacts and locations to a client, and one of them is the primary one', async ({ book }) => {
    const { page } = book;
    const [id = ''] = await book.addClients([{ name: 'Adler Bakery' }]);
    await book.addContact({ clientId: id, firstName: 'Hugo', lastName: 'Bauer', isPrimary: true });
    await open(page, 'Adler Bakery');
    await page.getByRole('tab', { name: 'Contacts' }).click();
    await page.getByRole('button', { name: 'Add contact' }).click();
    await expect(page.getByRole('dialog', { name: 'New contact of Adler Bakery' })).toBeVisible();
    await page.getByRole('textbox', { name: 'First name' }).fill('Inès');
    await page.getByRole('textbox', { name: 'Last name' }).fill('García');
    await page.keyboard.press('Control+Enter');
    const people = page.getByRole('list', { name: 'Contacts of Adler Bakery' });
    await expect(people.getByRole('link')).toHaveText(['Hugo Bauer', 'Inès García']);
    await page.getByRole('button', { name: 'More for Inès García' }).click();
    await page.getByRole('menuitem', { name: 'Make primary' }).click();
    await expect(people.getByRole('link')).toHaveText(['Inès García', 'Hugo Bauer']);
    await expect(
      page
        .getByRole('region', { name: 'Client: Adler Bakery' })
        .getByRole('banner')
        .or(page.locator('header'))
        .getByRole('link', { name: 'Inès García' }),
    ).toBeVisible();
    await people.getByRole('link', { name: 'Hugo Bauer' }).click();
    await expect(page).toHaveURL(/#\/contacts\//);
    await expect(page.getByRole('heading', { name: 'Hugo Bauer' })).toBeVisible();
    await page.goBack();

    await page.getByRole('tab', { name: 'Locations' }).click();
    await page.getByRole('button', { name: 'Add location' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Harbor depot');
    await page.keyboard.press('Control+Enter');
    const sites = page.getByRole('list', { name: 'Locations of Adler Bakery' });
    await expect(sites).toContainText('Harbor depot');
    await expect(sites).toContainText('Primary');
  });

  test('shows banking only when it is asked for, and edits it then', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery', banking: { bankName: 'Harbor Bank', accountNumber: '12345678901' } }]);
    await open(page, 'Adler Bakery');
    const banking = page.getByRole('region', { name: 'Banking' });
    await expect(banking).not.toContainText('12345678901');
    await expect(banking).toContainText('8901');
    await page.getByRole('button', { name: 'Show banking data' }).click();
    await edit(page, 'Account number');
    await expect(page.getByRole('textbox', { name: 'Account number' })).toHaveValue('12345678901');
    await page.getByRole('textbox', { name: 'Account number' }).fill('99988877766');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Account number: 99988877766. Edit' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Bank: Harbor Bank. Edit' }), 'the rest of it stays').toBeVisible();
    await page.getByRole('button', { name: 'Hide banking data' }).click();
    await expect(banking).not.toContainText('99988877766');
  });

  test('shows who changed what and when, and restores a single field', async ({ book }) => {
    const { page } = book;
    await page.evaluate(() => window.crm.app.changeSettings({ personName: 'Ruth Okafor' }));
    await book.addClients([{ name: 'Adler Bakery', phone: '0221 555 0101' }]);
    await open(page, 'Adler Bakery');
    await edit(page, 'Phone');
    await page.getByRole('textbox', { name: 'Phone' }).fill('0221 555 0999');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'History' }).click();
    const history = page.getByRole('list', { name: 'History' });
    await expect(history.getByRole('listitem').first()).toContainText('Changed');
    await expect(history.getByRole('listitem').first()).toContainText('Ruth Okafor');
    await expect(history.getByRole('listitem').first()).toContainText('0221 555 0101');
    await page.getByRole('button', { name: 'Restore Phone to 0221 555 0101' }).click();
    await expect(announced(page)).toContainText('Phone restored');
    await page.getByRole('tab', { name: 'Details' }).click();
    await expect(page.getByRole('button', { name: 'Phone: 0221 555 0101. Edit' })).toBeVisible();
  });

  test('a contact is moved to another client by searching for it', async ({ book }) => {
    const { page } = book;
    const [adler = ''] = await book.addClients([{ name: 'Adler Bakery' }, { name: 'Émile & Fils' }]);
    await book.addContact({ clientId: adler, firstName: 'Hugo', lastName: 'Bauer' });
    await page.getByRole('link', { name: /^Contacts/ }).click();
    await open(page, 'Hugo Bauer');
    await page.getByRole('button', { name: 'Change Client' }).click();
    const client = page.getByRole('combobox', { name: 'Client' }).or(page.getByRole('textbox', { name: 'Client' }));
    await client.fill('emile');
    await page.getByRole('option', { name: 'Émile & Fils' }).click();
    await expect(announced(page)).toContainText('Client of Hugo Bauer saved');
    await expect(
      page.getByRole('region', { name: 'Contact: Hugo Bauer' }).getByRole('link', { name: 'Émile & Fils' }).first(),
    ).toBeVisible();
  });
});
