import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectNoViolations } from '../support/axe.ts';
import { announced, choose, expect, list, names, test } from '../support/screens.ts';

const entry = (page: Page) => page.getByRole('form', { name: 'Log something' });
const items = (page: Page) => page.getByRole('tabpanel').getByRole('listitem');

async function openFirst(page: Page): Promise<void> {
  await list(page).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Harbor Bakery', level: 2 })).toBeVisible();
}

test('is logged from the keyboard, edited, deleted and brought back, and moves the last contact', async ({ book }) => {
  test.slow();
  const { page } = book;
  const [clientId = ''] = await book.addClients([{ name: 'Harbor Bakery' }]);
  const contactId = await book.addContact({ clientId, firstName: 'Grace', lastName: 'Hopper' });
  await page.evaluate(
    (id) =>
      window.crm.activities.create({
        kind: 'visit',
        about: 'contacts',
        aboutId: id,
        body: 'Met at the fair',
        occurredAt: '2020-05-03T10:00:00.000Z',
      }),
    contactId,
  );
  await openFirst(page);
  await expect(page.getByRole('tab', { name: 'Activity 1' })).toBeVisible();

  await page.keyboard.press('l');
  await expect(entry(page).getByRole('textbox', { name: 'About the call' })).toBeFocused();
  await page.keyboard.type('Wants rye by Friday');
  await page.keyboard.press('Control+Enter');
  await expect(announced(page)).toContainText('Call logged.');
  await expect(items(page)).toHaveCount(2);
  await expect(items(page).first()).toContainText('Wants rye by Friday');
  await expect(items(page).last()).toContainText('on contact Grace Hopper');
  await expect(page.getByRole('tab', { name: 'Activity 2' })).toBeVisible();
  const days = await page.evaluate((id) => window.crm.clients.get({ id }), clientId);
  expect(days).toMatchObject({ ok: true, value: { firstContactDate: '2020-05-03', daysSinceLastContact: 0 } });

  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('a comment says something', { exact: false })).toBeVisible();
  await page.keyboard.type('Half a though');
  await page.reload();
  await expect(entry(page).getByRole('textbox', { name: 'Comment' }), 'what was typed outlives a crash').toHaveValue('Half a though');
  await entry(page).getByRole('textbox', { name: 'Comment' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.type('t\nof two lines');
  await page.keyboard.press('Control+Enter');
  await expect(items(page)).toHaveCount(3);
  await expectNoViolations(page, 'activity of a client');

  await page.getByRole('button', { name: 'More for Comment: Half a thought' }).press('Enter');
  await choose(page, 'Edit');
  const editing = page.getByRole('form', { name: 'Edit Comment: Half a thought' });
  await editing.getByRole('textbox', { name: 'Comment' }).fill('A whole thought');
  await page.keyboard.press('Control+Enter');
  await expect(items(page).first()).toContainText('A whole thought');
  await page.getByRole('button', { name: 'More for Comment: A whole thought' }).press('Enter');
  await choose(page, 'Delete');
  await expect(items(page)).toHaveCount(2);
  // The list is there before the words are: until then the toast offers to undo what was done before.
  await page
    .getByRole('alert')
    .filter({ hasText: /deleted/i })
    .getByRole('button', { name: 'Undo' })
    .press('Enter');
  await expect(items(page)).toHaveCount(3);

  const again = await book.restart();
  await again.keyboard.press('g');
  await again.keyboard.press('a');
  await expect(names(again)).toHaveText(['Comment: A whole thought', 'Call: Wants rye by Friday', 'Visit: Met at the fair']);
  await expectNoViolations(again, 'all activity');
});

test('takes files, gives them back as they were, and asks before it opens a program', async ({ book }, testInfo) => {
  const { page } = book;
  await book.addClients([{ name: 'Harbor Bakery' }]);
  await openFirst(page);
  await page.getByRole('tab', { name: 'Activity' }).click();
  const offer = join(testInfo.outputDir, 'Offer März.txt');
  await mkdir(testInfo.outputDir, { recursive: true });
  await writeFile(offer, 'an offer');
  await page.getByTestId('attach-file').setInputFiles(offer);
  await expect(announced(page)).toContainText('Offer März.txt attached.');

  // Dropped on the tab a file is attached; anywhere else it would go to the import.
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['MZ\u0000program'], 'setup.exe'));
    return transfer;
  });
  await page.locator('[data-takes-files]').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(items(page)).toHaveCount(2);
  await expect(page).not.toHaveURL(/import/);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Open Offer März.txt' }).press('Enter');
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('Offer März.txt');
  expect(await readFile(await saved.path(), 'utf8')).toBe('an offer');

  const headers = await page.evaluate(async () => {
    const { rows } = await window.crm.activities.list({ search: 'setup' }).then((result) => (result.ok ? result.value : { rows: [] }));
    const answer = await fetch(`/files/attachment.${rows[0]?.id ?? ''}`, { method: 'HEAD' });
    return Object.fromEntries(answer.headers);
  });
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': expect.stringMatching(/^attachment;/),
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
  });

  await page.getByRole('button', { name: 'Open setup.exe' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Open this file?' });
  await expect(dialog).toContainText('setup.exe');
  await expectNoViolations(page, 'a file that may be a program');
  await page.keyboard.press('Enter');
  await expect(dialog, 'the answer that is nearest does nothing').toBeHidden();
  await page.getByRole('button', { name: 'Open setup.exe' }).press('Enter');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Harbor Bakery', level: 2 }), 'Esc closes the question and not the record').toBeVisible();
  await page.getByRole('button', { name: 'Open setup.exe' }).press('Enter');
  const risky = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Open anyway' }).press('Enter');
  expect((await risky).suggestedFilename()).toBe('setup.exe');
});

test('files belong to the note that is being written: they wait with it, are saved with it, and go with it', async ({ book }) => {
  test.slow();
  const { page } = book;
  await book.addClients([{ name: 'Harbor Bakery' }]);
  await openFirst(page);
  await page.keyboard.press('c');
  await page.keyboard.type('The new sign');
  const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`content of ${name}`) });
  await page.getByTestId('attach-file').setInputFiles([file('front.txt'), file('back.txt')]);
  const waiting = entry(page).getByRole('list', { name: 'Files of this entry' });
  await expect(waiting.getByRole('listitem')).toHaveText(['front.txt', 'back.txt']);
  await expect(page.getByText('Nothing logged yet'), 'nothing is logged before the note is').toBeVisible();
  await page.reload();
  await expect(waiting.getByRole('listitem'), 'they outlive a crash, as the text does').toHaveText(['front.txt', 'back.txt']);
  await waiting.getByRole('button', { name: 'Leave out back.txt' }).press('Enter');
  await expect(entry(page).getByRole('textbox', { name: 'Comment' })).toBeFocused();
  await expectNoViolations(page, 'a note with a file');
  await page.keyboard.press('Control+Enter');
  const files = page.getByRole('list', { name: 'Files of Comment: The new sign' });
  await expect(files.getByRole('button', { name: 'Open front.txt' })).toBeVisible();
  await expect(waiting).toHaveCount(0);
  const held = await page.evaluate(async () => {
    const result = await window.crm.activities.list({});
    return result.ok ? result.value.rows.map(({ kind, fileName, noteId, id }) => ({ kind, fileName, noteId, id })) : [];
  });
  const note = held.find(({ kind }) => kind === 'comment');
  expect(held.filter(({ kind }) => kind === 'attachment')).toEqual([expect.objectContaining({ fileName: 'front.txt', noteId: note?.id })]);

  await page.getByRole('button', { name: 'More for Comment: The new sign' }).press('Enter');
  await choose(page, 'Delete');
  await expect(page.getByText('Nothing logged yet')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(files.getByRole('button', { name: 'Open front.txt' })).toBeVisible();
});
