import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * Every rule of WCAG 2.2 A and AA that axe knows, on all of the page, in one look. Colours are judged at rest: movement
 * must have ended, and with less motion asked for, a toast whose time is up goes at once instead of fading under the look.
 */
export async function expectNoViolations(page: Page, screen: string): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const told = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} (${node.failureSummary ?? ''})`).join('\n    ')}`,
  );
  expect(told, screen).toEqual([]);
}
