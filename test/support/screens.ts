import { test as base, type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import type { NewClient } from '../../shared/nouns/client/client.ts';
import type { NewContact } from '../../shared/nouns/contact/contact.ts';
import { openBookPage } from './book-page.ts';
import { type RunningFieldbook, startFieldbook, temporaryFolder } from './fieldbook.ts';
import { rmSync } from 'node:fs';

/** A fresh book with its window open: what the tests of the screens start from. */
export interface OpenBook {
  page: Page;
  /** Puts clients in, as a person's commands would. Answers their ids. */
  addClients(clients: readonly NewClient[]): Promise<string[]>;
  addContact(contact: NewContact): Promise<string>;
  /** Closes Fieldbook and starts it again on the same folder, with a window of its own. */
  restart(): Promise<Page>;
}

export const test = base.extend<{ book: OpenBook }>({
  book: async ({ browser }, use) => {
    const data = temporaryFolder();
    let fieldbook: RunningFieldbook = await startFieldbook({ data });
    let context: BrowserContext;
    const open = async () => {
      context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const page = await openBookPage(context, fieldbook);
      await expect(page.getByRole('main')).toBeVisible();
      return page;
    };
    const self: OpenBook = {
      page: await open(),
      addClients: (clients) =>
        self.page.evaluate(async (list) => {
          const ids: string[] = [];
          for (const client of list) {
            const result = await window.crm.clients.create(client);
            if (!result.ok) throw new Error(JSON.stringify(result.error));
            ids.push(result.value.record.id);
          }
          return ids;
        }, clients),
      addContact: (contact) =>
        self.page.evaluate(async (fields) => {
          const result = await window.crm.contacts.create(fields);
          if (!result.ok) throw new Error(JSON.stringify(result.error));
          return result.value.record.id;
        }, contact),
      async restart() {
        await context.close();
        await fieldbook.stop();
        fieldbook = await startFieldbook({ data });
        self.page = await open();
        return self.page;
      },
    };
    await use(self);
    await self.page.context().close();
    await fieldbook.stop();
    rmSync(data, { recursive: true, force: true, maxRetries: 10 });
  },
});

export { expect };

export function list(page: Page): Locator {
  return page.getByRole('grid');
}

/** The names in the list, from the top, as they are on screen. */
export function names(page: Page): Locator {
  return page.locator('[role="grid"] [role="row"][data-index] [data-first]');
}

/** Chooses in the menu that is opening, with the keyboard. Its first item takes the focus a moment later, wherever that was put meanwhile. */
export async function choose(page: Page, name: string | RegExp): Promise<void> {
  const items = page.getByRole('menu').locator('[role^="menuitem"]:enabled');
  await expect(items.first()).toBeFocused();
  const wanted = page.getByRole('menuitem', { name });
  for (let downs = await items.count(); downs > 0; downs -= 1) {
    if (await wanted.evaluate((item) => item === document.activeElement)) break;
    await page.keyboard.press('ArrowDown');
  }
  await expect(wanted).toBeFocused();
  await page.keyboard.press('Enter');
}

/** Shows the empty fields of the open record, which are folded away until somebody asks for them. */
export async function unfold(page: Page): Promise<void> {
  const fold = page.getByRole('button', { name: /empty fields?$/ });
  if ((await fold.getAttribute('aria-expanded')) === 'false') await fold.press('Enter');
}

/** By the navigation, whose seldom places are one step away. */
export async function goToImport(page: Page): Promise<void> {
  const more = page.getByRole('button', { name: 'More places' });
  if ((await more.getAttribute('aria-expanded')) === 'false') await more.click();
  await page.getByRole('link', { name: /^Import/ }).click();
}

/** The sentence at the bottom that offers to undo. */
export function toast(page: Page): Locator {
  return page.getByRole('alert');
}

/** What a screen reader was told last. */
export function announced(page: Page): Locator {
  return page.getByTestId('announcer');
}
