import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expectFocus } from '../support/focus.ts';
import { announced, expect, test, toast } from '../support/screens.ts';

const deals = [
  { name: 'Linen service', stage: 'qualification', amount: '1000.00', currency: 'USD', expectedCloseDate: '2031-03-01' },
  { name: 'Cold storage', stage: 'qualification', amount: '500.00', currency: 'USD', expectedCloseDate: '2031-02-01' },
  { name: 'Yearly supply', stage: 'proposal', amount: '2000.00', currency: 'EUR', expectedCloseDate: '2031-01-01' },
  { name: 'Gate care', stage: 'closed_won', amount: '300.00', currency: 'USD', expectedCloseDate: '2030-01-01' },
] as const;

async function withDeals(page: Page, more = 0): Promise<void> {
  await page.evaluate(
    async ([list, count]) => {
      const client = await window.crm.clients.create({ name: 'Adler Bakery' });
      if (!client.ok) throw new Error(JSON.stringify(client.error));
      const clientId = client.value.record.id;
      const extra = Array.from({ length: count }, (_, at) => ({ name: `Order ${at + 1}`, stage: 'negotiation' as const, amount: '10.00' }));
      for (const deal of [...list, ...extra]) {
        const made = await window.crm.opportunities.create({ clientId, ...deal });
        if (!made.ok) throw new Error(JSON.stringify(made.error));
      }
    },
    [deals, more] as const,
  );
  await goTo(page, '/opportunities');
  await page.getByRole('radiogroup', { name: 'Shown as' }).getByText('Board').click();
  await expect(column(page, 'Qualification')).toBeVisible();
}

async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, place);
}

const column = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const cards = (page: Page, name: string) => column(page, name).getByRole('option');

async function probabilityOf(page: Page, name: string): Promise<number | undefined> {
  return page.evaluate(async (wanted) => {
    const result = await window.crm.opportunities.list({});
    return result.ok ? result.value.rows.find((row) => row.name === wanted)?.probability : undefined;
  }, name);
}

test.describe('A board', () => {
  test('shows what each stage has and is worth, in the order of days, with closed and empty stages narrow', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await expect(cards(page, 'Qualification')).toContainText(['Cold storage', 'Linen service']);
    await expect(column(page, 'Qualification')).toContainText('Likely $150.00 of $1,500.00');
    await expect(column(page, 'Proposal')).toContainText('Likely €1,200.00 of €2,000.00');
    await expect(column(page, 'Closed, won')).toContainText('$300.00');
    await expect(cards(page, 'Closed, won')).toHaveCount(0);
    await column(page, 'Closed, won').getByRole('button', { name: 'Show the cards of Closed, won' }).click();
    await expect(cards(page, 'Closed, won')).toContainText(['Gate care']);
    await expect(cards(page, 'Negotiation')).toHaveCount(0);
    await page.reload();
    await expect(cards(page, 'Qualification')).toHaveCount(2);
  });

  test('moves a card to the next stage with one key, and Ctrl+Z takes it back; the focus goes with the card', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await cards(page, 'Qualification').first().waitFor();
    await column(page, 'Qualification').getByRole('listbox').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await expect(cards(page, 'Needs analysis')).toContainText(['Linen service']);
    await expect(column(page, 'Needs analysis').getByRole('listbox')).toBeFocused();
    await expect(announced(page)).toHaveText(/Linen service moved to Needs analysis\. 20 % likely, was 10 %\./);
    await expect(cards(page, 'Qualification')).toContainText(['Cold storage']);
    await expect(column(page, 'Needs analysis')).toContainText('Likely $200.00 of $1,000.00');
    await expect(column(page, 'Qualification')).toContainText('Likely $50.00 of $500.00');
    // A card moves on the screen before the book has said that it did.
    await expect.poll(() => probabilityOf(page, 'Linen service')).toBe(20);

    await page.keyboard.press('Control+z');
    await expect(cards(page, 'Qualification')).toContainText(['Cold storage', 'Linen service']);
    await expect(cards(page, 'Needs analysis')).toHaveCount(0);
    await expectFocus(page, 'undo');
    await expect(column(page, 'Qualification').getByRole('listbox')).toBeFocused();
    await expect.poll(() => probabilityOf(page, 'Linen service')).toBe(10);
    await page.keyboard.press('Shift+ArrowRight');
    await expect(cards(page, 'Needs analysis')).toContainText(['Linen service']);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Linen service' })).toBeFocused();
  });

  test('lifts a card, carries it over several stages and puts it down, or leaves it', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await cards(page, 'Proposal').first().waitFor();
    await column(page, 'Proposal').getByRole('listbox').focus();
    await page.keyboard.press('Space');
    await expect(announced(page)).toHaveText(/^Yearly supply lifted\./);
    await page.keyboard.press('ArrowRight');
    await expect(announced(page)).toHaveText(/^To Negotiation/);
    await page.keyboard.press('Escape');
    await expect(cards(page, 'Proposal')).toContainText(['Yearly supply']);
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await expect(cards(page, 'Closed, won')).toContainText(['Gate care', 'Yearly supply']);
    await expect(column(page, 'Closed, won').getByRole('listbox')).toBeFocused();
    await expect.poll(() => probabilityOf(page, 'Yearly supply')).toBe(100);
  });

  test('moves a card that is dragged, onto an empty stage and a closed one too', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await cards(page, 'Qualification').first().dragTo(column(page, 'Decision makers'));
    await expect(cards(page, 'Decision makers')).toContainText(['Cold storage']);
    await expect(toast(page)).toContainText('Cold storage moved to Decision makers.');
    await expect(column(page, 'Decision makers').getByRole('listbox')).toBeFocused();
    await cards(page, 'Qualification').first().dragTo(column(page, 'Closed, lost'));
    await expect(cards(page, 'Closed, lost')).toContainText(['Linen service']);
    await expect.poll(() => probabilityOf(page, 'Linen service')).toBe(0);
    await toast(page).getByRole('button', { name: 'Undo' }).click();
    await expect(cards(page, 'Qualification')).toContainText(['Linen service']);
    await expectFocus(page, 'the undo of the toast');
  });

  test('gives the focus back to the card when its record is closed', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await column(page, 'Proposal').getByRole('listbox').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Yearly supply' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('heading', { name: 'Yearly supply' })).toBeHidden();
    await expect(column(page, 'Proposal').getByRole('listbox')).toBeFocused();
    await page.keyboard.press('j');
    await expectFocus(page, 'j on a board');
  });

  test('holds the filters and the search of the list', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await page.getByLabel('Filter opportunities').fill('linen');
    await expect(cards(page, 'Qualification')).toHaveText([/Linen service/]);
    await expect(column(page, 'Qualification')).toContainText('Likely $100.00 of $1,000.00');
    await expect(cards(page, 'Proposal')).toHaveCount(0);
    await page.getByLabel('Filter opportunities').fill('');
    await expect(cards(page, 'Proposal')).toHaveCount(1);
    await goTo(page, `/opportunities?f=${encodeURIComponent(JSON.stringify([{ path: 'amount', operator: 'atLeast', value: '1500' }]))}`);
    await expect(cards(page, 'Qualification')).toHaveCount(0);
    await expect(cards(page, 'Proposal')).toContainText(['Yearly supply']);
  });

  test('draws a dozen cards of a long column, and End goes to the last of them', async ({ book }) => {
    const { page } = book;
    await withDeals(page, 120);
    await expect(cards(page, 'Negotiation').first()).toBeVisible();
    await expect(column(page, 'Negotiation')).toContainText('120');
    expect(await cards(page, 'Negotiation').count()).toBeLessThan(20);
    await column(page, 'Negotiation').getByRole('listbox').focus();
    await page.keyboard.press('End');
    await expect(cards(page, 'Negotiation').and(page.locator('[aria-posinset="120"][aria-selected="true"]'))).toBeVisible();
    await page.keyboard.press('Shift+ArrowLeft');
    await expect(column(page, 'Proposal').getByRole('listbox')).toBeFocused();
    await expect(column(page, 'Negotiation')).toContainText('119');
  });

  test('is there for cases and tasks, by their status', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await page.evaluate(async () => {
      await window.crm.tasks.create({ title: 'Send the offer', dueDate: '2031-01-15' });
      const clients = await window.crm.clients.list({});
      if (clients.ok) await window.crm.cases.create({ clientId: clients.value.rows[0]?.id ?? '', name: 'Oven does not heat' });
    });
    for (const [noun, from, to, title] of [
      ['tasks', 'New', 'In progress', 'Send the offer'],
      ['cases', 'New', 'Assigned', 'Oven does not heat'],
    ] as const) {
      await goTo(page, `/${noun}`);
      await expect(page.getByRole('grid')).toBeVisible();
      await page.getByRole('radiogroup', { name: 'Shown as' }).getByText('Board').click();
      await expect(cards(page, from)).toContainText([title]);
      await column(page, from).getByRole('listbox').focus();
      await page.keyboard.press('Shift+ArrowRight');
      await expect(cards(page, to)).toContainText([title]);
      await expectFocus(page, `a move in ${noun}`);
      await expect(announced(page)).toHaveText(new RegExp(`^${title} moved to ${to}\\.`));
    }
  });

  test('has nothing that axe finds, in light and dark, with a record open and a card lifted', async ({ book }) => {
    // Six looks of axe.
    test.slow();
    const { page } = book;
    await withDeals(page, 20);
    await expectNoViolationsInBothColours(page, 'board');
    await column(page, 'Proposal').getByRole('listbox').focus();
    await page.keyboard.press('Space');
    await expectNoViolationsInBothColours(page, 'board with a card lifted');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 1024, height: 640 });
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Yearly supply' })).toBeFocused();
    await expectNoViolationsInBothColours(page, 'board beside a record');
  });

  test('leaves a record with the first Esc, however soon after it was opened', async ({ book }) => {
    const { page } = book;
    await withDeals(page);
    await page.getByRole('listbox').first().focus();
    await page.keyboard.press(' ');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 1024, height: 640 });
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 2 }).filter({ hasText: 'Cold storage' })).toBeFocused();
    // The mouse lies where the record came, and what it is over says its name.
    await page.getByRole('button', { name: 'Favourite', exact: true }).hover();
    await expect(page.getByRole('tooltip')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/opportunities$/);
    await expect(page.getByRole('listbox').first()).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/opportunities$/);
    await expect(page.getByRole('listbox').first()).toBeFocused();
    await expect(page.locator('[data-record-title]')).toHaveCount(0);
  });
});
