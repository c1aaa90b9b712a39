import { describe, expect, it, onTestFinished } from 'vitest';
import { createReadModelFeed, type ReadModel } from '../../../../../electron/domain/read-model.ts';
import { createSearchIndex } from '../../../../../electron/domain/search/search-index.ts';
import { beginsNear } from '../../../../../electron/domain/search/word-index.ts';
import { generatedClient, generatedContact } from '../../../../support/generated-book.ts';
import { openLaptop, quietLog, request, type TestBook } from '../../../../support/opened-book.ts';
import { seeded } from '../../../../support/seeded.ts';

const found = async (laptop: TestBook, text: string) => (await laptop.search.find(text, 20)).hits.map(({ title }) => title);

async function filled(): Promise<TestBook & { harborId: string }> {
  const laptop = await openLaptop();
  const { record: harbor } = await laptop.clients.create({
    name: 'Harbor Street Bakery',
    email: 'office@harbor-street.example',
    phone: '+33 6 28 10 44 12',
    address: { city: 'Zürich', postalCode: '8001' },
    notes: 'Ring at the side door',
    accountCode: 'AC-000123',
    tags: ['north route'],
    banking: { accountNumber: '777788889999', bankName: 'Merchants Trust' },
    custom: { gate: 'blue gate' },
  });
  await laptop.clients.create({ name: 'Élan Printing', lifecycleStage: 'dormant', phone: '(619) 555-0142' });
  await laptop.contacts.create({
    clientId: harbor.id,
    firstName: 'Søren',
    lastName: 'Łukasz',
    email: 'soren.l@people.example',
    mobilePhone: '0628 33 00 01',
  });
  await laptop.locations.create({ clientId: harbor.id, name: 'Side shop', physicalAddress: { city: 'Genève' } });
  return Object.assign(laptop, { harborId: harbor.id });
}

describe('finds', () => {
  it.each([
    ['a prefix of any word', 'bak', 'Harbor Street Bakery'],
    ['all words in any order', 'bakery harb', 'Harbor Street Bakery'],
    ['accents folded', 'elan', 'Élan Printing'],
    ['accents typed', 'zürich', 'Harbor Street Bakery'],
    ['letters of other alphabets folded', 'soren lukasz', 'Søren Łukasz'],
    ['capitals', 'ÉLAN', 'Élan Printing'],
    ['a part of an e-mail', 'harbor-street.ex', 'Harbor Street Bakery'],
    ['the whole e-mail', 'soren.l@people.example', 'Søren Łukasz'],
    ['a note', 'side door', 'Harbor Street Bakery'],
    ['a tag', 'north rou', 'Harbor Street Bakery'],
    ['the label of a choice', 'dorm', 'Élan Printing'],
    ['an account code', 'AC-0001', 'Harbor Street Bakery'],
    ['a postal code', '8001', 'Harbor Street Bakery'],
    ['a user-defined field', 'blue gate', 'Harbor Street Bakery'],
    ['a phone typed as at home', '06 28 10', 'Harbor Street Bakery'],
    ['a phone typed without spaces', '0628104412', 'Harbor Street Bakery'],
    ['a phone typed with its country', '+33 (6) 28', 'Harbor Street Bakery'],
    ['a phone dialled with 00', '0033628104412', 'Harbor Street Bakery'],
    ['the end of a phone', '0142', 'Élan Printing'],
    ['a phone with brackets', '(619) 555', 'Élan Printing'],
    ['a contact by the client’s name', 'soren harbor', 'Søren Łukasz'],
    ['a name and a phone', 'soren 0628', 'Søren Łukasz'],
    ['a letter too many', 'bakeery', 'Harbor Street Bakery'],
    ['a letter missing', 'bkery', 'Harbor Street Bakery'],
    ['a wrong letter', 'pakery', 'Harbor Street Bakery'],
    ['two letters swapped', 'abkery', 'Harbor Street Bakery'],
    ['a typo in an unfinished word', 'pritni', 'Élan Printing'],
  ])('%s', async (_, text, title) => {
    expect(await found(await filled(), text)).toContain(title);
  });

  it.each([
    ['what is secret', '777788889999'],
    ['the bank', 'merchants'],
    ['records that hold only some of the words', 'harbor dormant'],
    ['two typos', 'pekary'],
    ['a typo in a short word', 'eln'],
    ['the middle of a word', 'akery'.slice(2)],
    ['signs alone', '--'],
    ['nothing', ' '],
  ])('not %s', async (_, text) => {
    expect(await found(await filled(), text)).toEqual([]);
  });
});

it.each([
  ['ひかり', 'ヒカリ商会'],
  ['ヒカリ', 'ヒカリ商会'],
  ['ﾋｶﾘ', 'ヒカリ商会'],
  ['サーバ', 'さくらサーバー'],
  ['さくらサーバ', 'さくらサーバー'],
  ['サクラ', 'さくらサーバー'],
  ['キヤノン', 'キャノン販売'],
])('finds kana typed as %s, whatever script, width or long mark they are written with', async (text, title) => {
  const laptop = await openLaptop();
  for (const name of ['ヒカリ商会', 'さくらサーバー', 'キャノン販売', 'バザール'])
    await laptop.clients.create({ name, notes: 'サーバー ルーム' });
  expect((await found(laptop, text))[0]).toBe(title);
  const { rows } = await laptop.clients.list(request({ filters: [{ path: 'name', operator: 'contains', value: text }] }));
  expect(rows.map(({ name }) => name)).toEqual([title]);
});

it('puts the name as it was typed before the one in the other script, and keeps both as two clients', async () => {
  const laptop = await openLaptop();
  for (const name of ['ひかり', 'ヒカリ']) await laptop.clients.create({ name });
  expect(await found(laptop, 'ヒカリ')).toEqual(['ヒカリ', 'ひかり']);
  expect(await found(laptop, 'ひかり')).toEqual(['ひかり', 'ヒカリ']);
});

it('puts titles that begin so first, then whole words, then the rest', async () => {
  const laptop = await openLaptop();
  await laptop.clients.create({ name: 'Other', notes: 'northern lights' });
  await laptop.clients.create({ name: 'Another', notes: 'to the north' });
  await laptop.clients.create({ name: 'Great North Farm' });
  await laptop.clients.create({ name: 'Northfield' });
  expect(await found(laptop, 'north')).toEqual(['Northfield', 'Great North Farm', 'Another', 'Other']);
});

it('puts the whole name and the whole phone first, whatever begins like them', async () => {
  const laptop = await openLaptop();
  await laptop.clients.create({ name: 'Adler', phone: '030 555 0142 77' });
  await laptop.clients.create({ name: 'Adler Bakery' });
  await laptop.clients.create({ name: 'Adler 030 555 0142', notes: 'their old number' });
  const { record: berg } = await laptop.contacts.create({ clientId: null, firstName: 'Jonas', lastName: 'Berg', phone: '+49 30 555 0142' });
  await laptop.contacts.create({ clientId: null, firstName: 'Jonas', lastName: 'Bergmann' });
  await laptop.clients.create({ name: 'Jonas Berg Transport' });
  expect((await found(laptop, 'adler'))[0]).toBe('Adler');
  expect((await found(laptop, 'Berg, Jonas'))[0]).toBe('Jonas Berg');
  for (const text of ['030 5550142', '+49 (30) 555-0142', '0049305550142']) {
    const [first] = (await laptop.search.find(text, 20)).hits;
    expect([text, first?.id]).toEqual([text, berg.id]);
  }
});

it('takes digits as they are typed: a number that is one off is another number', async () => {
  const laptop = await filled();
  await laptop.clients.create({ name: 'Store 4711', phone: '+49 221 998877', accountCode: 'AC-000777' });
  for (const text of ['4712', '47111', '4171', 'AC-000778', '0221 998878', '8002'])
    expect([text, await found(laptop, text)]).toEqual([text, []]);
  expect(await found(laptop, 'stroe 4711')).toEqual(['Store 4711']);
});

it('says how many there are and what made it a hit', async () => {
  const laptop = await filled();
  const { hits, total } = await laptop.search.find('06 28', 1);
  expect(total).toBe(2);
  expect(hits).toEqual([
    { collection: 'clients', id: laptop.harborId, title: 'Harbor Street Bakery', subtitle: 'Zürich · Phone: +33 6 28 10 44 12' },
  ]);
});

it('looks for typos only when little is found', async () => {
  const laptop = await openLaptop();
  for (let at = 0; at < 6; at += 1) await laptop.clients.create({ name: `Bakery ${at}` });
  await laptop.clients.create({ name: 'Bakers' });
  expect(await found(laptop, 'baker')).toHaveLength(7);
  expect(await found(laptop, 'bakery')).toHaveLength(6);
  await laptop.clients.create({ name: 'Printers' });
  expect(await found(laptop, 'printerx')).toEqual(['Printers']);
});

it('follows every change: new, changed, deleted, restored, undone, and a client renamed', async () => {
  const laptop = await filled();
  expect(await found(laptop, 'cedar')).toEqual([]);
  await laptop.clients.change(laptop.harborId, { name: 'Cedar Bakery' });
  expect(await found(laptop, 'cedar')).toEqual(['Cedar Bakery', 'Side shop', 'Søren Łukasz']);
  expect(await found(laptop, 'harbor soren')).toEqual(['Cedar Bakery'].slice(1));
  await laptop.history.undo(null);
  expect(await found(laptop, 'harbor soren')).toEqual(['Søren Łukasz']);
  await laptop.clients.remove([laptop.harborId]);
  expect(await found(laptop, 'harbor')).toEqual([]);
  await laptop.clients.restore([laptop.harborId]);
  expect(await found(laptop, 'soren')).toEqual(['Søren Łukasz']);
});

it('narrows a list by the same words', async () => {
  const laptop = await filled();
  const { rows, total } = await laptop.contacts.list(request({ search: '0628 soren' }));
  expect(rows.map(({ name }) => name)).toEqual(['Søren Łukasz']);
  expect(total).toBe(1);
  expect((await laptop.clients.list(request({ search: '!' }))).total).toBe(0);
});

it('finds everything right after the start, and after so many changes that the index was made anew', async () => {
  const random = seeded('search after many changes');
  const laptop = await openLaptop();
  await laptop.book.run('imports.start', 'import-1', (tx) => {
    for (let at = 0; at < 1200; at += 1) {
      const { id } = tx.create('clients', generatedClient(at));
      tx.create('contacts', generatedContact(at, id, true));
    }
  });
  for (const day of ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']) {
    await laptop.book.run('imports.start', 'import-2', (tx) => {
      for (const { id } of laptop.book.all('clients')) tx.change('clients', id, { notes: `call on ${day}` });
    });
  }
  const words = ['north', 'harb', '555', 'zur', 'ac-0000', 'grace', '06', 'saturday', 'bakery denver', `client-${random.below(1200)}`];
  const search = (book: TestBook) => Promise.all(words.map((word) => book.search.find(word, 50)));
  await laptop.searchReady();
  const kept = await search(laptop);
  const again = await laptop.reopen();

  expect(kept).toEqual(await search(again));
  expect(kept.every(({ total }) => total > 0)).toBe(true);
  expect((await again.search.find('friday', 5)).total).toBe(0);
});

it('offers what was opened or changed last', async () => {
  const laptop = await openLaptop();
  const later = () => laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
  const { record: first } = await laptop.clients.create({ name: 'First' });
  later();
  const { record: second } = await laptop.clients.create({ name: 'Second' });
  later();
  const { record: third } = await laptop.contacts.create({ clientId: first.id, firstName: 'Third' });
  later();
  laptop.clients.get(first.id);
  expect(laptop.search.recent(2).hits.map(({ title }) => title)).toEqual(['First', 'Third']);
  await laptop.contacts.remove([third.id]);
  expect(laptop.search.recent(8).hits.map(({ id }) => id)).toEqual([first.id, second.id]);
});

it('holds a word to be near exactly when one edit of it begins the text', () => {
  const random = seeded('one typo');
  const letters = 'abc';
  const word = (length: number) => Array.from({ length }, () => letters[random.below(3)]).join('');
  const edits = (of: string) => {
    const all = new Set([of]);
    for (let at = 0; at <= of.length; at += 1) {
      all.add(of.slice(0, at) + of.slice(at + 1));
      if (at + 1 < of.length) all.add(of.slice(0, at) + of[at + 1] + of[at] + of.slice(at + 2));
      for (const letter of letters) {
        all.add(of.slice(0, at) + letter + of.slice(at + 1));
        all.add(of.slice(0, at) + letter + of.slice(at));
      }
    }
    return [...all];
  };
  for (let run = 0; run < 3000; run += 1) {
    const typed = word(4 + random.below(3));
    const text = word(2 + random.below(7));
    expect(beginsNear(text, typed), `${typed} and ${text}`).toBe(edits(typed).some((edit) => text.startsWith(edit)));
  }
});

it('finds names whatever marks their letters have, in search and in lists, and shows first what is written as it was typed', async () => {
  const laptop = await openLaptop();
  for (const name of ['タイヤ商会', 'ダイヤ商会', 'ﾊﾟﾝ工房', 'ราคาถูก', 'काला केंद्र', 'कला केंद्र', 'Ελλάδα', 'ＡＢＣ商事'])
    await laptop.clients.create({ name });
  const listed = async (search: string) => (await laptop.clients.list(request({ search }))).rows.map(({ name }) => name).toSorted();
  expect(await found(laptop, 'タイヤ')).toEqual(['タイヤ商会', 'ダイヤ商会']);
  expect(await found(laptop, 'ダイ')).toEqual(['ダイヤ商会', 'タイヤ商会']);
  expect(await found(laptop, 'ﾀﾞｲﾔ商')).toEqual(['ダイヤ商会', 'タイヤ商会']);
  expect(await found(laptop, 'ハン')).toEqual(['ﾊﾟﾝ工房']);
  expect(await found(laptop, 'काला')).toEqual(['काला केंद्र', 'कला केंद्र']);
  expect(await found(laptop, 'ελλαδα')).toEqual(['Ελλάδα']);
  expect(await found(laptop, 'abc商')).toEqual(['ＡＢＣ商事']);
  expect(await listed('ダ')).toEqual(['タイヤ商会', 'ダイヤ商会'].toSorted());
  expect(await listed('พ')).toEqual([]);
  expect(await listed('ราคา')).toEqual(['ราคาถูก']);
});

it('looks records through for a list while words that are missing have to wait for the book to be proven', async () => {
  const { book, clients, files } = await openLaptop();
  const { record } = await clients.create({ name: 'Quokka Works' });
  // As a crash left it: the record was not taken in.
  const words = Object.create(files.readModel.words, { idsOf: { value: () => [] } }) as ReadModel['words'];
  const model = Object.create(files.readModel, { words: { value: words }, behind: { value: [['clients', record.id]] } }) as ReadModel;
  const proven = Promise.withResolvers<boolean>();
  const feed = createReadModelFeed({ book, model, log: quietLog, proven: proven.promise });
  onTestFinished(feed.stop);
  const search = createSearchIndex({ book, model, feed });
  expect(search.idsWith('clients', 'quokka')).toEqual([record.id]);
  proven.resolve(true);
  await feed.ready();
  expect(search.idsWith('clients', 'quokka'), 'the model answers again').toEqual([]);
});
