import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expect, test, toast } from '../support/screens.ts';

const day = (from: number) => {
  const at = new Date();
  at.setDate(at.getDate() + from);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
};

async function fill(page: Page): Promise<void> {
  const made = (noun: 'clients' | 'contacts' | 'tasks' | 'opportunities', fields: object) =>
    page.evaluate(
      async ([of, given]) => {
        const result = await window.crm[of].create(given as never);
        if (!result.ok) throw new Error(result.error.message);
        return result.value.record.id;
      },
      [noun, fields] as const,
    );
  const bakery = await made('clients', {
    name: 'Harbor Street Bakery',
    phone: '(619) 555-0100',
    email: 'orders@harbor.example',
    nextFollowUpDate: day(-5),
    lastContactDate: day(-19),
    address: { line1: '42 Harbor Street', city: 'San Diego' },
  });
  await made('contacts', { clientId: bakery, lastName: 'Delgado', firstName: 'Rosa', isPrimary: true });
  await made('opportunities', { clientId: bakery, name: 'Winter flour contract' });
  await made('clients', { name: 'Cedar Point Clinic', phone: '(619) 555-0120', nextFollowUpDate: day(-4) });
  await made('clients', { name: 'Iron Gate Security', nextFollowUpDate: day(0) });
  await made('clients', { name: 'Blue Lantern Travel', phone: '(619) 555-0150', lastContactDate: day(-64) });
  await made('clients', { name: 'Fern Hill Nursery', nextFollowUpDate: day(3) });
  await made('tasks', { title: 'Send allergen sheet', clientId: bakery, dueDate: day(-1) });
  await made('tasks', { title: 'Order sample boxes', dueDate: day(0) });
}

const options = (page: Page) => page.getByRole('listbox', { name: 'What is to do' }).getByRole('option');

test('a call in four keys: the queue says whom, the proposed day is changed by a letter, the next client comes', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(options(page)).toHaveText([
    /Harbor Street Bakery.*555-0100.*5 days/,
    /Cedar Point Clinic.*4 days/,
    /Send allergen sheet.*Harbor Street Bakery.*1 day/,
    /Iron Gate Security.*No phone.*today/,
    /Order sample boxes.*today/,
    /Blue Lantern Travel.*64 days/,
  ]);
  await expect(page.getByRole('article', { name: 'Harbor Street Bakery' })).toContainText('Winter flour contract');
  await expectNoViolationsInBothColours(page, 'today');

  await page.keyboard.press('l');
  await page.keyboard.press('2');
  await page.keyboard.press('f');
  await page.keyboard.press('Enter');
  await expect(toast(page)).toContainText('Call logged: no answer, next');
  await expect(page.getByRole('article', { name: 'Cedar Point Clinic' })).toBeVisible();
  await expect(options(page)).toHaveCount(5);
  await expect(page.getByRole('listbox', { name: 'What is to do' })).toBeFocused();
  await expect(page.getByRole('region', { name: 'What is to do' }).getByText('1 of 5')).toBeVisible();

  const bakery = await page.evaluate(() => window.crm.clients.list({ search: 'harbor' }));
  const { nextFollowUpDate, lastContactDate } = (bakery.ok ? bakery.value.rows[0] : undefined) ?? {};
  expect([new Date(`${nextFollowUpDate}T12:00:00Z`).getUTCDay(), lastContactDate]).toEqual([5, day(0)]);

  await page.keyboard.press('Control+z');
  await expect(options(page)).toHaveCount(6);
  await expect(options(page).first()).toContainText('Harbor Street Bakery');
});

test('what is no day is refused where it was typed, and a task is completed from the queue', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(options(page)).toHaveCount(6);
  await page.keyboard.press('l');
  await page.keyboard.press('1');
  await page.keyboard.type('some time');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This is no day.', { exact: false })).toBeVisible();
  await expect(options(page)).toHaveCount(6);
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.getByRole('button', { name: 'Complete' }).press('Enter');
  await expect(options(page)).toHaveCount(5);
  await expect(toast(page)).toContainText('is completed');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Cedar Point Clinic', level: 2 })).toBeVisible();
});
