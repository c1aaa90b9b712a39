import { say } from '../../../../../shared/words/say.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cardIdSource } from '../../../../../electron/domain/transfer/card-draft.ts';
import type { Contact } from '../../../../../shared/nouns/contact/contact.ts';
import { counted, problemOf } from '../../../../support/opened-book.ts';
import { givenData, openDesk } from '../../../../support/transfer-desk.ts';

async function bringFile(...names: string[]) {
  const desk = await openDesk();
  const jobs = [];
  for (const name of names) jobs.push(await desk.bring((await desk.look(name, readFileSync(join(givenData, name)))).plan));
  const contacts = [...desk.laptop.book.all('contacts')];
  const clientName = (contact: Contact | undefined) =>
    contact === undefined || contact.clientId === null ? null : (desk.laptop.book.get('clients', contact.clientId)?.name ?? null);
  return { ...desk, jobs, contacts, clientName };
}

async function bringCards(...cards: string[][]) {
  const desk = await openDesk();
  const text = cards.map((lines) => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n')).join('');
  const { plan, preview } = await desk.look('cards.vcf', text);
  const job = await desk.bring(plan);
  return { ...desk, preview, job, contacts: [...desk.laptop.book.all('contacts')], clients: [...desk.laptop.book.all('clients')] };
}

it('brings in the card of an iPhone with everything on it, the picture passed over', async () => {
  const { contacts, clientName, jobs, look } = await bringFile('John_Doe_IPHONE.vcf');
  expect(jobs).toMatchObject([{ state: 'done', counts: { new: 1, error: 0 }, made: { clients: 1, contacts: 1 } }]);
  const [john] = contacts;
  expect(clientName(john)).toBe('IBM');
  expect(john).toMatchObject({
    salutation: 'Mr.',
    firstName: 'John',
    middleName: 'Richter James',
    lastName: 'Doe',
    department: 'Accounting',
    jobTitle: 'Money Counter',
    email: 'john.doe@ibm.com',
    mobilePhone: '905-555-1234',
    workPhone: '905-777-1234',
    phone: '905-666-1234',
    dateOfBirth: '2012-06-06',
    links: ['http://www.ibm.com'],
    address: { line1: 'Silicon Alley 5', city: 'New York', region: 'New York', postalCode: '12345', country: 'United States of America' },
  });
  expect(john?.generalNote?.split('\n')).toEqual(
    expect.arrayContaining([
      'Name suffix: Sr.',
      'Nickname: Johny',
      'Fax (home): 905-888-1234',
      'Fax (work): 905-999-1234',
      'Pager: 905-111-1234',
      'Assistant phone: 905-222-1234',
      'Address (work): Street4, Building 6, Floor 8, New York, 12345, USA',
    ]),
  );
  const { preview } = await look('again.vcf', readFileSync(join(givenData, 'John_Doe_IPHONE.vcf')));
  expect(preview).toMatchObject({ format: 'vcard', rows: 1, notes: [{ words: 'imports.cardsWithPictures', values: { cards: 1 } }] });
});

it('brings in the cards of Android, Gmail and Outlook and the example of the standard', async () => {
  const { contacts, clientName, jobs } = await bringFile(
    'John_Doe_ANDROID.vcf',
    'John_Doe_GMAIL.vcf',
    'John_Doe_MS_OUTLOOK.vcf',
    'gmail-list.vcf',
    'rfc6350-example.vcf',
  );
  expect(jobs.map(({ counts }) => counts.error)).toEqual([0, 0, 0, 0, 0]);
  expect(contacts).toHaveLength(12);
  const by = (email: string) => contacts.find((contact) => contact.email === email);
  expect(by('jane.doe@company.com')).toMatchObject({ tags: ['My Contacts'], lastName: null });
  expect(contacts.find(({ phone }) => phone === '234567')).toMatchObject({
    mobilePhone: '123456',
    lastName: 'Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ',
    generalNote: expect.stringContaining('Phone (cell): 3456789'),
  });
  const bob = by('bob@company.com');
  expect(bob).toMatchObject({ workPhone: null, mobilePhone: '123456', links: ['www.company.com', 'http://www.company.com'] });
  expect(bob?.generalNote).toContain('E-mail: ÑÑÑÑÑÑÑÑÑÑÑÑÑÑ');
  expect(clientName(bob)).toBe('ÑÑÑÑÑÑÑÑÑÑÑÑ');
  const gmail = by('john.doe@ibm.com');
  expect(gmail).toMatchObject({
    dateOfBirth: '1980-03-22',
    middleName: 'Richter, James',
    address: { line1: null, freeform: 'Crescent moon drive\n555-asd\nNice Area, Albaney, New York 12345\nUnited States of America' },
  });
  expect(gmail?.generalNote).toMatch(/^THIS SOFTWARE IS PROVIDED[\s\S]*Favotire Color: Blue\n/);
  expect(gmail?.generalNote).toContain('Anniversary: 1975-03-01');
  expect(gmail?.generalNote).toContain('Spouse: Jenny');
  expect(gmail?.generalNote).toContain('Phonetic first name: Jon');
  const outlook = by('john.doe@ibm.cm');
  expect(outlook).toMatchObject({
    title: 'Counting Money',
    workPhone: '(905) 555-1234',
    phone: '(905) 666-1234',
    address: { line1: 'Cresent moon drive', city: 'Albaney', postalCode: '12345' },
  });
  expect(outlook?.generalNote).toContain('Manager: Big Blue');
  expect(outlook?.generalNote).toContain('Chat: johny5@aol.com');
  expect(outlook?.generalNote).not.toContain('<card');
  const simon = by('simon.perreault@viagenie.ca');
  expect(clientName(simon)).toBe('Viagenie');
  expect(simon).toMatchObject({
    dateOfBirth: null,
    workPhone: '+1-418-656-9254 ext. 102',
    mobilePhone: '+1-418-262-6501',
    address: { line1: '2875 Laurier', line2: 'Suite D2-630', city: 'Quebec' },
  });
  expect(simon?.generalNote).toContain('Birthday: --02-03');
  expect(simon?.generalNote).toContain('Position (work): geo:46.772673,-71.282945');
});

it('finds the same people the second time, and adds to the note what it does not have', async () => {
  const { bring, look, laptop } = await openDesk();
  const card = (extra: string) =>
    `BEGIN:VCARD\nVERSION:3.0\nUID:abc\nN:Doe;Ada;;;\nORG:Acme\nEMAIL:ada@acme.example\nNOTE:likes tea\n${extra}END:VCARD\n`;
  await bring((await look('a.vcf', card(''))).plan);
  expect((await bring((await look('a.vcf', card(''))).plan)).counts).toMatchObject({ unchanged: 1 });
  const [ada] = [...laptop.book.all('contacts')];
  await laptop.contacts.change(ada?.id ?? '', { generalNote: 'met in May\nlikes tea' });
  expect((await bring((await look('a.vcf', card('NICKNAME:Addie\n'))).plan)).counts).toMatchObject({ update: 1 });
  expect(laptop.contacts.get(ada?.id ?? '').generalNote).toBe('met in May\nlikes tea\nNickname: Addie');
  expect(laptop.counts()).toEqual(counted({ clients: 1, contacts: 1, locations: 0 }));
});

it('makes a client of the card of an organisation', async () => {
  const { clients, contacts, job } = await bringCards(
    [
      'VERSION:3.0',
      'FN:Acme Ltd',
      'ORG:Acme Ltd',
      'EMAIL:info@acme.example',
      'TEL;TYPE=work:+1 555 010 9999',
      'URL:https://acme.example',
      'CATEGORIES:vip,old',
    ],
    ['VERSION:4.0', 'KIND:org', 'FN:Beta', 'NOTE:good'],
    ['VERSION:3.0', 'N:;;;;', 'FN:', 'ORG:Gamma', 'X-ABShowAs:COMPANY'],
  );
  expect(job.counts).toMatchObject({ new: 3 });
  expect(contacts).toEqual([]);
  expect(clients).toMatchObject([
    { name: 'Acme Ltd', email: 'info@acme.example', phone: '+1 555 010 9999', website: 'https://acme.example', tags: ['vip', 'old'] },
    { name: 'Beta', notes: 'good' },
    { name: 'Gamma' },
  ]);
});

it('brings in the cards that are whole and says which are not', async () => {
  const { bring, look, rows, imports, read } = await openDesk();
  const { plan, preview } = await look(
    'cut.vcf',
    'BEGIN:VCARD\nVERSION:3.0\nFN:Ada Lovelace\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:Bob Stone\nTEL:+1 55',
  );
  expect(preview.notes.map(say)).toContain('1 card is cut off and cannot be imported; the others can.');
  const job = await bring(plan);
  expect(job.counts).toMatchObject({ new: 1, error: 1 });
  expect(await rows(job.id, 'error')).toEqual([
    {
      row: 2,
      title: 'Bob Stone',
      verdict: 'error',
      reason: { words: 'imports.cardCutOff' },
    },
  ]);
  const { fileId } = await imports.errorFile(job.id);
  expect((await read(fileId)).toString('utf8')).toContain('FN:Bob Stone');
});

it('says what is wrong with a card nobody could be found by, a group, and a name that is too long', async () => {
  const { job, rows } = await bringCards(
    ['VERSION:3.0', 'NOTE:only a note'],
    ['VERSION:4.0', 'KIND:group', 'FN:Friends', 'MEMBER:urn:uuid:1'],
    ['VERSION:3.0', `N:${'x'.repeat(151)};;;;`, 'TEL:1'],
  );
  expect((await rows(job.id, 'error')).map(({ reason }) => reason && say(reason))).toEqual([
    'The contact has no name, no e-mail and no phone.',
    'This card is a group of contacts, not a contact. Import the cards of its members.',
    'Last name: Can have 150 characters at most. Shorten it. It has 151.',
  ]);
});

it('has room for what is longer or more than its fields', async () => {
  const { contacts } = await bringCards([
    'VERSION:3.0',
    'FN:Ada',
    'EMAIL:a@x.example',
    'EMAIL:b@x.example',
    'EMAIL:c@x.example',
    `TEL;TYPE=cell:${'1'.repeat(60)}`,
    'ORG:Acme',
    'ORG:Beta;Sales',
    'TITLE:One',
    'TITLE:Two',
    'BDAY:1604-05-12',
    'X-SKYPE:ada',
    'this is no property',
  ]);
  expect(contacts[0]).toMatchObject({ email: 'a@x.example', secondaryEmail: 'b@x.example', mobilePhone: null, jobTitle: 'One' });
  expect(contacts[0]?.generalNote?.split('\n')).toEqual([
    'Organisation: Beta, Sales',
    'Job title: Two',
    'E-mail: c@x.example',
    `Phone (cell): ${'1'.repeat(60)}`,
    'Birthday: --05-12',
    'Skype: ada',
    'this is no property',
  ]);
});

it('keeps the id of a card, so that the same card is found when all else changed', async () => {
  const { laptop, bring, look } = await openDesk();
  await bring((await look('a.vcf', 'BEGIN:VCARD\nVERSION:4.0\nUID:x-1\nFN:Ada Lovelace\nEND:VCARD\n')).plan);
  const job = await bring((await look('b.vcf', 'BEGIN:VCARD\nVERSION:4.0\nUID:x-1\nFN:Ada King\nEMAIL:k@x.example\nEND:VCARD\n')).plan);
  expect(job.counts).toMatchObject({ update: 1 });
  expect([...laptop.book.all('contacts')]).toMatchObject([{ lastName: 'King', externalIds: { [cardIdSource]: 'x-1' } }]);
});

it('finds the record that is left when a card names one that was merged into it', async () => {
  const { laptop, bring, look } = await openDesk();
  const card = (uid: string, rest: string) => `BEGIN:VCARD\nVERSION:4.0\nUID:${uid}\n${rest}\nEND:VCARD\n`;
  await bring((await look('a.vcf', `${card('x-1', 'FN:Ada Lovelace')}${card('x-2', 'FN:A. King')}`)).plan);
  const [ada, king] = [...laptop.book.all('contacts')];
  await laptop.merges.merge({ noun: 'contacts', ids: [ada?.id ?? '', king?.id ?? ''], keepId: ada?.id ?? '', choices: {} });
  for (const one of [card('x-2', 'FN:Countess\nEMAIL:k@x.example'), card(king?.id ?? '', 'FN:Ada\nTEL:555 0100')]) {
    expect((await bring((await look('b.vcf', one)).plan)).counts).toMatchObject({ new: 0, update: 1 });
  }
  expect(laptop.contacts.get(king?.id ?? '')).toMatchObject({ id: ada?.id, email: 'k@x.example' });
});

it('refuses a file that is called .vcf and has no card in it', async () => {
  const { look } = await openDesk();
  expect(await problemOf(look('a.vcf', 'Name,Phone\nAcme,1\n'))).toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('no vCard in this file'),
  });
});
