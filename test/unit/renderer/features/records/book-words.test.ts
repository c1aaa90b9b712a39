import { expect, it } from 'vitest';
import { atField, wordsFor, wordsForAll } from '../../../../../renderer/features/records/book-words.ts';
import { changesFor } from '../../../../../renderer/features/records/record-commands.ts';
import { blankRecord, fieldsOf, nounNames } from '../../../../../shared/nouns/nouns.ts';
import { valueAt } from '../../../../../shared/nouns/field.ts';
import { words } from '../../../../../shared/words/words.ts';

it('says of a single value what the book would say, without naming the field it stands at', () => {
  expect(wordsFor('clients', 'email', 'nobody')).toBe('This is not an e-mail address. It needs the form name@example.com.');
  expect(wordsFor('clients', 'name', '')).toBe('Must not be empty.');
  expect(wordsFor('clients', 'name', 'x'.repeat(301))).toBe('Can have 300 characters at most. Shorten it.');
  expect(wordsFor('clients', 'paymentTermsDays', 'soon')).toBe('Write a whole number, like 30.');
  expect(wordsFor('clients', 'nextFollowUpDate', '2026-02-30')).toBe('This day does not exist. Check the date.');
  expect(wordsFor('clients', 'address.city', 'x'.repeat(301))).toBe('Can have 300 characters at most. Shorten it.');
  expect(wordsFor('clients', 'email', 'a@b.example')).toBeNull();
});

it('says everything that is wrong with a form, each at its field', () => {
  const words = wordsForAll('locations', { name: '', primaryEmail: 'nobody' });
  expect([...words.keys()].toSorted()).toEqual(['clientId', 'name', 'primaryEmail']);
  for (const sentence of words.values()) expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(wordsForAll('clients', { name: 'Adler' }).size).toBe(0);
});

it('takes the label off a sentence of main, and leaves other sentences alone', () => {
  expect(atField('clients', { field: 'email', ...words('said.text', { text: 'E-mail: this is wrong.' }) })).toBe('This is wrong.');
  expect(atField('clients', { field: 'email', ...words('said.text', { text: 'The client "Adler" has this e-mail already.' }) })).toBe(
    'The client "Adler" has this e-mail already.',
  );
});

it('changes a part of an address together with the rest of it', () => {
  const record = { address: { line1: 'Main Street 1', city: 'Köln' }, name: 'Adler' };
  expect(changesFor(record, 'address.city', 'Bonn')).toEqual({ address: { line1: 'Main Street 1', city: 'Bonn' } });
  expect(changesFor(record, 'name', 'Birch')).toEqual({ name: 'Birch' });
  expect(record.address.city).toBe('Köln');
});

it('finds nothing wrong with the blank values that a record starts with', () => {
  for (const noun of nounNames) {
    const blank = blankRecord(noun);
    for (const field of fieldsOf(noun)) {
      if (field.computed === true || field.required === true) continue;
      expect(wordsFor(noun, field.path, valueAt(blank, field.path)), `${noun} ${field.path}`).toBeNull();
    }
  }
});
