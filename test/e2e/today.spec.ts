import type { Page } from '@playwright/test';
import { expectNoViolations, expectNoViolationsInBothColours } from '../support/axe.ts';
import { expectFocus } from '../support/focus.ts';
import { announced, expect, test, toast } from '../support/screens.ts';

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
        if (!result.ok) throw new Error(JSON.stringify(result.error));
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

/** Keys that were pressed one by one; words that are typed are words. */
function counting(page: Page) {
  let keys = 0;
  return {
    press: async (...names: string[]) => {
      for (const name of names) {
        keys += 1;
        await page.keyboard.press(name);
        await expectFocus(page, name);
      }
    },
    since: () => {
      const told = keys;
      keys = 0;
      return told;
    },
  };
}

/** As a person opens Fieldbook, without a place in the address. */
async function openFirstPlace(page: Page): Promise<void> {
  const { origin } = new URL(page.url());
  await page.goto('about:blank');
  await page.goto(origin);
}

test('a morning by keys: Fieldbook opens with Today, a call with its next date takes four keys, a task five, and what was done stands below', async ({
  book,
}) => {
  const { page } = book;
  await fill(page);
  await openFirstPlace(page);
  const list = page.getByRole('listbox', { name: 'What is to do' });
  await expect(options(page)).toHaveText([
    /Harbor Street Bakery.*555-0100.*5 days/,
    /Cedar Point Clinic.*4 days/,
    /Send allergen sheet.*Harbor Street Bakery.*1 day/,
    /Iron Gate Security.*No phone.*today/,
    /Order sample boxes.*today/,
    /Blue Lantern Travel.*64 days/,
  ]);
  await expect(list, 'whom to call takes no key').toBeFocused();
  const article = page.getByRole('article', { name: 'Harbor Street Bakery' });
  await expect(article).toContainText('Winter flour contract');
  await expect(article.getByRole('link', { name: 'Call' })).toHaveAttribute('href', 'tel:6195550100');
  await expect(page.getByRole('navigation').getByRole('link', { name: /^Today/ })).toContainText('5');
  await expectNoViolationsInBothColours(page, 'today');

  const keys = counting(page);
  await keys.press('l', '2', 'f', 'Enter');
  await expect(toast(page)).toContainText('Call logged: no answer, next');
  expect(keys.since(), 'keys of a call with its next date').toBeLessThanOrEqual(4);
  await expect(page.getByRole('article', { name: 'Cedar Point Clinic' })).toBeVisible();
  await expect(options(page)).toHaveCount(5);
  await expect(list).toBeFocused();
  await expect(page.getByRole('region', { name: 'What is to do' }).getByText('1 of 5')).toBeVisible();

  const bakery = await page.evaluate(() => window.crm.clients.list({ search: 'harbor' }));
  const { id: bakeryId = '', nextFollowUpDate, lastContactDate, primaryContactId } = (bakery.ok ? bakery.value.rows[0] : undefined) ?? {};
  expect([new Date(`${nextFollowUpDate}T12:00:00Z`).getUTCDay(), lastContactDate]).toEqual([5, day(0)]);
  const log = await page.evaluate((id) => window.crm.activities.timeline({ collection: 'clients', id }), bakeryId);
  expect(log.ok ? log.value.rows[0] : null).toMatchObject({ kind: 'call', outcome: 'no_answer', contactIds: [primaryContactId] });

  await keys.press('t');
  await page.keyboard.type('Send the new price list');
  await keys.press('Tab');
  await page.keyboard.type('in 2 weeks');
  await expectNoViolations(page, 'a task in a few keys');
  await keys.press('Enter');
  await expect(toast(page)).toContainText('Task "Send the new price list" saved, due');
  expect(keys.since(), 'keys of a task, beside its words').toBeLessThanOrEqual(5);
  await expect(list).toBeFocused();
  const task = await page.evaluate(() => window.crm.tasks.list({ search: 'price list' }));
  expect(task.ok ? task.value.rows[0] : null).toMatchObject({ clientName: 'Cedar Point Clinic', dueDate: day(14) });

  await page.keyboard.press('Control+z');
  await expect(toast(page)).toContainText('Undone');
  await page.keyboard.press('Control+z');
  await expect(options(page)).toHaveCount(6);
  await expect(options(page).first()).toContainText('Harbor Street Bakery');
  await page.keyboard.press('Control+Shift+z');
  await expect(options(page)).toHaveCount(5);
  await page.getByRole('button', { name: /^Done 1/ }).press('Enter');
  await expect(page.getByRole('link', { name: 'Call, no answer' })).toBeVisible();
});

test('the rule of the queue is read and changed, and another first place is chosen; both are there after a start', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await page.evaluate(async () => {
    const person = await window.crm.directory.create({ kind: 'user', fullName: 'Mei Tan' });
    const clinic = await window.crm.clients.list({ search: 'cedar' });
    const id = clinic.ok ? (clinic.value.rows[0]?.id ?? '') : '';
    if (person.ok) await window.crm.clients.change({ id, changes: { accountOwnerId: person.value.record.id } });
    const ole = await window.crm.directory.create({ kind: 'user', fullName: 'Ole Berg' });
    const bakery = await window.crm.clients.list({ search: 'harbor' });
    const other = bakery.ok ? (bakery.value.rows[0]?.id ?? '') : '';
    if (ole.ok) await window.crm.clients.change({ id: other, changes: { accountOwnerId: ole.value.record.id } });
  });
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(options(page)).toHaveCount(6);
  await page.getByRole('button', { name: 'Overdue first' }).press('Enter');
  const rule = page.getByRole('dialog', { name: 'What comes first' });
  await expect(rule.getByRole('listitem').first()).toContainText('the oldest first');
  await expect(rule.getByRole('button', { name: 'Calls due today: earlier' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(rule.getByRole('listitem').first()).toContainText('Calls due today');
  await expectFocus(page, 'a group is first');
  await rule.getByLabel('Whose work').selectOption({ label: 'Mei Tan’s, and nobody’s' });
  await rule.getByLabel('Gone quiet after days').fill('65');
  await page.keyboard.press('Enter');
  await expectNoViolationsInBothColours(page, 'the rule of today');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Calls due today first' })).toBeFocused();
  const mine = [/Iron Gate Security/, /Cedar Point Clinic/, /Send allergen sheet/, /Order sample boxes/];
  await expect(options(page)).toHaveText(mine);
  await expect(page.getByText('Mei Tan’s, and nobody’s')).toBeVisible();

  const again = await book.restart();
  await again.evaluate(() => (window.location.hash = '#/'));
  await expect(options(again)).toHaveText(mine);
  await again.evaluate(() => (window.location.hash = '#/settings'));
  await again.getByLabel('Fieldbook opens with').selectOption('Tasks');
  await expect(announced(again)).toContainText('Saved');
  await openFirstPlace(again);
  await expect(again.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
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

test('the five outcomes of a call stand in one row in a small window too', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler Bakery', phone: '+49 221 555 0101', nextFollowUpDate: '2020-01-01' }]);
  await page.setViewportSize({ width: 1024, height: 640 });
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page.getByRole('article', { name: 'Adler Bakery' })).toBeVisible();
  const tops = await page
    .getByRole('radiogroup', { name: 'Outcome' })
    .getByRole('radio')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  expect(tops).toHaveLength(5);
  expect(new Set(tops).size).toBe(1);
});
