import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, type Page, test } from '@playwright/test';
import { expectNoViolations } from '../support/axe.ts';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { seeded } from '../support/seeded.ts';
import { storageSettled } from '../support/stored-rows.ts';

const addClient = (page: Page, name: string) =>
  page.evaluate(async (client) => {
    const result = await window.crm.clients.create({ name: client });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value.record.id;
  }, name);

const names = (page: Page) =>
  page.evaluate(async () => {
    const result = await window.crm.clients.list({ sort: [{ path: 'name' }] });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value.rows.map((row) => (row as { name: string }).name);
  });

const state = (page: Page) =>
  page.evaluate(async () => {
    const result = await window.crm.safety.state({});
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  });

const jobDone = (page: Page) => expect.poll(async () => (await state(page)).job?.state, { timeout: 30_000 }).toBe('done');

test('a backup is restored in the running window, and restoring what was backed up before it brings everything back', async ({
  browser,
}) => {
  const fieldbook = await startFieldbook();
  const page = await openBookPage(browser, fieldbook);
  await addClient(page, 'Monday');
  await page.evaluate(() => window.crm.safety.backUp({}));
  await jobDone(page);
  const [monday] = (await state(page)).backups;
  expect(monday).toMatchObject({ reason: 'manual', records: 1, state: 'verified' });
  await addClient(page, 'Tuesday');
  await page.getByRole('row', { name: /Tuesday/ }).waitFor();

  const restore = (name: string) => page.evaluate((backup) => window.crm.safety.restore({ backup }), name);
  expect(await restore(monday?.name ?? '')).toMatchObject({ ok: true, value: { kind: 'restore', state: 'running' } });
  await jobDone(page);
  expect(await names(page)).toEqual(['Monday']);
  await expect(page.getByRole('row', { name: /Tuesday/ }), 'the list on screen is that of the restored book').toHaveCount(0);
  await expect
    .poll(() => page.evaluate(async () => await window.crm.app.status({})))
    .toMatchObject({
      ok: true,
      value: {
        storage: 'ready',
        unapplied: 0,
        notices: [{ id: 'book-restored', text: { words: 'notices.bookRestored', values: { lost: 0, isKept: true } } }],
      },
    });

  const before = (await state(page)).backups.find(({ reason }) => reason === 'restore');
  expect(await restore(before?.name ?? '')).toMatchObject({ ok: true });
  await jobDone(page);
  expect(await names(page)).toEqual(['Monday', 'Tuesday']);
  expect(existsSync(path.join(fieldbook.data, 'restore'))).toBe(false);
  await addClient(page, 'Wednesday');
  await page.context().close();
  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
});

test('the book is backed up when Fieldbook is closed, and not twice when nothing changed', async ({ browser }) => {
  const data = temporaryFolder();
  const zips = () => readdirSync(path.join(data, 'backups')).filter((name) => name.endsWith('.zip'));
  const first = await startFieldbook({ data });
  const page = await openBookPage(browser, first);
  await addClient(page, 'Harbor');
  await page.context().close();
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  expect(zips()).toEqual([expect.stringMatching(/-1-quit\.zip$/)]);
  const second = await startFieldbook({ data });
  expect(await second.stop()).toEqual({ code: 0, signal: null });
  expect(zips()).toHaveLength(1);
  rmSync(data, { recursive: true });
});

test('the whole book goes to another laptop as one file', async ({ browser }) => {
  const office = await startFieldbook();
  const page = await openBookPage(browser, office);
  await addClient(page, 'Zürich Ångström');
  const view = { noun: 'clients' as const, name: 'North route', search: 'zurich', columns: ['name'], isPinned: true };
  expect(await page.evaluate((one) => window.crm.app.changeSettings({ views: { north: one } }), view)).toMatchObject({ ok: true });
  await page.evaluate(() => window.crm.safety.exportBook({}));
  await jobDone(page);
  const fileId = (await state(page)).job?.file?.fileId ?? '';
  const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate((id) => window.crm.files.save(id), fileId)]);
  expect(download.suggestedFilename()).toMatch(/^Fieldbook \d{4}-\d{2}-\d{2}\.zip$/);
  const file = await download.path();

  const laptop = await startFieldbook();
  const other = await openBookPage(browser, laptop);
  await addClient(other, 'Was here before');
  const taken = await other.evaluate(
    async (base64) => window.crm.files.take(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], 'book.zip')),
    readFileSync(file).toString('base64'),
  );
  const takenId = taken.ok ? taken.value.fileId : '';
  expect(await other.evaluate((id) => window.crm.safety.look({ fileId: id }), takenId)).toMatchObject({
    ok: true,
    value: { counts: { clients: 1 }, operations: 1 },
  });
  expect(await other.evaluate((id) => window.crm.safety.restore({ fileId: id }), takenId)).toMatchObject({ ok: true });
  await jobDone(other);
  expect(await names(other)).toEqual(['Zürich Ångström']);
  expect(await other.evaluate(() => window.crm.app.settings({})), 'saved views come along').toMatchObject({
    value: { views: { north: view } },
  });
  expect((await state(other)).backups).toMatchObject([{ reason: 'import', records: 1 }]);
  for (const one of [page, other]) await one.context().close();
  for (const one of [office, laptop]) await one.stop();
});

test('from the settings: back up, change, restore with a dialog that names what goes, and check', async ({ browser }) => {
  // Seven looks at what assistive programs see take a minute where others use the processors too.
  test.setTimeout(120_000);
  const fieldbook = await startFieldbook();
  const page = await openBookPage(browser, fieldbook);
  await addClient(page, 'Harbor Bakery');
  await page.goto(`${fieldbook.origin}/#/settings`);
  await page.getByRole('link', { name: 'Open backups and check' }).click();
  await expect(page.getByRole('heading', { name: 'Backups and check' })).toBeVisible();
  await expect(page.getByText('are not locked')).toBeVisible();

  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText('The book is backed up, and the backup was read back.').first()).toBeVisible();
  const backups = page.getByRole('table', { name: 'Backups' });
  await expect(backups.getByRole('row')).toHaveCount(2);
  await expect(backups).toContainText('Read back, whole');
  await addClient(page, 'Later Ltd');

  await backups.getByRole('button', { name: /^Restore the backup of/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore this backup?' });
  await expect(dialog).toContainText('in the place of your book: 1 client, deleted ones included');
  await expect(dialog).toContainText('what is in your book now: 2 clients');
  await dialog.getByRole('button', { name: 'Keep my book' }).click();
  expect(await names(page)).toEqual(['Harbor Bakery', 'Later Ltd']);
  await backups.getByRole('button', { name: /^Restore the backup of/ }).click();
  await dialog.getByRole('button', { name: 'Replace it with the backup' }).click();
  await expect(page.getByText('The backup was restored.').first()).toBeVisible();
  await expect(backups).toContainText('Before a restore');
  expect(await names(page)).toEqual(['Harbor Bakery']);

  await storageSettled(page);

  await page.getByRole('button', { name: 'Check my book' }).click();
  await expect(page.getByRole('region', { name: 'Check' })).toContainText('Everything is in order.');
  await expect(page.getByRole('region', { name: 'Check' })).toContainText('records: 1');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoViolations(page, `screen, ${colorScheme}`);
    await page.getByRole('button', { name: 'Export whole book…' }).click();
    await expectNoViolations(page, `export, ${colorScheme}`);
    await page.keyboard.press('Escape');
    await backups
      .getByRole('button', { name: /^Restore the backup of/ })
      .first()
      .click();
    await expect(dialog).toBeVisible();
    await expectNoViolations(page, `restore, ${colorScheme}`);
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  }
  await page.context().close();
  await fieldbook.stop();
});

test('the whole book is exported and imported by hand, and damage is found and mended', async ({ browser }) => {
  const fieldbook = await startFieldbook();
  const page = await openBookPage(browser, fieldbook);
  await addClient(page, 'Harbor Bakery');
  await page.goto(`${fieldbook.origin}/#/backups`);
  await page.getByRole('button', { name: 'Export whole book…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export the whole book' });
  await expect(dialog).toContainText('It holds banking data and is not locked');
  await dialog.getByRole('button', { name: 'Write the file' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the file…' }).click()]);
  const file = await download.path();
  await addClient(page, 'Later Ltd');

  const choose = async (chosen: string) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Import a book…' }).click()]);
    await chooser.setFiles({ name: 'book.zip', mimeType: 'application/zip', buffer: readFileSync(chosen) });
  };
  await choose(path.join(fieldbook.data, 'device.json'));
  await expect(page.getByText('This file is damaged or incomplete').first()).toBeVisible();
  await choose(file);
  await page.getByRole('dialog', { name: 'Import this book?' }).getByRole('button', { name: 'Replace it with this book' }).click();
  await expect(page.getByText('The book was imported.').first()).toBeVisible();
  expect(await names(page)).toEqual(['Harbor Bakery']);

  const [backup] = (await state(page)).backups;
  appendFileSync(path.join(fieldbook.data, 'backups', backup?.name ?? ''), 'x');
  await storageSettled(page);
  await page.getByRole('button', { name: 'Check my book' }).click();
  const check = page.getByRole('region', { name: 'Check' });
  await expect(check).toContainText('is damaged and cannot be restored');
  await check.getByRole('button', { name: /^Mend/ }).click();
  await expect(check).toContainText('Everything is in order.');
  expect((await state(page)).backups.map(({ name }) => name)).not.toContain(backup?.name);
  await page.context().close();
  await fieldbook.stop();
});

test('a restore that is killed at any moment leaves the book as it was, or as it will be', async ({ browser }) => {
  test.setTimeout(180_000);
  const random = seeded('restore kills');
  const data = temporaryFolder();
  let fieldbook = await startFieldbook({ data });
  let page = await openBookPage(browser, fieldbook);
  for (let at = 1; at <= 40; at += 1) await addClient(page, `Monday ${at}`);
  await page.evaluate(() => window.crm.safety.backUp({}));
  await jobDone(page);
  const backup = (await state(page)).backups[0]?.name ?? '';
  await addClient(page, 'Tuesday');
  const outcomes = { before: 0, after: 0 };
  for (let round = 0; round < 8; round += 1) {
    const inBefore = (await names(page)).includes('Tuesday');
    if (!inBefore) await addClient(page, 'Tuesday');
    await page.evaluate((name) => window.crm.safety.restore({ backup: name }), backup);
    await wait(random.below(140));
    await fieldbook.kill();
    await page.context().close();
    fieldbook = await startFieldbook({ data });
    page = await openBookPage(browser, fieldbook);
    const found = await names(page);
    const isBefore = found.includes('Tuesday');
    outcomes[isBefore ? 'before' : 'after'] += 1;
    expect(found.length, `round ${round}, seed ${random.seed}`).toBe(isBefore ? 41 : 40);
    expect(existsSync(path.join(data, 'restore')) || existsSync(path.join(data, 'restore.json')), 'nothing is left lying about').toBe(
      false,
    );
    await storageSettled(page);
    const checked = await page.evaluate(() => window.crm.safety.check({}));
    expect(checked).toMatchObject({ ok: true });
    await jobDone(page);
    expect((await state(page)).report?.findings).toEqual([]);
  }
  process.stdout.write(`restore kills: ${JSON.stringify(outcomes)}, seed ${random.seed}\n`);
  await page.context().close();
  await fieldbook.stop();
  rmSync(data, { recursive: true, maxRetries: 10 });
});
