import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, expect as base, type Page, test } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { openBookPage } from '../support/book-page.ts';
import { type RunningFieldbook, startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { serverPerson, startServer } from '../support/fieldbook-server.ts';
import { choose } from '../support/screens.ts';

/** Syncs go over a network, and a sync waits a second after a change. */
const expect = base.configure({ timeout: 30_000 });

/** Two laptops in Chromium and a server process, all of it by keyboard: connecting, a conflict, offline and back, signing out. */

interface Laptop {
  page: Page;
  fieldbook: RunningFieldbook;
  data: string;
  close(): Promise<void>;
}

async function laptop(browser: Browser): Promise<Laptop> {
  const data = temporaryFolder();
  const fieldbook = await startFieldbook({ data });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await openBookPage(context, fieldbook);
  page.setDefaultTimeout(30_000);
  await expect(page.getByRole('main')).toBeVisible();
  return {
    page,
    fieldbook,
    data,
    async close() {
      await context.close();
      await fieldbook.kill();
      rmSync(data, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

const sentence = (page: Page) => page.getByTestId('sync-sentence');
const heading = (page: Page) => page.getByRole('main').getByRole('heading', { level: 1 });

/** Keys one after the other; between them nothing has lost the focus. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expectFocus(page);
  }
}

/** Two keys that are one: they have to come quickly, so nothing is asked between them. */
async function press2(page: Page, first: string, second: string): Promise<void> {
  await page.keyboard.press(first);
  await page.keyboard.press(second);
  await expectFocus(page);
}

async function expectFocus(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body)).toBe(true);
}

async function toSync(page: Page): Promise<void> {
  // Keys of one letter are for wherever nobody types; a page that was just opened has the focus nowhere yet.
  await page.locator('#main').focus();
  await press2(page, 'g', 'y');
  await expect(page).toHaveURL(/#\/sync$/);
}

async function addClient(page: Page, fields: { name: string; email?: string; phone?: string }): Promise<string> {
  return page.evaluate(async (given) => {
    const result = await window.crm.clients.create(given);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value.record.id;
  }, fields);
}

async function changeClient(page: Page, id: string, changes: Record<string, unknown>): Promise<void> {
  await page.evaluate(
    async ([of, fields]) => {
      const result = await window.crm.clients.change({ id: of, changes: fields });
      if (!result.ok) throw new Error(JSON.stringify(result.error));
    },
    [id, changes] as const,
  );
}

async function clientOf(page: Page, id: string): Promise<Record<string, unknown>> {
  return page.evaluate(async (of) => {
    const result = await window.crm.clients.get({ id: of });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value as unknown as Record<string, unknown>; // fields by their names
  }, id);
}

/** Fills the form from the field that has the focus, which is the address. */
async function signIn(page: Page, url: string, password: string): Promise<void> {
  await expect(page.getByRole('textbox', { name: 'Address' })).toBeFocused();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(url);
  await page.getByRole('textbox', { name: 'E-mail' }).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(serverPerson.email);
  await press(page, 'Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(password);
  await press(page, 'Enter');
}

/** A network that answers every address with its own page, as hotels have. */
async function startPortal(): Promise<{ url: string; close(): Promise<void> }> {
  const portal = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'));
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
  const { port } = portal.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        portal.close(() => resolve());
        portal.closeAllConnections();
      }),
  };
}

const nothingLeft = /^Everything is on the server as of /;

/** Names of files that hold the text in a form that programs write. */
function filesWith(folder: string, text: string): string[] {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(Buffer.from(text).toString('base64'))];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(folder, name);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    const bytes = readFileSync(file);
    return forms.some((form) => bytes.includes(form));
  });
}

test('two laptops are connected by keyboard, differ, agree, go offline and come back, and the sentence is true at each step', async ({
  browser,
}) => {
  test.setTimeout(900_000);
  let server = await startServer();
  const portal = await startPortal();
  const ada = await laptop(browser);
  const bob = await laptop(browser);
  try {
    // --- Connecting, with everything that can be wrong about it.
    const harbor = await addClient(ada.page, { name: 'Harbor Bakery', email: 'office@harbor.example', phone: '(858) 555-0150' });
    await expect(sentence(ada.page)).toHaveText('This book is only on this laptop');
    await toSync(ada.page);
    await expect(ada.page.getByRole('heading', { name: 'This book is only on this laptop' })).toBeVisible();
    await expectNoViolationsInBothColours(ada.page, 'sync without a server');
    await ada.page.getByRole('link', { name: 'Connect to a server' }).focus();
    await press(ada.page, 'Enter');
    await expectNoViolationsInBothColours(ada.page, 'connect');

    const form = ada.page.getByRole('form', { name: 'Connect' });
    await signIn(ada.page, 'not an address', serverPerson.password);
    const address = ada.page.getByRole('textbox', { name: 'Address' });
    await expect(form).toContainText('This is no address of a server');
    await expect(address).toBeFocused();
    await signIn(ada.page, 'http://crm.example', serverPerson.password);
    await expect(form).toContainText('http://crm.example can be read by everybody on the way');
    await expect(address).toBeFocused();
    const closed = await startPortal();
    await closed.close();
    await signIn(ada.page, closed.url, serverPerson.password);
    await expect(form).toContainText('Nothing answers at 127.0.0.1');
    await expect(address).toBeFocused();
    await signIn(ada.page, portal.url, serverPerson.password);
    await expect(form).toContainText('This is not a Fieldbook server');
    await expect(address).toBeFocused();
    await signIn(ada.page, server.url, 'wrong password here');
    await expect(form).toContainText('does not know this e-mail with this password');
    await expect(ada.page.getByLabel('Password', { exact: true })).toBeFocused();
    await expectNoViolationsInBothColours(ada.page, 'connect with a wrong password');
    await expect(sentence(ada.page)).toHaveText('This book is only on this laptop');

    await address.focus();
    await signIn(ada.page, server.url, serverPerson.password);
    // --- What would go and come, before anything does.
    const title = ada.page.getByRole('heading', { level: 2, name: /would go/ });
    await expect(title).toBeFocused();
    await expect(title).toContainText('1 record would go');
    await expect(sentence(ada.page)).toHaveText('This book is only on this laptop');
    await expectNoViolationsInBothColours(ada.page, 'rehearsal');
    await press(ada.page, 'Control+Enter');
    await expect(ada.page).toHaveURL(/#\/sync$/);
    await expect(sentence(ada.page)).toHaveText(nothingLeft);
    await expect(heading(ada.page)).toHaveText(nothingLeft);
    await expectFocus(ada.page);
    await expectNoViolationsInBothColours(ada.page, 'sync, everything sent');
    expect(filesWith(ada.data, serverPerson.password), 'the password is kept nowhere').toEqual([]);

    // --- The other laptop has the same client under another id: it becomes one before anything is sent.
    const double = await addClient(bob.page, { name: 'Harbor Bakery', email: 'office@harbor.example' });
    await toSync(bob.page);
    await bob.page.getByRole('link', { name: 'Connect to a server' }).focus();
    await press(bob.page, 'Enter');
    await signIn(bob.page, server.url, serverPerson.password);
    const pairs = bob.page.getByRole('region', { name: 'May be the same' });
    await expect(pairs).toContainText('the same e-mail');
    await expect(bob.page.getByRole('button', { name: 'Connect: 1 to decide first' })).toBeDisabled();
    await expectNoViolationsInBothColours(bob.page, 'rehearsal with a pair');
    await pairs.getByRole('radio', { name: '?' }).focus();
    await press(bob.page, 'ArrowRight');
    await expect(bob.page.getByRole('button', { name: /^Connect/ })).toBeFocused();
    await press(bob.page, 'Enter');
    await expect(sentence(bob.page)).toHaveText(nothingLeft);
    expect(await clientOf(bob.page, double)).toMatchObject({ id: harbor, name: 'Harbor Bakery', phone: '(858) 555-0150' });

    // --- Both change one field without seeing each other.
    for (const { page } of [ada, bob]) {
      await toSync(page);
      await page.getByRole('switch', { name: 'Work offline' }).focus();
      await press(page, 'Space');
      await expect(sentence(page)).toContainText('Offline. Your work is safe on this laptop');
    }
    await changeClient(ada.page, harbor, { phone: '(858) 555-0151' });
    await expect(sentence(ada.page)).toHaveText(/^Offline\. Your work is safe on this laptop\. 1 change waits, the oldest since /);
    await changeClient(bob.page, harbor, { phone: '(858) 555-0157', notes: 'Ask for Grace' });
    const waiting = bob.page.getByRole('region', { name: 'Needs you and waits' });
    await expect(waiting).toContainText('Harbor Bakery');
    await expect(waiting).toContainText(/phone/);
    await expect(waiting).toContainText(/notes/);
    await expect(waiting).toContainText('Waits until "Work offline" is switched off');
    await expectNoViolationsInBothColours(bob.page, 'sync, offline, with what waits');
    await ada.page.getByRole('switch', { name: 'Work offline' }).focus();
    await press(ada.page, 'Space');
    await expect(sentence(ada.page)).toHaveText(nothingLeft);
    await bob.page.getByRole('switch', { name: 'Work offline' }).focus();
    await press(bob.page, 'Space');
    await expect(sentence(bob.page)).toHaveText(/^1 conflict needs you/);
    const conflict = bob.page.getByRole('article', { name: 'Conflict: Harbor Bakery' });
    await expect(conflict).toContainText('(858) 555-0157');
    await expect(conflict).toContainText('(858) 555-0151');
    await expect(conflict.getByRole('button', { name: 'Phone: take this laptop’s value' })).toHaveAttribute('aria-pressed', 'true');
    await expectNoViolationsInBothColours(bob.page, 'a conflict');

    // --- One key takes the other value; undo opens it again.
    await conflict.getByRole('button', { name: 'Phone: take this laptop’s value' }).focus();
    await press(bob.page, 'ArrowRight');
    await expect(conflict).toHaveCount(0);
    expect(await clientOf(bob.page, harbor)).toMatchObject({ phone: '(858) 555-0151', notes: 'Ask for Grace' });
    await expect(sentence(bob.page)).not.toContainText('conflict');
    await press(bob.page, 'Control+z');
    await expect(conflict).toBeVisible();
    await expect(sentence(bob.page)).toContainText('1 conflict needs you');
    expect(await clientOf(bob.page, harbor)).toMatchObject({ phone: '(858) 555-0157' });
    await conflict.getByRole('button', { name: 'Phone: take this laptop’s value' }).focus();
    await press(bob.page, 'ArrowRight');
    await expect(sentence(bob.page)).toHaveText(nothingLeft);
    await toSync(ada.page);
    await press(ada.page, 's');
    await expect.poll(() => clientOf(ada.page, harbor)).toMatchObject({ phone: '(858) 555-0151', notes: 'Ask for Grace' });

    // --- The server is away: said, marked on the record, filtered, and gone when it is back.
    await server.kill();
    await changeClient(ada.page, harbor, { phone: '(858) 555-0199' });
    await expect(sentence(ada.page)).toHaveText(/^Offline\. Your work is safe on this laptop\. 1 change waits, the oldest since /, {
      timeout: 60_000,
    });
    await addClient(ada.page, { name: 'Maple Grove Farms' });
    await expect(sentence(ada.page)).toHaveText(/2 changes wait/);
    await press2(ada.page, 'g', 'c');
    await expect(ada.page.getByRole('row', { name: /Maple Grove/ }).getByRole('img', { name: 'Not sent yet' })).toBeVisible();
    await ada.page.getByRole('row', { name: /Harbor Bakery/ }).click();
    await expect(ada.page.getByRole('link', { name: 'Not sent yet' })).toBeVisible();
    await expect(ada.page.locator('[data-field="phone"]').getByRole('img', { name: 'Not sent yet' })).toBeVisible();
    await expect(ada.page.locator('[data-field="email"]').getByRole('img', { name: 'Not sent yet' })).toHaveCount(0);
    await expectNoViolationsInBothColours(ada.page, 'marks');
    server = await startServer({ data: server.data, port: server.port });
    await ada.page.getByRole('button', { name: 'Not sent yet' }).focus();
    await press(ada.page, 'Enter');
    await toSync(ada.page);
    await press(ada.page, 's');
    await expect(sentence(ada.page)).toHaveText(nothingLeft, { timeout: 60_000 });
    await press2(ada.page, 'g', 'c');
    await expect(ada.page.getByRole('img', { name: 'Not sent yet' })).toHaveCount(0);

    // --- Receipts are kept, found, and taken along.
    await toSync(ada.page);
    await ada.page.getByRole('link', { name: /^All \d/ }).focus();
    await press(ada.page, 'Enter');
    await expect(heading(ada.page)).toHaveText('Receipts');
    await ada.page.getByRole('textbox', { name: 'Search receipts' }).fill('nothing answers');
    await expect(ada.page.getByText(/^[1-9] receipts?$/)).toBeVisible();
    await expect(ada.page.getByText('failed').first()).toBeVisible();
    await expectNoViolationsInBothColours(ada.page, 'receipts');
    await ada.page.getByRole('textbox', { name: 'Search receipts' }).fill('');
    const download = ada.page.waitForEvent('download');
    await ada.page.getByRole('button', { name: 'Export as CSV' }).focus();
    await press(ada.page, 'Enter');
    const csv = readFileSync(await (await download).path(), 'utf8');
    expect(csv).toMatch(/^\uFEFFEnded,Server,Address,/);
    expect(csv).toContain('Fieldbook server');

    // --- The devices of this person: the other one is signed out, and says so.
    await toSync(ada.page);
    await ada.page.getByRole('button', { name: /^More for Fieldbook server/ }).focus();
    await press(ada.page, 'Enter');
    await choose(ada.page, /^Your devices/);
    const devices = ada.page.getByRole('dialog', { name: /^Your devices/ });
    await expect(devices.getByRole('listitem')).toHaveCount(2);
    await expect(devices).toContainText('(this laptop)');
    await expectNoViolationsInBothColours(ada.page, 'devices');
    await devices.getByRole('button', { name: /^Sign out/ }).focus();
    await press(ada.page, 'Enter');
    await expect(devices.getByRole('listitem')).toHaveCount(1);
    await press(ada.page, 'Escape');
    await toSync(bob.page);
    await press(bob.page, 's');
    await expect(sentence(bob.page)).toContainText('not signed in');

    // --- Signing out drops nothing that is not sent.
    await bob.page.getByRole('switch', { name: 'Work offline' }).focus();
    await changeClient(bob.page, harbor, { notes: 'Ask for Mei' });
    await expect(sentence(bob.page)).toContainText('1 change waits');
    await bob.page.getByRole('button', { name: /^More for Fieldbook server/ }).focus();
    await press(bob.page, 'Enter');
    await choose(bob.page, /^Sign out of this laptop/);
    const dialog = bob.page.getByRole('dialog', { name: /^Sign out of / });
    await expect(dialog).toContainText('1 change is not on the server yet');
    await dialog.getByRole('radio', { name: 'What the server has leaves this laptop' }).focus();
    await press(bob.page, 'Space');
    await expect(dialog.getByRole('button', { name: 'Sign out' })).toBeDisabled();
    await expectNoViolationsInBothColours(bob.page, 'signing out');
    await dialog.getByRole('checkbox', { name: /stays here/ }).focus();
    await press(bob.page, 'Space');
    await dialog.getByRole('button', { name: 'Sign out' }).focus();
    await press(bob.page, 'Enter');
    await expect(sentence(bob.page)).toHaveText('This book is only on this laptop');
    expect(await clientOf(bob.page, harbor)).toMatchObject({ notes: 'Ask for Mei' });
    const clients = await bob.page.evaluate(() => window.crm.app.counts({}));
    expect(clients.ok && clients.value.clients, 'what the server had is gone, what was not sent is here').toBe(1);
  } finally {
    await ada.close();
    await bob.close();
    await portal.close();
    await server.remove();
  }
});
