import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { expectNoViolations } from '../support/axe.ts';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { answer, decoded, headersOf, mailPassword, mailUser, startMailServer } from '../support/mail-server.ts';

/** Names of the files that hold the text, as UTF-8 or as UTF-16, in which browsers write too. */
function filesWith(folder: string, text: string): string[] {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(Buffer.from(text).toString('base64'))];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(folder, name);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    const bytes = readFileSync(file);
    return forms.some((form) => bytes.includes(form));
  });
}

const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function go(page: Page, keys: string): Promise<void> {
  for (const key of keys.split(' ')) await page.keyboard.press(key);
}

test('an e-mail is written, waits for an account, leaves, fails, is mended, and is told truthfully after a power cut', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const mails = await startMailServer();
  const data = temporaryFolder();
  let fieldbook = await startFieldbook({ data });
  try {
    let page = await openBookPage(browser, fieldbook);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(10_000);
    await page.evaluate(async () => {
      const client = await window.crm.clients.create({ name: 'Harbor Bakery', email: 'office@bakery.example' });
      if (!client.ok) throw new Error(JSON.stringify(client.error));
      await window.crm.contacts.create({ clientId: client.value.record.id, firstName: 'Grace', email: 'grace@bakery.example' });
    });
    await page.getByRole('row', { name: /Harbor Bakery/ }).click();
    await expect(page.getByRole('heading', { name: 'Harbor Bakery' })).toBeVisible();

    // Without an account, by keyboard.
    await page.getByRole('heading', { name: 'Harbor Bakery' }).focus();
    await page.keyboard.press('m');
    const dialog = page.getByRole('dialog', { name: 'E-mail on Harbor Bakery' });
    await expect(dialog.getByRole('textbox', { name: 'Subject' })).toBeFocused();
    await page.keyboard.type('Grüße aus der Bäckerei');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Dear Grace,\nhere is <our> offer.');
    await expect(dialog.getByText('There is no mail account yet')).toBeVisible();
    await expectNoViolations(page, 'writing an e-mail');

    // What was typed survives the page.
    await page.reload();
    await page.getByRole('heading', { name: 'Harbor Bakery' }).focus();
    await page.keyboard.press('m');
    await expect(dialog.getByRole('textbox', { name: 'Message' })).toHaveValue('Dear Grace,\nhere is <our> offer.');
    await dialog.getByRole('combobox', { name: 'To' }).focus();
    await page.keyboard.type('grace');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('grace@bakery.example')).toBeVisible();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByTestId('announcer')).toContainText('The e-mail waits in the outbox until there is a mail account.');
    await page.getByRole('heading', { name: 'Harbor Bakery' }).focus();
    await go(page, 'g m');
    await expect(page.getByRole('heading', { name: 'Outbox' })).toBeVisible();
    await expect(part(page, 'Waiting')).toContainText('Grüße aus der Bäckerei');
    await expect(page.getByText('Nothing leaves at the moment')).toBeVisible();
    await expectNoViolations(page, 'outbox without an account');

    // The account.
    await page.getByRole('link', { name: 'Open settings' }).click();
    const account = page.getByRole('form', { name: 'Mail account' });
    await account.getByRole('textbox', { name: 'Your name in e-mails' }).fill('Ada');
    await account.getByRole('textbox', { name: 'Your e-mail address' }).fill(mailUser);
    await account.getByRole('textbox', { name: 'Mail server' }).fill('mail.example.com');
    await account.getByRole('combobox', { name: 'Encryption' }).click();
    await page.getByRole('option', { name: 'None', exact: true }).click();
    // A list that closes gives the focus back a moment later: whoever types sees it closed first.
    await expect(page.getByRole('listbox')).toBeHidden();
    await expect(account.getByRole('combobox', { name: 'Encryption' })).toBeFocused();
    await account.getByRole('textbox', { name: 'Port' }).fill(String(mails.port));
    await account.getByRole('textbox', { name: 'User name' }).fill(mailUser);
    await account.getByLabel('Password', { exact: true }).fill(mailPassword);
    await page.keyboard.press('Enter');
    await expect(account.getByText('Without encryption mail may only go to a server on this computer.')).toBeVisible();
    await account.getByRole('textbox', { name: 'Mail server' }).fill('127.0.0.1');
    await page.keyboard.press('Enter');
    await account.getByRole('textbox', { name: 'Test message to' }).fill('ada@fieldbook.example');
    await account.getByRole('button', { name: 'Send a test message' }).click();
    await expect(account.getByText('The mail server took a test message to ada@fieldbook.example.')).toBeVisible();
    await expectNoViolations(page, 'the mail account');

    await expect.poll(() => mails.mails.length).toBe(2);
    const mail = mails.mails.find(({ to }) => to.includes('grace@bakery.example'));
    expect(mail?.to).toEqual(['office@bakery.example', 'grace@bakery.example']);
    expect(decoded(new Map(headersOf(mail?.raw ?? '')).get('Subject') ?? '')).toBe('Grüße aus der Bäckerei');
    expect(mail?.raw).toContain('&lt;our&gt;');
    await page.getByRole('link', { name: 'Outbox' }).click();
    await expect(part(page, 'Sent')).toContainText('Grüße aus der Bäckerei');

    // Refused for good: told at the outbox and in the navigation, and mended.
    mails.onRecipient = (address) => {
      if (address === 'grcae@bakery.example') throw answer(550, 'No such user here');
    };
    await page.getByRole('link', { name: 'Harbor Bakery' }).first().click();
    await page.getByRole('button', { name: 'More for this client' }).click();
    await page.getByRole('menuitem', { name: /Write e-mail/ }).click();
    await dialog.getByRole('textbox', { name: 'Subject' }).fill('Second offer');
    await dialog.getByRole('combobox', { name: 'To' }).focus();
    await page.keyboard.press('Backspace');
    await dialog.getByRole('combobox', { name: 'To' }).fill('grcae@bakery.example');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('link', { name: 'Outbox 1 not sent or not known to be' })).toBeVisible();
    await page.getByRole('link', { name: /^Outbox/ }).click();
    await expect(part(page, 'Not sent')).toContainText('refuses the recipient');
    await expectNoViolations(page, 'outbox with a failed e-mail');
    await part(page, 'Not sent').getByRole('button', { name: 'Edit: Second offer' }).click();
    const again = page.getByRole('dialog', { name: 'E-mail' });
    await again.getByRole('combobox', { name: 'To' }).focus();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('grace@bakery.example');

    // The power fails while the server has the message and has not answered.
    const { promise: hasMessage, resolve } = Promise.withResolvers<void>();
    mails.onMail = () => {
      resolve();
      return new Promise(() => undefined);
    };
    await page.keyboard.press('Control+Enter');
    await hasMessage;
    expect(filesWith(data, mailPassword), 'while it runs').toEqual([]);
    await fieldbook.kill();
    mails.cut();
    const before = mails.connections;
    fieldbook = await startFieldbook({ data });
    page = await openBookPage(browser, fieldbook, '/#/outbox');
    page.setDefaultTimeout(10_000);
    await expect(part(page, 'May have been sent')).toContainText('Second offer');
    await expect(page.getByRole('link', { name: 'Outbox 1 not sent or not known to be' })).toBeVisible();
    await expectNoViolations(page, 'outbox after a power cut');
    expect(mails.connections, 'nothing was sent again by itself').toBe(before);
    mails.onMail = () => undefined;
    await part(page, 'May have been sent').getByRole('button', { name: 'Send again: Second offer' }).click();
    await expect(part(page, 'Sent')).toContainText('Second offer');
    expect(mails.mails.at(-1)?.to).toEqual(['grace@bakery.example']);
    await expect(page.getByRole('link', { name: 'Outbox', exact: true })).toBeVisible();

    // One for later is taken back.
    await page.getByRole('link', { name: 'Harbor Bakery' }).first().click();
    await page.getByRole('button', { name: 'More for this client' }).click();
    await page.getByRole('menuitem', { name: /Write e-mail/ }).click();
    const later = page.getByRole('dialog', { name: 'E-mail on Harbor Bakery' });
    await later.getByRole('textbox', { name: 'Subject' }).fill('For tomorrow');
    await later.getByText('Send later').click();
    await expect(later.getByLabel('Day and time it leaves')).toHaveValue(/T09:00$/);
    await later.getByRole('button', { name: /Schedule/ }).click();
    await page.getByRole('link', { name: 'Outbox' }).click();
    await expect(part(page, 'Waiting')).toContainText('leaves');
    await part(page, 'Waiting').getByRole('button', { name: 'Take back: For tomorrow' }).click();
    await expect(part(page, 'Drafts')).toContainText('For tomorrow');

    expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
    expect(filesWith(data, mailPassword), 'after it has closed').toEqual([]);
    expect(filesWith(data, mailUser), 'the search through files finds what is there').toContain('mail-account.json');
  } finally {
    await mails.close();
    await fieldbook.kill().catch(() => undefined);
    rmSync(data, { recursive: true, force: true, maxRetries: 10 });
  }
});
