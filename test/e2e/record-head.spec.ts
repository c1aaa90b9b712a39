import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expectFocus } from '../support/focus.ts';
import { choose, expect, list, test, toast } from '../support/screens.ts';

/** Takes note of the links that the page hands to the system, and hands none on. */
async function linksOut(page: Page): Promise<() => Promise<string[]>> {
  const handle = await page.evaluateHandle(() => {
    const seen: string[] = [];
    document.addEventListener(
      'click',
      (event) => {
        const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[target="_blank"]') : null;
        if (link === null) return;
        seen.push(link.href);
        event.preventDefault();
        event.stopPropagation();
      },
      true,
    );
    return seen;
  });
  return () => handle.jsonValue();
}

test('the head of a record says how somebody is got hold of, and every action has its key', async ({ book }) => {
  const { page } = book;
  const [clientId = ''] = await book.addClients([{ name: 'North Field Logistics', nextFollowUpDate: '2031-03-07' }]);
  await book.addContact({
    clientId,
    firstName: 'Dana',
    lastName: 'Whitfield',
    isPrimary: true,
    mobilePhone: '(619) 555-0111',
    email: 'dana@north.example',
  });
  await page.evaluate(async (id) => {
    const physicalAddress = { line1: '480 Depot Road', city: 'Denver' };
    await window.crm.locations.create({ clientId: id, name: 'Denver depot', isPrimary: true, physicalAddress });
    const owner = await window.crm.directory.create({ kind: 'user', fullName: 'Mei Tan' });
    if (owner.ok) await window.crm.clients.change({ id, changes: { accountOwnerId: owner.value.record.id } });
  }, clientId);
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(list(page)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const record = page.getByRole('region', { name: 'Client: North Field Logistics' });
  await expect(record.getByRole('definition')).toHaveText([
    '(619) 555-0111',
    'dana@north.example',
    '480 Depot Road, Denver',
    /Mar 7, 2031/,
    'Mei Tan',
  ]);
  await expect(record.getByRole('link', { name: 'dana@north.example' })).toHaveAttribute('href', 'mailto:dana@north.example');
  await expect(record.getByRole('link', { name: /^Text message/ })).toHaveAttribute('href', 'sms:6195550111');
  await expectNoViolationsInBothColours(page, 'head of a client');

  // In a small window the tabs stay in one row: no word is cut in half, and what has no room is under "More".
  await page.setViewportSize({ width: 1024, height: 640 });
  await expect(record.getByRole('button', { name: 'More tabs' })).toBeVisible();
  const cut = () =>
    record.getByRole('tablist').evaluate((row) => {
      const { left, right } = row.getBoundingClientRect();
      const isIn = (tab: Element) => tab.getBoundingClientRect().left >= left - 1 && tab.getBoundingClientRect().right <= right + 1;
      return [...row.querySelectorAll('[role="tab"]')].filter((tab) => !isIn(tab) && getComputedStyle(tab).opacity !== '0').length;
    });
  await expect.poll(cut).toBe(0);
  await page.setViewportSize({ width: 1280, height: 800 });

  const out = await linksOut(page);
  await page.keyboard.press('d');
  expect(await out()).toEqual(['tel:6195550111']);

  // What each key opens, and Esc gives the focus back to the record.
  for (const [key, opens] of [
    ['t', 'New task for North Field Logistics'],
    ['o', 'New opportunity'],
    ['i', 'New invoice'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog', { name: opens }), key).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog'), key).toHaveCount(0);
    await expectFocus(page, key);
  }
  await page.keyboard.press('m');
  const mail = page.getByRole('dialog', { name: 'E-mail on North Field Logistics' });
  await expect(mail, 'to the contact, where the client has no address').toContainText('dana@north.example');
  await mail.getByRole('button', { name: 'Close' }).last().press('Enter');
  await expect(mail).toHaveCount(0);
  await page.keyboard.press('t');
  await page.keyboard.type('Count the pallets');
  await page.keyboard.press('Enter');
  await expect(toast(page)).toContainText('Task "Count the pallets" saved, due');
  await page.keyboard.press('l');
  await expect(record.getByRole('tab', { name: /^Activity/ })).toHaveAttribute('aria-selected', 'true');

  // One row of tabs in the smallest window, the rest a key away.
  await page.setViewportSize({ width: 1024, height: 640 });
  const tabs = record.getByRole('tab');
  const tops = () => tabs.evaluateAll((all) => new Set(all.map((tab) => tab.getBoundingClientRect().top)).size);
  await expect.poll(tops, { message: 'rows of tabs' }).toBe(1);
  await record.getByRole('button', { name: 'More tabs' }).press('Enter');
  await choose(page, 'History');
  await expect(record.getByRole('tab', { name: 'History' })).toHaveAttribute('aria-selected', 'true');
  await expect(record.getByRole('tab', { name: 'History' })).toBeInViewport({ ratio: 0.9 });
  await expectNoViolationsInBothColours(page, 'tabs of a client in the smallest window');

  // A person who wants no calls has no number to dial, and only what such a record can have.
  await page.evaluate(async (of) => {
    const made = await window.crm.contacts.create({ clientId: of, lastName: 'Prado', phone: '(720) 555-0142', doNotCall: true });
    window.location.hash = `#/contacts/${made.ok ? made.value.record.id : ''}`;
  }, clientId);
  const person = page.getByRole('region', { name: 'Contact: Prado' });
  await expect(person.getByRole('definition').first()).toHaveText('Do not call');
  await expect(person.getByRole('group', { name: 'What to do' }).getByRole('button')).toHaveText([/^Log/, /^E-mail/, /^Opportunity/]);
  await page.keyboard.press('d');
  expect(await out(), 'nobody is dialled').toHaveLength(1);
});
