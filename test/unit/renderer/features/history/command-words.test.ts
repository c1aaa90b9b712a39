import { expect, it } from 'vitest';
import { commandWords, countOf, historyWords } from '../../../../../renderer/features/history/command-words.ts';

it('says what a command did and to how many', () => {
  expect(commandWords('clients.remove', 1)).toBe('Deleted 1 client');
  expect(commandWords('clients.remove', 3), 'a client and its people').toBe('Deleted 3 records');
  expect(commandWords('contacts.create', 1)).toBe('Created 1 contact');
  expect(commandWords('locationPrices.setMany', 12)).toBe('Set 12 prices');
  expect(commandWords('locationPrices.clear', 1)).toBe('Cleared 1 price');
  expect(commandWords('imports.start', 503)).toBe('Imported 503 records');
  expect(commandWords('something.unheardOf', 1)).toBe('Changed 1 record');
});

it('says in a history what was done, undone and done again', () => {
  expect(historyWords('clients.change', 'do', false)).toBe('Changed');
  expect(historyWords('clients.create', 'do', true)).toBe('Created');
  expect(historyWords('activities.create', 'do', false), 'a call moves the last contact').toBe('Changed');
  expect(historyWords('imports.start', 'do', true)).toBe('Imported');
  expect(historyWords('clients.change', 'undo', false)).toBe('Undone: changed');
  expect(historyWords('clients.remove', 'redo', false)).toBe('Done again: deleted');
});

it('counts in the words of the field', () => {
  expect(countOf('locations', 1)).toBe('1 location');
  expect(countOf('clients', 0)).toBe('0 clients');
});
