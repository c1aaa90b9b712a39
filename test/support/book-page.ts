import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { Crm } from '../../shared/contracts/api.ts';
import type { RunningFieldbook } from './fieldbook.ts';

declare global {
  interface Window {
    crm: Crm;
  }
}

/** Opens a page of the running book, at its clients or at `address`. Contexts without the cookie are given it. */
export async function openBookPage(place: Browser | BrowserContext, fieldbook: RunningFieldbook, address = '/#/clients'): Promise<Page> {
  const context = 'contexts' in place ? await place.newContext() : place;
  const { name, value, url } = await fieldbook.cookie();
  await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
  const page = await context.newPage();
  await page.goto(`${fieldbook.origin}${address}`);
  return page;
}
