import { describe, expect, it } from 'vitest';
import { createDueIndex, inOrder } from '../../../../electron/domain/due-index.ts';
import { dayAfter } from '../../../../shared/lib/clock.ts';
import { seeded, seededFrom, seedsOf } from '../../../support/seeded.ts';

const dayOf = (number: number) => dayAfter('2026-01-01', number);

describe('What is due, by day and by person', () => {
  it.each(seedsOf('due-index', 40))('answers what looking at everything answers, after any changes (seed %i)', (seed) => {
    const random = seededFrom(seed);
    const index = createDueIndex();
    const rows = new Map<string, { at: string; owners: string[] }>();
    for (let step = 0; step < 300; step += 1) {
      const id = `r${random.below(60)}`;
      const at = random.oneIn(5) ? null : dayOf(random.below(20));
      const owners = ['ada', 'ben', 'cyd'].filter(() => random.oneIn(3));
      index.put(id, at, owners);
      if (at === null) rows.delete(id);
      else rows.set(id, { at, owners });
      // Sometimes one change is answered, sometimes many at once.
      if (!random.oneIn(random.pick([1, 2, 150]))) continue;
      const whose = random.pick([null, 'ada', 'ben', 'nobody in the book']);
      const [from, until, limit] = [dayOf(random.below(20)), dayOf(random.below(21)), 1 + random.below(10)];
      const fits = [...rows].filter(([, row]) => whose === null || row.owners.length === 0 || row.owners.includes(whose));
      const all = fits.map(([one, row]) => ({ id: one, at: row.at })).sort(inOrder);
      const inside = all.filter((row) => row.at >= from && row.at < until);
      const asked = index.of(whose);
      expect(asked.before(until)).toBe(all.filter((row) => row.at < until).length);
      expect(asked.between(from, until, limit)).toEqual(inside.slice(0, limit));
      expect(asked.last(from, until, limit)).toEqual(inside.toReversed().slice(0, limit));
    }
  });

  it('compares a few dozen entries for a change and a question, of a hundred thousand', () => {
    let compared = 0;
    const random = seeded('due-index');
    const index = createDueIndex((left, right) => {
      compared += 1;
      return inOrder(left, right);
    });
    for (let at = 0; at < 100_000; at += 1) index.put(`client-${at}`, dayOf(random.below(365)), at % 3 === 0 ? [] : [`person-${at % 7}`]);
    const ask = () => [index.of('person-1').before(dayOf(180)), index.of(null).between('', dayOf(180), 50).length];
    expect(ask()[1]).toBe(50);
    compared = 0;
    index.put('client-500', dayOf(400), ['person-1']);
    expect(ask()[1]).toBe(50);
    // A place is found by halving: 17 steps of a hundred thousand, a few times over. 50 rows are put in order once.
    expect(compared).toBeLessThan(400);
  });
});
