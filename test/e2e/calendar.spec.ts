import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expectFocus } from '../support/focus.ts';
import { announced, expect, test, toast } from '../support/screens.ts';

const today = new Date();
const day = (from: number) => {
  const at = new Date(today);
  at.setDate(at.getDate() + from);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
};

async function made(page: Page, noun: 'clients' | 'tasks' | 'activities', fields: object): Promise<string> {
  return page.evaluate(
    async ([of, given]) => {
      const result = await window.crm[of].create(given as never);
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value.record.id;
    },
    [noun, fields] as const,
  );
}

/** Two things of today, one of yesterday and a visit that was made. */
async function fill(page: Page) {
  const adler = await made(page, 'clients', {
    name: 'Adler Bakery',
    phone: '(619) 555-0100',
    nextFollowUpDate: day(0),
    address: { line1: '5 Quay' },
  });
  await made(page, 'clients', { name: 'Birch Clinic', nextFollowUpDate: day(-1) });
  await made(page, 'tasks', { title: 'Order samples', dueDate: day(0), clientId: adler });
  await made(page, 'activities', { kind: 'visit', about: 'clients', aboutId: adler });
  return { adler };
}

const cell = (page: Page, of: string) => page.locator(`[role="gridcell"][data-day="${of}"]`);
const dayOf = (page: Page, id: string) =>
  page.evaluate(async (of) => {
    const found = await window.crm.clients.get({ id: of });
    return found.ok ? found.value.nextFollowUpDate : found.error.code;
  }, id);

async function open(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await expect(page.getByRole('grid', { name: 'Calendar' })).toBeVisible();
  // In a month every day around today has a place, whichever weekday it is.
  await page.keyboard.press('1');
  await expect(cell(page, day(0))).toBeVisible();
}

test('shows follow-ups, tasks and visits on their days, with the phone and the place of the chosen one', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await open(page);
  await expect(cell(page, day(0)).getByRole('button')).toHaveCount(3);
  await expect(cell(page, day(0)).getByRole('button', { name: 'Follow-up, Adler Bakery' })).toBeVisible();
  await expect(cell(page, day(0)).getByRole('button', { name: /^Visit made, .*Adler Bakery/ })).toBeVisible();
  const side = page.getByRole('complementary', { name: 'The chosen day' });
  await expect(side.getByRole('link', { name: '(619) 555-0100' }).first()).toHaveAttribute('href', 'tel:6195550100');
  await expect(side).toContainText('5 Quay');
  await page.getByRole('button', { name: /^Tasks/ }).click();
  await expect(cell(page, day(0)).getByRole('button')).toHaveCount(2);
  // The kinds and the view are there again after a new start of the page.
  await page.reload();
  await expect(cell(page, day(0)).getByRole('button')).toHaveCount(2);
  await expect(page.getByRole('button', { name: /^Tasks/ })).toHaveAttribute('aria-pressed', 'false');
});

test('a follow-up goes to another day by the mouse, and undo brings it back', async ({ book }) => {
  const { page } = book;
  const { adler } = await fill(page);
  await open(page);
  const to = day(new Date().getDay() === 0 ? -1 : 1);
  await cell(page, day(0)).getByRole('button', { name: 'Follow-up, Adler Bakery' }).dragTo(cell(page, to));
  await expect(cell(page, to).getByRole('button', { name: 'Follow-up, Adler Bakery' })).toBeFocused();
  expect(await dayOf(page, adler)).toBe(to);
  await toast(page).filter({ hasText: 'Adler Bakery moved to' }).getByRole('button', { name: 'Undo' }).click();
  await expect(cell(page, day(0)).getByRole('button', { name: 'Follow-up, Adler Bakery' })).toBeVisible();
  expect(await dayOf(page, adler)).toBe(day(0));
});

test('by keys: arrows walk, Space lifts and puts down, Escape leaves it, Enter opens', async ({ book }) => {
  const { page } = book;
  const { adler } = await fill(page);
  await open(page);
  const press = async (key: string) => {
    await page.keyboard.press(key);
    await expectFocus(page, key);
  };
  const follow = page.getByRole('button', { name: 'Follow-up, Adler Bakery' });
  await cell(page, day(0)).getByRole('button', { name: 'Follow-up, Adler Bakery' }).focus();
  await press('ArrowDown');
  await expect(page.getByRole('button', { name: /^Task, Order samples/ })).toBeFocused();
  await press('ArrowUp');
  await expect(follow).toBeFocused();
  await press('ArrowRight');
  await expect(cell(page, day(1))).toBeFocused();
  await press('ArrowLeft');
  await press(' ');
  await expect(announced(page)).toContainText('Adler Bakery is lifted');
  await press('ArrowDown');
  await press('Escape');
  expect(await dayOf(page, adler)).toBe(day(0));
  await press(' ');
  await press('ArrowRight');
  await press('ArrowRight');
  await press(' ');
  await expect(cell(page, day(2)).getByRole('button', { name: 'Follow-up, Adler Bakery' })).toBeFocused();
  expect(await dayOf(page, adler)).toBe(day(2));
  await page.keyboard.press('ControlOrMeta+z');
  await expect(cell(page, day(0)).getByRole('button', { name: 'Follow-up, Adler Bakery' })).toBeVisible();
  await cell(page, day(0)).getByRole('button', { name: 'Follow-up, Adler Bakery' }).focus();
  await press('Enter');
  await expect(page.getByRole('heading', { name: 'Adler Bakery' })).toBeVisible();
});

test('what is overdue goes to today at once, a new task gets the chosen day, and the days are saved as a calendar file', async ({
  book,
}) => {
  const { page } = book;
  await fill(page);
  await open(page);
  await expect(page.getByRole('region', { name: 'Overdue' })).toContainText('Birch Clinic 1 day');
  await page.keyboard.press('Shift+T');
  await expect(page.getByRole('region', { name: 'Overdue' })).toHaveCount(0);
  await page.keyboard.press('3');
  await expect(page.getByRole('region', { name: /^Today|20/ }).getByRole('link', { name: 'Birch Clinic' })).toBeVisible();

  await page.getByRole('button', { name: 'Further on' }).click();
  await expect(page.getByText('Nothing stands on this day.')).toBeVisible();
  await page.keyboard.press('n');
  await page.keyboard.type('Bring keys');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Bring keys' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('4');
  await expect(page.getByRole('radio', { name: 'Agenda' })).toBeChecked();
  await page.getByRole('button', { name: 'Today', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save these days as a calendar file' }).click();
  const text = await (await download).createReadStream().then(async (stream) => Buffer.concat(await stream.toArray()).toString());
  expect(text).toContain('SUMMARY:Call Adler Bakery');
  expect(text).toContain('SUMMARY:Bring keys');
});

test('is without findings in every view, and shows what a day has no room for', async ({ book }) => {
  const { page } = book;
  await fill(page);
  for (let at = 0; at < 5; at += 1) await made(page, 'tasks', { title: `Task ${at}`, dueDate: day(0) });
  await open(page);
  await expectNoViolationsInBothColours(page, 'the month');
  for (const key of ['2', '4', '3']) {
    await page.keyboard.press(key);
    await expectNoViolationsInBothColours(page, `the view of ${key}`);
  }
  await page.keyboard.press('1');
  await cell(page, day(0))
    .getByRole('button', { name: /^5 more/ })
    .click();
  await expect(page.getByRole('link', { name: 'Task 4' })).toBeVisible();
});
