import type { Page } from '@playwright/test';
import { expect, list, names, test } from '../support/screens.ts';

/** Where a column stands on screen, beside the edges of the list: its header and the cell of the first row agree. */
async function placeOf(page: Page, header: string): Promise<{ from: number; to: number }> {
  return page.evaluate((name) => {
    const grid = document.querySelector('[role="grid"]') as HTMLElement;
    const edge = grid.getBoundingClientRect().left;
    const head = [...grid.querySelectorAll('[role="columnheader"]')].find((one) => one.textContent.startsWith(name)) as HTMLElement;
    const cell = grid.querySelector(`[data-index="0"] [aria-colindex="${head.ariaColIndex}"]`) as HTMLElement;
    const [of, below] = [head.getBoundingClientRect(), cell.getBoundingClientRect()];
    if (Math.abs(of.left - below.left) > 1) throw new Error(`${name}: the header is at ${of.left}, the cell at ${below.left}`);
    // In sight: the point in its middle is its own, and not of what lies over it.
    const seen = document.elementFromPoint(below.left + below.width / 2, below.top + below.height / 2);
    if (seen === null || !cell.contains(seen)) return { from: -1, to: -1 };
    // Nor do the edges of the columns below it stand in its header.
    for (let x = of.left + 6; x < of.right - 6; x += 2) {
      const over = document.elementFromPoint(x, of.top + of.height / 2);
      if (over !== null && !head.contains(over)) throw new Error(`${name}: at ${x - of.left} its header has a part of another`);
    }
    return { from: of.left - edge, to: of.right - edge };
  }, header);
}

const scrolled = (page: Page, left: number) =>
  list(page).evaluate((grid, to) => {
    grid.scrollLeft = to;
    return grid.scrollLeft;
  }, left);

for (const [noun, title, kept] of [
  ['clients', 'Name', ['Phone', 'Next follow-up']],
  ['contacts', 'Name', ['Phone', 'Mobile phone']],
] as const) {
  test(`a list of ${noun} that is moved sideways keeps the name and what one calls by in sight`, async ({ book }) => {
    const { page } = book;
    const [clientId = ''] = await book.addClients([
      { name: 'Adler Bakery', phone: '+49 221 555 0101', nextFollowUpDate: '2031-03-01', industry: 'hospitality' },
    ]);
    await book.addContact({ clientId, firstName: 'Inès', lastName: 'García', phone: '+33 1', mobilePhone: '+33 6', jobTitle: 'Owner' });
    await page.keyboard.press('g');
    await page.keyboard.press(noun === 'clients' ? 'c' : 'p');
    await expect(names(page)).toHaveCount(1);
    await page.setViewportSize({ width: 1024, height: 640 });
    const width = await list(page).evaluate((grid) => grid.clientWidth);
    for (const left of [0, 120, 10_000]) {
      const at = await scrolled(page, left);
      expect(at > 0, 'there is something to move').toBe(left > 0);
      expect((await placeOf(page, title)).from, `the name at ${left}`).toBe(62);
      for (const header of kept) {
        const { from, to } = await placeOf(page, header);
        expect(from, `${header} at ${left}`).toBeGreaterThan(0);
        expect(to, `${header} at ${left}`).toBeLessThanOrEqual(width);
      }
    }
    // Beside the open record there is room for these and no others: they follow the name.
    await scrolled(page, 0);
    await names(page).first().click();
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
    const narrow = await list(page).evaluate((grid) => grid.clientWidth);
    for (const header of [title, ...kept]) expect((await placeOf(page, header)).to, header).toBeLessThanOrEqual(narrow);
    await scrolled(page, 10_000);
    const name = await placeOf(page, title);
    expect(name.from).toBe(62);
    expect(narrow - name.to, 'room for what is moved').toBeGreaterThanOrEqual(200);
  });
}
