import { expect, it } from 'vitest';
import { emailKey, fold, identityFold, phoneDigits, searchFold } from '../../../../shared/lib/text.ts';

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

it.each([
  ['kana with and without a voicing mark', 'タイヤ', 'ダイヤ'],
  ['kana with the mark of p', 'ハン', 'パン'],
  ['vowel signs of Devanagari', 'कला', 'काला'],
  ['tones of Thai', 'ปา', 'ป่า'],
])('takes %s for one in a search, and tells names apart by them', (_, one, other) => {
  expect(fold(one)).toBe(fold(other));
  expect(identityFold(one)).not.toBe(identityFold(other));
});

it.each([
  ['half-width kana', 'ﾀﾞｲﾔ', 'ダイヤ'],
  ['full-width Latin letters and digits', 'ＡＢＣ１２', 'abc12'],
  ['a mark that is typed by itself', 'ダイヤ'.normalize('NFD'), 'ダイヤ'],
  ['accents of Greek', 'Αθήνα', 'αθηνα'],
])('takes %s for the same in a search and in names', (_, one, other) => {
  expect(fold(one)).toBe(fold(other));
  expect(identityFold(one)).toBe(identityFold(other));
});

it.each([
  ['hiragana and katakana', 'ひかり', 'ヒカリ'],
  ['the long mark and none', 'サーバー', 'サーバ'],
  ['half-width katakana', 'ﾊﾝﾊﾞｰｶﾞｰ', 'はんばーがー'],
  ['small kana and plain ones', 'キヤノン', 'キャノン'],
  ['a mark of repetition in either script', 'いすゞ', 'イスヾ'],
  ['a long mark that is half as wide', 'ﾗｰﾒﾝ', 'らめん'],
])('takes %s for one in a search, and tells names apart by them', (_, one, other) => {
  expect(searchFold(one)).toBe(searchFold(other));
  expect(searchFold(searchFold(one))).toBe(searchFold(one));
  expect(identityFold(one)).not.toBe(identityFold(other));
});

it.each(['ー', '東京タワ', 'Émile ÆØ', 'plain', '1ー2', '한국'])(
  'leaves what is no kana, and a long mark after none, as it is folded: %s',
  (text) => {
    expect(searchFold(text)).toBe(text === '東京タワ' ? '東京たわ' : fold(text));
  },
);

it('compares e-mails without case and surrounding space, and phones by their digits', () => {
  expect(emailKey(' Office@Harbor.example ')).toBe('office@harbor.example');
  expect(phoneDigits('+33 6 28-00')).toBe('3362800');
});
