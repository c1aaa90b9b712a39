// Rules (docs/sync-protocol.md): S11
import { describe, expect, it } from 'vitest';
import { joinLines } from '../../../../shared/sync/join-lines.ts';
import { seededFrom } from '../../../support/seeded.ts';

const lines = (...all: string[]) => all.join('\n');

describe('S11: long texts are joined line by line', () => {
  it('keeps what only one side changed, wherever it stands', () => {
    const base = lines('Orders by phone.', 'Gate code 12.', 'Invoices to Fresno.');
    const first = lines('Orders by phone only.', 'Gate code 12.', 'Invoices to Fresno.');
    const second = lines('Orders by phone.', 'Gate code 12.', 'Ask for Sam.', 'Invoices to Fresno and Reno.');
    expect(joinLines(base, first, second)).toEqual({
      text: lines('Orders by phone only.', 'Gate code 12.', 'Ask for Sam.', 'Invoices to Fresno and Reno.'),
      haveMet: false,
    });
  });

  it('keeps both where both changed the same line, and says so', () => {
    expect(joinLines(lines('a', 'b', 'c'), lines('a', 'B1', 'c'), lines('a', 'B2', 'c'))).toEqual({
      text: lines('a', 'B1', 'B2', 'c'),
      haveMet: true,
    });
  });

  it('keeps a changed line that the other side took out', () => {
    expect(joinLines(lines('a', 'b', 'c'), lines('a', 'c'), lines('a', 'b!', 'c'))).toEqual({ text: lines('a', 'b!', 'c'), haveMet: true });
  });

  it('keeps lines that both added, one after the other, and the same line once', () => {
    expect(joinLines('a', lines('a', 'x', 'z'), lines('a', 'y', 'z'))).toEqual({ text: lines('a', 'x', 'y', 'z'), haveMet: false });
    expect(joinLines('', 'one', 'two')).toEqual({ text: lines('one', 'two'), haveMet: false });
  });

  it('takes in a text that one side emptied and the other left alone', () => {
    expect(joinLines(lines('a', 'b'), '', lines('a', 'b'))).toEqual({ text: '', haveMet: false });
  });

  it('leaves a text of thousands of lines alone rather than hold the book up', () => {
    expect(joinLines('\n'.repeat(5_000), 'a', 'b')).toBeNull();
  });

  it('loses no line that a side added, and takes what was not changed from neither (1,000 seeds)', () => {
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const random = seededFrom(seed);
      const base = Array.from({ length: random.below(8) }, () => `line ${random.below(4)}`);
      const edit = (name: string) =>
        base.flatMap((line, at) => {
          const what = random.below(6);
          if (what === 0) return [];
          if (what === 1) return [`${name} ${seed} ${at}`];
          return what === 2 ? [line, `${name} ${seed} new ${at}`] : [line];
        });
      const [a, b] = [edit('a'), edit('b')];
      const joined = joinLines(base.join('\n'), a.join('\n'), b.join('\n'))?.text.split('\n') ?? [];
      for (const line of [...a, ...b]) if (/^[ab] /.test(line)) expect(joined, `seed ${seed}`).toContain(line);
      expect(joinLines(base.join('\n'), a.join('\n'), base.join('\n'))?.text, `seed ${seed}`).toBe(a.join('\n'));
      expect(joinLines(base.join('\n'), base.join('\n'), b.join('\n'))?.text, `seed ${seed}`).toBe(b.join('\n'));
    }
  });
});
