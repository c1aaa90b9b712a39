import { rmSync } from 'node:fs';
import { type Browser, expect as base, type Page, test } from '@playwright/test';
import { programsStandIn } from '../remotes/support/programs.stand-in.ts';
import { type Faulted, noTrouble, serve, type Served, type StandIn } from '../remotes/support/stand-in.ts';
import { summitStandIn } from '../remotes/support/summit.stand-in.ts';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';

/**
 * One book and two systems that were there before it, in Chromium and by keyboard: connected one after the other, edited on
 * all three sides, one of them failing, one value changed twice, and one that lost most of what it had.
 */
const expect = base.configure({ timeout: 60_000 });

const sentence = (page: Page) => page.getByTestId('sync-sentence');
const inStep = /^Everything is on the server as of /;

interface System {
  standIn: StandIn;
  faulted: Faulted;
  served: Served;
}

async function systemOf(standIn: StandIn): Promise<System> {
  const faulted = noTrouble();
  return { standIn, faulted, served: await serve(standIn, faulted) };
}

async function bookIn(browser: Browser): Promise<{ page: Page; close(): Promise<void> }> {
  const data = temporaryFolder();
  const fieldbook = await startFieldbook({ data });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await openBookPage(context, fieldbook);
  page.setDefaultTimeout(30_000);
  await expect(page.getByRole('main')).toBeVisible();
  return {
    page,
    async close() {
      await context.close();
      await fieldbook.kill();
      rmSync(data, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function call<T>(page: Page, noun: 'clients', method: 'create' | 'change' | 'list', input: object): Promise<T> {
  return page.evaluate(
    async ([of, name, given]) => {
      const api = window.crm[of] as unknown as Record<string, (input: object) => Promise<{ ok: boolean; value: unknown }>>; // by name
      const result = await api[name]?.(given);
      if (result?.ok !== true) throw new Error(JSON.stringify(result));
      return result.value as never;
    },
    [noun, method, input] as const,
  );
}

const clientsIn = async (page: Page) =>
  (
    await call<{ rows: { id: string; name: string; phone: string | null; isActive: boolean }[] }>(page, 'clients', 'list', {
      offset: 0,
      limit: 100,
    })
  ).rows;
const namesIn = async (page: Page) => (await clientsIn(page)).map(({ name }) => name).toSorted();
const namesAt = ({ standIn }: System, kind: string) =>
  standIn
    .rows(kind)
    .map((row) => String(row['name']))
    .toSorted();

async function toSync(page: Page): Promise<void> {
  await page.locator('#main').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('y');
  await expect(page).toHaveURL(/#\/sync$/);
}

/** The form by keyboard: kind, address, token. */
async function look(page: Page, kind: string, url: string, token: string): Promise<void> {
  const select = page.getByRole('combobox', { name: 'Kind of server' });
  await select.focus();
  await page.keyboard.type(kind);
  await expect(select.locator('option:checked')).toHaveText(kind);
  await page.getByRole('textbox', { name: 'Address' }).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(url);
  await page.getByLabel('Token', { exact: true }).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');
}

test.describe.configure({ timeout: 300_000 });

test('a book is kept equal with two systems at once, also while one of them fails', async ({ browser }) => {
  const [summit, programs] = [await systemOf(summitStandIn()), await systemOf(programsStandIn())];
  const { page, close } = await bookIn(browser);
  const [harbor, maple, mill, river] = ['Harbor Bakery', 'Maple Grove Farms', 'Old Mill Cafe', 'Riverside Clinic'];
  try {
    for (const name of [harbor, maple]) summit.standIn.add('clients', { name });
    programs.standIn.add('client', { name: mill });
    await call(page, 'clients', 'create', { name: river, website: 'https://riverside.example' });

    // --- Another system than was chosen: said, and nothing sent.
    await toSync(page);
    await page.getByRole('link', { name: 'Connect to a server' }).press('Enter');
    const form = page.getByRole('form', { name: 'Connect' });
    await look(page, 'Programs', summit.served.url, 'token');
    await expect(form).toContainText('It is Summit that answers at this address, and not Programs. Nothing was sent.');
    const offer = page.getByRole('button', { name: 'It is Summit: go on with that' });
    await expect(offer).toBeFocused();
    expect(namesAt(summit, 'clients')).toEqual([harbor, maple]);
    await expectNoViolationsInBothColours(page, 'connect to another system than was chosen');

    // --- What would go and come, and what this system cannot do, before anything does.
    await offer.press('Enter');
    const title = page.getByRole('heading', { level: 2, name: /would go/ });
    await expect(title).toBeFocused();
    await expect(title).toHaveText('1 record would go, 2 would come');
    const table = page.getByRole('table', { name: /keeps equal with this book/ });
    await expect(table.getByRole('row', { name: /^Clients/ })).toContainText('YesYesYesYes12');
    await expect(page.getByRole('region', { name: 'Good to know' })).toContainText('An address is one text.');
    await expect(page.getByRole('region', { name: 'Stays in this book' })).toContainText(
      'Website (1): Summit has no place for it. It stays in this book.',
    );
    expect(namesAt(summit, 'clients')).toHaveLength(2);
    await expectNoViolationsInBothColours(page, 'rehearsal with Summit');
    await page.keyboard.press('Control+Enter');
    await expect(page).toHaveURL(/#\/sync$/);
    await expect(sentence(page)).toHaveText(inStep);
    expect(await namesIn(page)).toEqual([harbor, maple, river]);
    expect(namesAt(summit, 'clients')).toEqual([harbor, maple, river]);

    // --- What Summit has no place for is marked on the record, where it stays.
    const marked = page.getByRole('img', { name: 'Summit has no place for it. It stays in this book.' });
    await page.goto(page.url().replace(/#.*/, `#/clients/${(await clientsIn(page)).find(({ name }) => name === river)?.id ?? ''}`));
    await expect(page.getByText('Partly in this book only')).toBeVisible();
    await expect(marked).toHaveCount(1);
    await expectNoViolationsInBothColours(page, 'a record that Summit stores in part');
    await toSync(page);

    // --- The second one; what comes from it goes on to the first.
    await page.getByRole('link', { name: 'Connect another' }).press('Enter');
    await look(page, 'Programs', programs.served.url, 'token');
    await expect(title).toHaveText('3 records would go, 1 would come');
    // --- What is brought is chosen: a kind goes with what hangs on it, and comes with what it hangs on.
    const box = (name: string) => table.getByRole('checkbox', { name, exact: true });
    await box('Locations').press('Space');
    await expect(box('Locations')).not.toBeChecked();
    await expect(box('Own prices')).not.toBeChecked();
    await expect(box('Clients')).toBeChecked();
    await expectNoViolationsInBothColours(page, 'rehearsal with Programs, some kinds taken out');
    await page.keyboard.press('Control+Enter');
    await expect(page).toHaveURL(/#\/sync$/);
    const all = [harbor, maple, mill, river];
    await expect.poll(() => namesAt(programs, 'client'), { timeout: 60_000 }).toEqual(all);
    await expect.poll(() => namesAt(summit, 'clients'), { timeout: 60_000 }).toEqual(all);
    expect(await namesIn(page)).toEqual(all);
    await expect(sentence(page)).toHaveText(inStep);

    // --- Edited on all sides while Summit does not answer: the other one goes on, and the sentence tells the truth.
    summit.faulted.trouble = () => ({ kind: 'status', status: 500 });
    const clients = await clientsIn(page);
    const idHere = (name: string) => clients.find((one) => one.name === name)?.id ?? '';
    await call(page, 'clients', 'change', { id: idHere(harbor), changes: { name: 'Harbor Bakery and Sons', phone: '858-555-0150' } });
    programs.standIn.edit('client', idAt(programs, 'client', maple), { is_active: false });
    summit.standIn.edit('clients', idAt(summit, 'clients', harbor), { phone: '858-555-0199' });
    await expect.poll(() => namesAt(programs, 'client'), { timeout: 60_000 }).toContain('Harbor Bakery and Sons');
    await expect.poll(async () => (await clientsIn(page)).find(({ name }) => name === maple)?.isActive, { timeout: 60_000 }).toBe(false);
    expect(namesAt(summit, 'clients')).not.toContain('Harbor Bakery and Sons');
    await expect(sentence(page)).not.toHaveText(inStep);
    await expect(page.getByRole('complementary', { name: 'Servers and receipts' })).toContainText('Not reached at');

    // --- It is back: the name goes there, and the phone was changed twice. One key takes the other value.
    summit.faulted.trouble = () => null;
    await toSync(page);
    await page.keyboard.press('s');
    const conflict = page.getByRole('article', { name: 'Conflict: Harbor Bakery and Sons' });
    await expect(conflict).toContainText('858-555-0150');
    await expect(conflict).toContainText('858-555-0199');
    await expect(sentence(page)).toHaveText(/1 conflict needs you/);
    await expect.poll(() => namesAt(summit, 'clients')).toContain('Harbor Bakery and Sons');
    await expectNoViolationsInBothColours(page, 'a conflict with Summit');
    const marks = await page.evaluate(async (id) => {
      const result = await window.crm.sync.marks({ noun: 'clients', ids: [id] });
      return result.ok ? result.value.marks : [];
    }, idHere(harbor));
    // Summit has another phone, and Programs has no place for one.
    const stays = { field: 'phone', mark: 'stays', says: 'Programs has no place for it. It stays in this book.' };
    expect(marks).toEqual([{ id: idHere(harbor), mark: 'conflict', fields: [{ field: 'phone', mark: 'conflict', says: null }, stays] }]);
    const phoneHere = async () => (await clientsIn(page)).find(({ id }) => id === idHere(harbor))?.phone;
    const before = await phoneHere();
    const [arrow, other] = before === '858-555-0150' ? ['ArrowRight', '858-555-0199'] : ['ArrowLeft', '858-555-0150'];
    await conflict.locator('[data-stands]').focus();
    await page.keyboard.press(arrow);
    await expect(conflict).toHaveCount(0);
    expect(await phoneHere()).toBe(other);
    await page.keyboard.press('Control+z');
    await expect.poll(phoneHere).toBe(before);
    await expect.poll(() => summit.standIn.rows('clients').map((row) => row['phone']), { timeout: 60_000 }).toContain(before);
    await expect(sentence(page)).toHaveText(inStep);

    // --- Most of Summit is gone: it stops and asks; only a person's word deletes.
    for (const name of [maple, mill, river]) summit.standIn.remove('clients', idAt(summit, 'clients', name));
    await page.keyboard.press('s');
    const stopped = page.getByRole('article', { name: 'Stopped: Summit' });
    await expect(stopped).toContainText('Nothing was deleted here and nothing was sent');
    expect(await namesIn(page)).toHaveLength(4);
    await expect(sentence(page)).not.toHaveText(inStep);
    await expectNoViolationsInBothColours(page, 'most of Summit is gone');
    await stopped.getByRole('button').press('Enter');
    await expect.poll(() => namesIn(page)).toEqual(['Harbor Bakery and Sons']);
    await expect(stopped).toHaveCount(0);
    await expect.poll(() => namesAt(programs, 'client'), { timeout: 60_000 }).toEqual(['Harbor Bakery and Sons']);
    await expect(sentence(page)).toHaveText(inStep);

    // --- The receipts say it record by record, and are found by a record's name.
    await page.getByRole('link', { name: /^All \d/ }).press('Enter');
    await page.getByRole('textbox', { name: 'Search receipts' }).fill(mill);
    const first = page.getByRole('main').locator('details').first();
    await first.locator('summary').press('Enter');
    await expect(first).toContainText(mill);
    await expectNoViolationsInBothColours(page, 'receipts of two systems');
  } finally {
    await close();
    await Promise.all([summit.served.close(), programs.served.close()]);
  }
});

function idAt({ standIn }: System, kind: string, name: string): string {
  return String(standIn.rows(kind).find((one) => one['name'] === name)?.['id']);
}
