import { expect, type Page } from '@playwright/test';

/** Somewhere in the page and in sight: the next key must have a place to go to. */
export async function expectFocus(page: Page, after: string): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.activeElement !== document.body && document.activeElement?.checkVisibility() === true), {
      message: `the focus after: ${after}`,
    })
    .toBe(true);
}
