import type { Page } from '@playwright/test';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { expectFocus } from '../support/focus.ts';
import { fillWholeBook } from '../support/full-book.ts';
import { choose, expect, list, names, test, toast } from '../support/screens.ts';

// Whole books, restarts and walks through every screen take their time.
test.describe.configure({ timeout: 150_000 });

const go = (page: Page, place: string) => page.evaluate((hash) => (window.location.hash = hash), `#/${place}`);

test('a deletion names what goes along and what stays, and nothing goes before the answer', async ({ book }) => {
  const { page } = book;
  const whole = await fillWholeBook(page);
  await go(page, 'clients');
  await expect(names(page)).toHaveCount(3);
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  const question = page.getByRole('dialog', { name: 'Delete Adler Bakery?' });
  await expect(question).toContainText('2 contacts, 2 locations, 1 opportunity, 1 case, 1 task, 1 draft invoice');
  await expect(question).toContainText('1 issued invoice stays, and goes on naming it.');
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(names(page)).toHaveCount(3);
  await expectFocus(page, 'a deletion that was not meant');
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await expect(question).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(names(page)).toHaveCount(2);
  await expect(toast(page)).toContainText('1 issued invoice stays, and goes on naming it.');
  await expectFocus(page, 'a deletion');
  await go(page, `invoices/${whole.issuedId}`);
  await expect(page.getByText('Partly paid').first()).toBeVisible();
  await expect(page.getByRole('region', { name: /^Invoice: / })).toContainText('Adler Bakery');
});

test('J and then Enter opens the marked row, wherever the focus was', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler' }, { name: 'Birch' }, { name: 'Cedar' }]);
  await page.getByRole('link', { name: /^Clients/ }).focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Birch', level: 2 })).toBeFocused();
  await page.getByRole('button', { name: 'Close client' }).focus();
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { name: 'Cedar', level: 2 })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Cedar', level: 2 }), 'Enter closed nothing').toBeVisible();
});

test('the list scrolls to the record that a search opened', async ({ book }) => {
  const { page } = book;
  await book.addClients(Array.from({ length: 350 }, (_, at) => ({ name: `Client ${String(at).padStart(3, '0')}` })));
  await expect(names(page).first()).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('client 317');
  await expect(page.getByRole('option').first()).toContainText('Client 317');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Client 317', level: 2 })).toBeVisible();
  await expect(names(page).filter({ hasText: 'Client 317' })).toBeInViewport();
});

test('Ctrl+Z in an empty field means the book; in one that was typed in, its text', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler' }]);
  await expect(names(page)).toHaveText(['Adler']);
  const filter = page.getByRole('textbox', { name: 'Filter clients' });
  await filter.focus();
  await page.keyboard.press('Control+z');
  await expect(names(page)).toHaveCount(0);
  await filter.focus();
  await page.keyboard.press('Control+Shift+z');
  await expect(names(page)).toHaveText(['Adler']);
  await filter.focus();
  await page.keyboard.type('a');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Control+z');
  await expect(names(page), 'the letter came back, not the book').toHaveText(['Adler']);

  // The field that a saved comment left empty.
  await filter.fill('');
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.keyboard.press('c');
  await page.keyboard.type('Rang twice');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Rang twice')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('');
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Rang twice')).toHaveCount(0);
});

test('the focus is never lost: undo, toasts, dialogs, merging, Esc', async ({ book }) => {
  const { page } = book;
  const whole = await fillWholeBook(page);
  const twin = (await book.addClients([{ name: 'Adler Bakery' }]))[0];
  await go(page, 'clients');
  await expect(names(page)).toHaveCount(4);

  const press = async (after: string, ...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
    await expectFocus(page, after);
  };
  // The buttons above switch themselves off.
  const undoButton = page.getByRole('button', { name: /^Undo: / });
  await undoButton.focus();
  await press('Undo above', 'Enter');
  await expect(names(page)).toHaveCount(3);
  await page.getByRole('button', { name: /^Redo: / }).focus();
  await press('Redo above', 'Enter');
  await expect(names(page)).toHaveCount(4);
  await expect(page.getByRole('button', { name: 'Nothing to redo' })).toBeDisabled();
  await expectFocus(page, 'a button that switched itself off');

  // The toast goes with its button.
  await go(page, `clients/${whole.clientId}`);
  await page.getByRole('heading', { name: 'Adler Bakery', level: 2 }).focus();
  await press('editing', 'e');
  await page.keyboard.type(' North');
  await press('a saved field', 'Enter');
  await toast(page).getByRole('button', { name: 'Undo' }).focus();
  await press('Undo in the toast', 'Enter');
  await expect(toast(page)).toContainText('Undone');
  await toast(page).getByRole('button', { name: 'Redo' }).focus();
  await press('Redo in the toast', 'Enter');
  await expect(toast(page)).toContainText('Done again');

  // Esc out of every text.
  await page.getByRole('heading', { level: 2 }).first().focus();
  await press('a comment begun', 'c');
  await expect(page.getByRole('textbox', { name: 'Comment' })).toBeFocused();
  await press('Esc in the comment', 'Escape');
  await press('search', 'Control+k');
  await press('Esc in the search', 'Escape');
  await page.mouse.click(5, 500);
  await page.getByRole('searchbox').click();
  await press('Esc in a search that the mouse opened', 'Escape');
  await page.getByRole('textbox', { name: 'Filter clients' }).focus();
  await press('Esc in the filter of the list', 'Escape');

  // Every dialog.
  const dialogs: [string, () => Promise<void>][] = [
    ['the keys', () => page.keyboard.press('?')],
    ['a new record', () => page.keyboard.press('n')],
    ['an e-mail', () => page.keyboard.press('m')],
    [
      'a deletion',
      async () => {
        await page.getByRole('button', { name: 'More for this client' }).press('Enter');
        await choose(page, 'Delete client');
      },
    ],
  ];
  for (const [what, open] of dialogs) {
    await page.getByRole('heading', { name: 'Adler Bakery', level: 2 }).focus();
    await open();
    await expect(page.getByRole('dialog'), what).toBeVisible();
    await expectFocus(page, `${what} opened`);
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null), { message: what }).toBe(true);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expectFocus(page, `${what} closed`);
  }

  // The open record is taken back under the hand.
  await go(page, `clients/${twin ?? ''}`);
  await expect(page.getByRole('heading', { name: 'Adler Bakery', level: 2 })).toBeVisible();
  await page.getByRole('heading', { name: 'Adler Bakery', level: 2 }).focus();
  await page.evaluate(async (id) => window.crm.clients.remove({ ids: [id ?? ''] }), twin);
  await expect(page.getByRole('button', { name: 'Restore', exact: true })).toBeVisible();
  await expectFocus(page, 'the open record was deleted elsewhere');
  await page.getByRole('button', { name: 'Restore', exact: true }).focus();
  await press('Restore, whose button goes', 'Enter');
  await expect(page.getByRole('button', { name: 'Restore', exact: true })).toHaveCount(0);
  await expectFocus(page, 'a restored record');

  // Merging leaves its screen.
  await go(page, `merge/clients?ids=${encodeURIComponent(JSON.stringify([whole.clientId, twin]))}`);
  await page.getByRole('button', { name: /^Merge into/ }).focus();
  await press('merging', 'Enter');
  await expect(page.getByRole('heading', { name: 'Adler Bakery', level: 2 })).toBeFocused();
  await toast(page).getByRole('button', { name: 'Undo' }).focus();
  await press('a merge taken back', 'Enter');

  // An invoice that is issued loses the buttons that had the focus.
  await page.evaluate(() => window.crm.app.changeSettings({ company: { name: '', address: '', taxId: '', bankLine: '', logoText: '' } }));
  await go(page, `invoices/${whole.draftId}`);
  await page.getByRole('button', { name: 'Issue', exact: true }).press('Enter');
  const question = page.getByRole('dialog', { name: 'Issue this invoice?' });
  await expect(question.getByRole('textbox', { name: "Your company's name" })).toBeFocused();
  await press('an invoice without a seller', 'Enter');
  await expect(question).toContainText('Write who sends this invoice.');
  await page.keyboard.type('Fieldwork Ltd');
  await press('issuing', 'Enter');
  await expect(question).toHaveCount(0);
  await expect(page.getByRole('heading', { name: /-000002$/, level: 2 })).toBeVisible();
  await expectFocus(page, 'an issued invoice');
  await expect(
    page
      .getByRole('region', { name: /^Invoice: / })
      .getByText('Issued', { exact: true })
      .first(),
  ).toBeVisible();
  const settings = await page.evaluate(() => window.crm.app.settings({}));
  expect(settings).toMatchObject({ ok: true, value: { company: { name: 'Fieldwork Ltd' } } });
});

test('an e-mail is read as text, with who gets it and how far it is; a time is no promise without an account', async ({ book }) => {
  const { page } = book;
  const whole = await fillWholeBook(page);
  await page.evaluate(async (aboutId) => {
    const made = await window.crm.outbox.save({
      id: null,
      about: 'clients',
      aboutId,
      recipients: ['office@adler.example', 'ines@adler.example'],
      subject: 'Our offer',
      text: 'Dear Inès,\nfive < six & so on',
      send: 'later',
      scheduledFor: '2199-12-01T09:00:00.000Z',
    });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
  }, whole.clientId);
  await go(page, `clients/${whole.clientId}?tab=activity`);
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('To office@adler.example, ines@adler.example · Scheduled');
  await expect(panel).toContainText('five < six & so on');
  await panel.getByRole('link', { name: 'Our offer' }).press('Enter');
  const record = page.getByRole('region', { name: 'Activity: E-mail: Our offer' });
  await expect(record.locator('[data-field="message"]')).toContainText('five < six & so on');
  await expect(record.locator('[data-field="recipients"]')).toContainText('ines@adler.example');
  await expect(record).toContainText('Scheduled');
  await page.getByRole('tab', { name: 'History' }).press('Enter');
  await expect(record).toContainText('five < six & so on');
  for (const text of [await record.textContent(), await list(page).textContent()]) expect(text).not.toMatch(/<(div|br)|&lt;|&amp;/);
  await go(page, 'outbox');
  await expect(page.getByText('planned for Dec 1, 2199', { exact: false })).toBeVisible();
  await expect(page.getByText('leaves Dec', { exact: false })).toHaveCount(0);
});

test('nothing is written to the console of a page or of its worker', async ({ browser }) => {
  const fieldbook = await startFieldbook();
  const context = await browser.newContext();
  const said: string[] = [];
  context.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  context.on('page', (page) =>
    page.on('worker', (worker) => worker.on('console', (message) => said.push(`worker ${message.type()}: ${message.text()}`))),
  );
  const page = await openBookPage(context, fieldbook);
  await fillWholeBook(page);
  await page.getByRole('link', { name: /^Invoices/ }).click();
  await expect(names(page)).toHaveCount(2);
  await context.close();
  await fieldbook.stop();
  expect(said).toEqual([]);
});

test('a window of the person’s own browser says truly how it goes on after a restart', async ({ browser }) => {
  const data = temporaryFolder();
  let fieldbook = await startFieldbook({ data });
  const { port, origin } = fieldbook;
  const context = await browser.newContext();
  const page = await openBookPage(context, fieldbook);
  await expect(page.getByRole('main')).toBeVisible();
  await fieldbook.stop();
  const overlay = page.getByRole('alertdialog', { name: 'Fieldbook is not running' });
  await expect(overlay).toContainText(
    `open the address that it names in this browser. If that begins with ${origin} too, this window then goes on`,
  );
  fieldbook = await startFieldbook({ data, args: ['--no-open', '--port', String(port)] });
  const other = await context.newPage();
  await other.goto(fieldbook.url);
  await expect(other.getByRole('main')).toBeVisible();
  await expect(overlay, 'the first window goes on').toHaveCount(0, { timeout: 30_000 });
  await context.close();
  await fieldbook.stop();
});
