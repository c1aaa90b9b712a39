import { expect, it } from 'vitest';
import { emailKey, fold, phoneDigits } from '../../../../shared/lib/text.ts';

it.each([
  ['Émile ÆØ ß', 'emile aeo ss'],
  ['Łódź', 'lodz'],
  ['ISTANBUL', 'istanbul'],
  ['İstanbul', 'istanbul'],
  ['ﬃ ①', 'ffi 1'],
  ['Zürich'.normalize('NFD'), 'zurich'],
  ['東京', '東京'],
  ['Plain ASCII, 12!', 'plain ascii, 12!'],
])('folds %s to %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
  expect(fold(folded)).toBe(folded);
});

it('compares e-mails without case and surrounding space, and phones by their digits', () => {
  expect(emailKey(' Office@Harbor.example ')).toBe('office@harbor.example');
  expect(phoneDigits('+33 6 28-00')).toBe('3362800');
});
