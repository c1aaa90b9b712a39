import type { Page } from '@playwright/test';
import type { RecordTab } from '../../renderer/features/records/list-search.ts';
import { type NounName, nounNames, nouns } from '../../shared/nouns/nouns.ts';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { fillWholeBook, type WholeBook } from '../support/full-book.ts';
import { expect, list, names, test } from '../support/screens.ts';

/**
 * Every place and everything that opens over it, in light and dark: what accessibility.spec.ts does for clients, for all
 * nouns. The steps of the import are in import-screen.spec.ts, restoring in backup.spec.ts, sending in outbox.spec.ts.
 */
const look = expectNoViolationsInBothColours;

/** The records to open per noun, by what they are called in the whole book. */
const opened: Record<NounName, (keyof WholeBook)[]> = {
  clients: ['clientId'],
  contacts: ['contactId'],
  locations: ['locationId'],
  itemPrices: ['itemId'],
  opportunities: ['opportunityId'],
  cases: ['caseId'],
  tasks: ['taskId'],
  invoices: ['draftId', 'issuedId'],
  directory: ['personId', 'teamId'],
  ownFields: ['ownFieldId'],
  locationContacts: ['roleId'],
  locationItemPrices: ['ownPriceId'],
  activities: ['callId'],
};

async function go(page: Page, place: string): Promise<void> {
  await page.evaluate((hash) => (window.location.hash = hash), `#/${place}`);
}

async function openRecord(page: Page, noun: NounName, id: string, tab?: RecordTab): Promise<void> {
  await go(page, `${noun}/${id}${tab === undefined ? '' : `?tab=${tab}`}`);
  await expect(page.getByRole('tab', { name: 'Details' })).toBeVisible();
  await expect(page.getByRole('tabpanel')).toBeVisible();
}

test.beforeEach(async ({ book }) => {
  await book.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
});

for (const noun of nounNames) {
  test(`${nouns[noun].plural}: list, records with all their tabs, menu, form and deleted ones hold WCAG 2.2 AA`, async ({ book }) => {
    test.slow();
    const { page } = book;
    const whole = await fillWholeBook(page);
    await go(page, noun);
    await expect(list(page)).toBeVisible();
    await look(page, 'list');
    for (const key of opened[noun]) {
      await openRecord(page, noun, whole[key]);
      await look(page, key);
      const tabs = page.getByRole('tab');
      for (let at = 1; at < (await tabs.count()); at += 1) {
        // History and activity are the same part for every noun.
        if (noun !== 'clients' && /^(History|Activity)/.test((await tabs.nth(at).textContent()) ?? '')) continue;
        await tabs.nth(at).click();
        await expect(page.getByRole('tabpanel')).toBeVisible();
        await expect(page.getByRole('tabpanel').locator('.mantine-Loader-root')).toHaveCount(0);
        await look(page, `${key}, ${await tabs.nth(at).textContent()}`);
      }
    }
    await page.getByRole('button', { name: `More for this ${nouns[noun].singular}` }).click();
    await expect(page.getByRole('menu')).toBeVisible();
    await look(page, 'menu');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toBeHidden();

    await go(page, noun);
    await expect(page.getByRole('tab', { name: 'Details' })).toHaveCount(0);
    if ((await page.getByRole('button', { name: `New ${nouns[noun].singular}`, exact: true }).count()) > 0) {
      await list(page).focus();
      await page.keyboard.press('n');
      await expect(page.getByRole('dialog')).toBeVisible();
      const all = page.getByRole('button', { name: 'Show all fields' });
      if (await all.isVisible()) await all.click();
      await look(page, 'new, all fields');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    }

    await list(page).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: 'Details' })).toBeVisible();
    await page.evaluate(
      async ([of, id]) => {
        const result = await window.crm[of as 'clients'].remove({ ids: [id as string] });
        if (!result.ok && result.error.code !== 'INVOICE_ISSUED') throw new Error(JSON.stringify(result.error));
      },
      [noun, noun === 'invoices' ? whole.draftId : whole[opened[noun][0] as keyof WholeBook]],
    );
    await go(page, `${noun}?show=deleted`);
    await expect(page.getByRole('heading', { name: `Deleted ${nouns[noun].plural}` })).toBeVisible();
    // Until then the rows are those of the list before.
    await expect(page.getByText('1 deleted', { exact: true })).toBeVisible();
    await expect(names(page)).toHaveCount(1);
    await list(page).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Restore' })).toBeVisible();
    await look(page, 'deleted');
  });
}

test('what opens over a list holds WCAG 2.2 AA', async ({ book }) => {
  test.slow();
  const { page } = book;
  await fillWholeBook(page);
  await go(page, 'clients');
  const bar = page.getByRole('toolbar', { name: 'Selected rows' });
  await list(page).focus();
  await page.keyboard.press('Control+a');
  await bar.getByRole('button', { name: 'Tags' }).click();
  await expect(page.getByRole('combobox', { name: 'Add' })).toBeFocused();
  await look(page, 'tags of a selection');
  await page.keyboard.type('north');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { name: 'vip' })).toBeVisible();
  await look(page, 'tags of a selection, with one and a list');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await bar.getByRole('button', { name: 'Export the selected rows' }).click();
  await expect(page.getByRole('menuitem', { name: 'Excel' })).toBeVisible();
  await look(page, 'export');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();

  // One filter of each kind of field: text, choice, yes or no, date, number, tags, a record, an own choice.
  for (const field of ['City', 'Industry', 'Active', 'Next follow-up', 'Annual revenue (USD)', 'Tags', 'Account owner', 'Contract kind']) {
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'Filter' });
    await form.getByRole('combobox', { name: 'Field' }).selectOption({ label: field });
    await look(page, `filter on ${field}`);
    await page.keyboard.press('Escape');
    await expect(form).toBeHidden();
  }
  await go(page, `clients?f=${encodeURIComponent('[{"path":"address.city","operator":"is","value":"Nowhere"}]')}`);
  await expect(page.getByRole('heading', { name: 'No clients match' })).toBeVisible();
  await look(page, 'nothing matches');

  await page.getByRole('button', { name: 'New record' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await look(page, 'menu of what can be made');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zzzz');
  await expect(page.getByText('Nothing in the book has', { exact: false })).toBeVisible();
  await look(page, 'palette without hits');
});

test('every kind of value being edited holds WCAG 2.2 AA', async ({ book }) => {
  test.slow();
  const { page } = book;
  const whole = await fillWholeBook(page);
  const edit = async (noun: NounName, id: string, label: string) => {
    await openRecord(page, noun, id);
    const buttons = page.getByRole('tabpanel').getByRole('button');
    const named = label.replaceAll(/[()]/g, String.raw`\$&`);
    await buttons.and(page.getByRole('button', { name: new RegExp(`^(${named}(:|$)|Change ${named}$)`) })).click();
    await look(page, `${label} of ${nouns[noun].plural}`);
    await page.keyboard.press('Escape');
  };
  for (const label of [
    'Name',
    'Industry',
    'Lifecycle stage',
    'Annual revenue (USD)',
    'Next follow-up',
    'Account owner',
    'Assigned to',
    'Tags',
    'Notes',
    'Country',
    'Year founded',
    'Contract kind',
  ])
    await edit('clients', whole.clientId, label);
  await edit('contacts', whole.contactId, 'Links');
  await edit('itemPrices', whole.itemId, 'Default tax rate');
  await edit('ownFields', whole.ownFieldId, 'Kind');

  await openRecord(page, 'clients', whole.clientId);
  await page.getByRole('button', { name: 'Show banking data' }).click();
  await expect(page.getByRole('button', { name: 'Hide banking data' })).toBeVisible();
  await look(page, 'banking data shown');
});

test('activity, history, prices and invoices in all their states hold WCAG 2.2 AA', async ({ book }) => {
  test.slow();
  const { page } = book;
  const whole = await fillWholeBook(page);
  await openRecord(page, 'clients', whole.clientId, 'activity');
  await page.getByText('Visit', { exact: true }).first().click();
  await look(page, 'logging a visit');
  await page
    .getByTestId('attach-file')
    .setInputFiles({ name: 'setup.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ\0') });
  await page.getByRole('button', { name: 'Open setup.exe' }).click();
  await expect(page.getByRole('dialog', { name: 'Open this file?' })).toBeVisible();
  await look(page, 'a file that may be a program');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More for Call: Asked for a second oven' }).click();
  await look(page, 'menu of an entry');
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await expect(page.getByRole('form', { name: /^Edit Call/ })).toBeVisible();
  await look(page, 'changing an entry');

  await openRecord(page, 'clients', whole.clientId, 'contacts');
  await page.getByRole('button', { name: 'More for Jonas Berg' }).click();
  await look(page, 'menu of what hangs on a record');
  await page.keyboard.press('Escape');

  await openRecord(page, 'locations', whole.locationId, 'prices');
  await page.getByRole('button', { name: /^Own price for Drug screen/ }).click();
  await page.getByRole('textbox', { name: 'Own price for Drug screen' }).fill('cheap');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Write a number', { exact: false })).toBeVisible();
  await look(page, 'own price refused');
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Item or code begins with' }).fill('zzz');
  await expect(page.getByText('No item begins with that.')).toBeVisible();
  await look(page, 'no such item');

  await openRecord(page, 'invoices', whole.draftId);
  await page.getByRole('button', { name: 'Issue', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Issue this invoice?' })).toBeVisible();
  await look(page, 'asking before an invoice is issued');
  await page.keyboard.press('Escape');
  await openRecord(page, 'invoices', whole.issuedId);
  await page.getByRole('textbox', { name: 'Amount in EUR' }).fill('99999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('form', { name: 'New payment' }).getByRole('alert')).toBeVisible();
  await look(page, 'payment refused');
});

test('settings, tags, outbox, duplicates and what they say when empty hold WCAG 2.2 AA', async ({ book }) => {
  test.slow();
  const { page } = book;
  for (const [place, heading] of [
    ['tags', 'No tags yet'],
    ['today', 'Nothing is due'],
    ['outbox', 'No e-mails yet'],
    ['ownFields', 'No own fields yet'],
    ['locationItemPrices', 'No own prices yet'],
    ['import', 'Import'],
    ['duplicates', 'Duplicates'],
    ['backups', 'Backups'],
  ] as const) {
    await book.addClients([{ name: `For ${place}`, banking: { bankName: 'Harbor Bank' } }]);
    await go(page, place);
    await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
    await look(page, `${place}, empty`);
  }
  const whole = await fillWholeBook(page);
  await book.addClients([{ name: 'Adler Bakery' }]);
  await go(page, 'tags');
  await page.getByRole('button', { name: 'Rename the tag vip' }).click();
  await page.getByRole('textbox', { name: 'New name of the tag vip' }).fill('north route');
  await look(page, 'renaming a tag');
  await go(page, 'duplicates');
  await expect(page.getByText('group of records that may be the same', { exact: false })).toBeVisible();
  await look(page, 'duplicates');
  await page.getByRole('link', { name: /^Compare and merge/ }).click();
  await expect(page.getByRole('heading', { name: /^Merge \d+ clients/ })).toBeVisible();
  await look(page, 'merge');

  await openRecord(page, 'clients', whole.clientId);
  await page.getByRole('heading', { name: 'Adler Bakery', level: 2 }).focus();
  await page.keyboard.press('m');
  await expect(page.getByRole('dialog')).toBeVisible();
  await look(page, 'writing an e-mail');
  await page.getByText('Send later').click();
  await look(page, 'writing an e-mail for later');
  await page.keyboard.press('Escape');

  await go(page, 'settings');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await page.getByRole('combobox', { name: 'Encryption' }).click();
  await look(page, 'settings, choosing');
  await page.keyboard.press('Escape');
  await openRecord(page, 'clients', whole.clientId);
  await go(page, 'clients/no-such-record');
  await expect(page.getByRole('heading', { name: 'This client is not in the book' })).toBeVisible();
  await look(page, 'a record that is not there');
  await page.keyboard.press('n');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Adler Bakery');
  await expect(page.getByText('You may already have this', { exact: false })).toBeVisible();
  await look(page, 'a possible duplicate while typing');
});
