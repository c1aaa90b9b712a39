import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What differs between light and dark: axe's other rules look at names, roles and sizes. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/**
 * Every rule of WCAG 2.2 A and AA that axe knows, on all of the page, in one look. Colours are judged at rest: movement
 * must have ended, and with less motion asked for, a toast whose time is up goes at once instead of fading under the look.
 * Soft: a test goes on and tells of every state that is wrong, not only of the first.
 */
export async function expectNoViolations(page: Page, screen: string): Promise<void> {
  expect.soft(await violationsOf(page), screen).toEqual([]);
}

/** The same, and the colours once more in the dark. What is open stays open. */
export async function expectNoViolationsInBothColours(page: Page, screen: string): Promise<void> {
  await expectNoViolations(page, screen);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  expect.soft(await violationsOf(page, colourRules), `${screen}, dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
}

/**
 * A button that is switched on or off during a look is judged half in one state and half in the other: of its contrast counts what
 * a second look finds as well.
 */
async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  const found = await look(page, rules);
  if (!found.some((one) => one.startsWith('color-contrast'))) return found;
  const again = await look(page, rules);
  return [...found.filter((one) => !one.startsWith('color-contrast')), ...again.filter((one) => one.startsWith('color-contrast'))];
}

async function look(page: Page, rules?: string[]): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished.catch(() => undefined)),
    ),
  );
  // Axe is 600 kB of script: a page that has it already is not given it again.
  const hasAxe = await page.evaluate(() => 'axe' in window);
  // Our pages have no frames (the content policy forbids them), so axe need not open a page of its own to put frames together.
  // Every rule is judged on every element; only what nobody reads, each element that passed, is not written up.
  const axe = new AxeBuilder({ page, ...(hasAxe && { axeSource: ';' }) }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules === undefined ? axe.withTags(tags) : axe.withRules(rules)).analyze();
  const judged = await Promise.all(violations.map(async (one) => (one.id === 'target-size' ? withoutCovered(page, one) : one)));
  return judged
    .filter(({ nodes }) => nodes.length > 0)
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} (${node.failureSummary ?? ''})`).join('\n    ')}`);
}

type Violation = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'][number];

/**
 * Without what an open list lies upon: half of it is seen again when the list closes, as what lies wholly under it, which axe passes
 * over. What anything else covers stays.
 */
async function withoutCovered(page: Page, violation: Violation): Promise<Violation> {
  const kept: Violation['nodes'] = [];
  for (const node of violation.nodes) {
    const isCovered =
      node.any.some(({ message }) => message.includes('partially obscured')) &&
      (await page.locator(node.target.join(' ')).evaluate((target) => {
        const { left, top, width, height } = target.getBoundingClientRect();
        const parts = [0.05, 0.5, 0.95];
        const seen = parts.flatMap((x) => parts.map((y) => document.elementFromPoint(left + width * x, top + height * y)));
        return seen.some((element) => {
          for (let above = element; above !== null && !above.contains(target); above = above.parentElement)
            if (above.matches('[role=listbox]') || above.querySelector('[role=listbox]') !== null) return true;
          return false;
        });
      }));
    if (!isCovered) kept.push(node);
  }
  return { ...violation, nodes: kept };
}
