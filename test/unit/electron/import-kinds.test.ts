import { zipSync, strToU8 } from 'fflate';
import { expect, it } from 'vitest';
import { type Expectation, failuresAfter, runSteps } from '../../support/import-case.ts';

/** For each kind of fault that real files showed, inputs beside those that it was found with. */

const bytes = (text: string, ...codes: readonly (readonly [from: string, to: number])[]) => {
  const map = new Map(codes);
  return Uint8Array.from([...text].map((char) => map.get(char) ?? char.charCodeAt(0)));
};

async function holds(name: string, content: string | Uint8Array, expected: Expectation): Promise<void> {
  expect(await failuresAfter(name, content, expected)).toEqual([]);
}

it('keeps the rows below a quotation mark that stands for inches, and an address of two lines as one cell', async () => {
  await holds('inch.csv', 'Item code,Item,Price\nS1,"Pipe 2,4.00\nS2,Hose,5.00\nS3,Valve 3",6.00\nS4,Tap,7.00\n', {
    records: { itemPrices: [{ itemCode: 'S2', invoiceItem: 'Hose', defaultPrice: 5 }, { itemCode: 'S4' }] },
    count: { itemPrices: 4 },
    told: ['quotation mark'],
  });
  await holds(
    'two-lines.csv',
    'Name,Address,Phone\nAdler,"Hauptstr. 1, Hof 2\n10115 Berlin, Germany",030 1234567\nBirch,"Weg 2",0228 987654\n',
    {
      records: { clients: [{ name: 'Adler', 'address.freeform': { like: '^Hauptstr. 1, Hof 2\n10115' } }] },
      count: { clients: 2 },
    },
  );
});

it('tells names apart by the marks of Devanagari and Thai, and not by accents of Latin letters', async () => {
  await holds('hi.csv', 'Name,City\nकला केंद्र,Pune\nकाला केंद्र,Delhi\n', { count: { clients: 2 } });
  await holds('th.csv', 'Name,City\nร้านป่า,Phuket\nร้านปา,Bangkok\n', { count: { clients: 2 }, verdicts: { duplicate: 0 } });
  await holds('fr.csv', 'Name,City\nCafé Été,Paris\nCafe Ete,Paris\n', { count: { clients: 1 } });
});

it('leaves a book as it is when an export of any list comes back, also where names and parents are twins', async () => {
  const twin = (as: string, city: string) => ({ make: 'clients' as const, as, fields: { name: 'Twin', address: { city } } });
  const file = () => Buffer.from('');
  const unchanged = { verdicts: { unchanged: 2, error: 0, new: 0, update: 0 }, unchanged: true as const };
  const people = ['first', 'second'].map((clientId) => ({
    make: 'contacts' as const,
    fields: { clientId: `$${clientId}`, firstName: 'Ann', lastName: 'Lee' },
  }));
  const places = ['first', 'second'].map((clientId) => ({
    make: 'locations' as const,
    fields: { clientId: `$${clientId}`, name: 'Shop' },
  }));
  const twins = [twin('first', 'Berlin'), twin('second', 'Ulm')];
  expect(
    await runSteps([...twins, ...people, { export: 'contacts', format: 'xlsx', as: 'x' }, { import: '$x' }, { expect: unchanged }], file),
  ).toEqual([]);
  expect(
    await runSteps([...twins, ...places, { export: 'locations', format: 'csv', as: 'x' }, { import: '$x' }, { expect: unchanged }], file),
  ).toEqual([]);
});

it('keeps branches apart that share a phone or an address, and knows a firm by its e-mail without its legal form', async () => {
  await holds('branches.csv', 'Name,City,Postal code\nAral,Kiel,24103\nAral,Kiel,24105\nAral,Ulm,89073\n', {
    records: { clients: [{ 'address.postalCode': '24103' }, { 'address.postalCode': '24105' }, { 'address.city': 'Ulm' }] },
    count: { clients: 3 },
  });
  await holds('form.csv', 'Name,E-mail,City\nAdler GmbH,office@adler.example,\nAdler,office@adler.example,Kiel\n', {
    records: { clients: [{ email: 'office@adler.example', 'address.city': 'Kiel' }] },
    count: { clients: 1 },
  });
});

it('reads thousands and decimals as the column shows them, with points and with commas', async () => {
  await holds('points.csv', 'Item code;Item;Price\nA;Oven;1.250\nB;Tray;12\nC;Bar;999,9\n', {
    records: {
      itemPrices: [
        { itemCode: 'A', defaultPrice: 1250 },
        { itemCode: 'C', defaultPrice: 999.9 },
      ],
    },
  });
  await holds('commas.csv', 'Item code,Item,Price\nA,Oven,"1,250"\nB,Tray,12.50\n', {
    records: {
      itemPrices: [
        { itemCode: 'A', defaultPrice: 1250 },
        { itemCode: 'B', defaultPrice: 12.5 },
      ],
    },
  });
  await holds('kc.csv', 'Item code;Item;Price\nA;Oven;1 250,50 Kč\nB;Tray;R$ 12,50\n', {
    records: {
      itemPrices: [
        { itemCode: 'A', defaultPrice: 1250.5 },
        { itemCode: 'B', defaultPrice: 12.5 },
      ],
    },
  });
});

it('takes a whole column of rates as percentages where one is above one or its name says so', async () => {
  await holds('above.csv', 'Item code,Item,Price,VAT\nA,Book,1,0.5\nB,Cup,1,7.75\n', {
    records: {
      itemPrices: [
        { itemCode: 'A', defaultTaxRate: 0.005 },
        { itemCode: 'B', defaultTaxRate: 0.0775 },
      ],
    },
  });
  await holds('named.csv', 'Item code,Item,Price,Tax percent\nA,Book,1,1\n', { records: { itemPrices: [{ defaultTaxRate: 0.01 }] } });
});

it('finds the names below a report head and a time stamp, and passes over sums and names that are repeated', async () => {
  await holds(
    'report.csv',
    'Kundenliste\nStand;01.11.2026\n\nFirma;Ort;PLZ;Telefon\nAdler;Berlin;10115;030 1234567\nBirch;Bonn;53111;0228 987654\n',
    {
      preview: { headerRow: 4 },
      records: { clients: [{ name: 'Adler', 'address.city': 'Berlin' }] },
      count: { clients: 2 },
      told: ['Kundenliste'],
    },
  );
  await holds('pages.csv', 'Name,City,Annual revenue\nAdler,Berlin,10\nName,City,Annual revenue\nBirch,Bonn,20.5\nSumme,,30.50\n', {
    count: { clients: 2 },
    verdicts: { skip: 2, new: 2 },
  });
  await holds(
    'price-list.csv',
    'Bericht\n\nItem,Code,Price,VAT,Last change of price\nBread,B1,4.00,7 %,2024-04-03\nCake,C1,9.50,7 %,2024-04-05\n',
    {
      preview: { headerRow: 3 },
      records: { itemPrices: [{ itemCode: 'B1', invoiceItem: 'Bread', defaultPrice: 4, defaultTaxRate: 0.07 }, { itemCode: 'C1' }] },
      count: { itemPrices: 2 },
      told: ['Bericht'],
    },
  );
  await holds(
    'pipeline.csv',
    'Pipeline;Stand heute\n\nDeal;Client;Amount;Probability;Close date\nFoyer;Adler;1200;50;2026-05-01\nDach;Adler;800;20;2026-06-01\n',
    {
      preview: { headerRow: 3 },
      records: { opportunities: [{ name: 'Foyer', amount: 1200 }, { name: 'Dach' }] },
      count: { opportunities: 2 },
    },
  );
  // A firm of that name is one, where nothing adds up.
  await holds('total.csv', 'Name,City,Annual revenue\nAdler,Berlin,10\nTotal,Paris,99\n', { count: { clients: 2 } });
});

it.each([
  ['German', 'Vorname;Name;Firma;Handy;Straße;PLZ;Wohnort;Geburtsdatum\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;03.05.1980\n'],
  [
    'French',
    'Prénom;Nom;Société;Portable;Rue;Code postal;Ville;Date de naissance\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;3 mai 1980\n',
  ],
  [
    'Spanish',
    'Nombre;Apellidos;Empresa;Móvil;Calle;Código postal;Ciudad;Fecha de nacimiento\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;3 de mayo de 1980\n',
  ],
  [
    'Italian',
    'Nome;Cognome;Azienda;Cellulare;Indirizzo via;CAP;Città;Data di nascita\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;3 maggio 1980\n',
  ],
  [
    'Portuguese',
    'Nome;Sobrenome;Empresa;Celular;Rua;CEP;Cidade;Data de nascimento\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;3 de maio de 1980\n',
  ],
  [
    'Dutch',
    'Voornaam;Achternaam;Bedrijf;Mobiel;Straat;Postcode;Woonplaats;Geboortedatum\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;3 mei 1980\n',
  ],
  [
    'Polish',
    'Imię;Nazwisko;Nazwa firmy;Telefon komórkowy;Ulica;Kod pocztowy;Miasto;Data urodzenia\nEva;Klein;Adler;0171 1;Weg 2;01067;Dresden;3 maja 1980\n',
  ],
])('knows the columns of a list in %s, and its months', async (_language, text) => {
  await holds('people.csv', text, {
    records: {
      contacts: [
        {
          firstName: 'Eva',
          lastName: 'Klein',
          clientName: 'Adler',
          mobilePhone: '0171 1',
          'address.line1': 'Weg 2',
          'address.postalCode': '01067',
          'address.city': 'Dresden',
          dateOfBirth: '1980-05-03',
        },
      ],
    },
    count: { contacts: 1 },
  });
});

const outlookRow = '"Ann","Lee","Birch Clinic","Leitung","Bachweg 2","Bonn","53111","0228 100","0171 200","ann@birch.example"\n';
const outlook: Record<string, string> = {
  German:
    '"Vorname","Nachname","Firma","Position","Straße geschäftlich","Ort geschäftlich","Postleitzahl geschäftlich","Telefon geschäftlich","Mobiltelefon","E-Mail-Adresse"\n',
  French:
    '"Prénom","Nom","Société","Titre","Rue (bureau)","Ville (bureau)","Code postal (bureau)","Téléphone (bureau)","Tél. mobile","Adresse de messagerie"\n',
  Spanish:
    '"Nombre","Apellidos","Organización","Puesto","Calle del trabajo","Ciudad de trabajo","Código postal del trabajo","Teléfono del trabajo","Teléfono móvil","Dirección de correo electrónico"\n',
  Italian:
    '"Nome","Cognome","Società","Posizione","Via (uff.)","Città (uff.)","CAP (uff.)","Ufficio","Cellulare","Indirizzo posta elettronica"\n',
  Portuguese:
    '"Nome","Sobrenome","Empresa","Cargo","Rua do endereço comercial","Cidade do endereço comercial","CEP do endereço comercial","Telefone comercial","Celular","Endereço de email"\n',
  Dutch:
    '"Voornaam","Achternaam","Bedrijf","Functie","Werkadres, straat","Werkadres, plaats","Werkadres, postcode","Telefoon op werk","Mobiele telefoon","E-mailadres"\n',
  Polish:
    '"Imię","Nazwisko","Firma","Stanowisko","Adres służbowy - ulica","Adres służbowy - miejscowość","Adres służbowy - kod pocztowy","Telefon służbowy","Telefon komórkowy","Adres e-mail"\n',
};
it.each(Object.entries(outlook))('puts the columns of Outlook in %s where they belong', async (_language, head) => {
  await holds('outlook.csv', head + outlookRow, {
    records: {
      contacts: [
        {
          firstName: 'Ann',
          lastName: 'Lee',
          clientName: 'Birch Clinic',
          jobTitle: 'Leitung',
          'address.line1': 'Bachweg 2',
          'address.city': 'Bonn',
          'address.postalCode': '53111',
          workPhone: '0228 100',
          mobilePhone: '0171 200',
          email: 'ann@birch.example',
        },
      ],
    },
    count: { contacts: 1 },
  });
});

const ann = { firstName: 'Ann', lastName: 'Lee', clientName: 'Birch Clinic', email: 'ann@birch.example' };

it.each([
  [
    'Salesforce',
    'Salutation,First Name,Last Name,Account Name,Title,Mailing Street,Mailing City,Mailing Zip/Postal Code,Phone,Email\nDr.,Ann,Lee,Birch Clinic,Head,Bachweg 2,Bonn,53111,0228 1,ann@birch.example\n',
    { jobTitle: 'Head', 'address.city': 'Bonn', salutation: 'Dr.' },
  ],
  [
    'HubSpot',
    'Record ID,First Name,Last Name,Email,Phone Number,Company Name,Job Title,City,Postal Code\n1,Ann,Lee,ann@birch.example,0228 1,Birch Clinic,Head,Bonn,53111\n',
    { jobTitle: 'Head', 'address.postalCode': '53111' },
  ],
  [
    'SuiteCRM',
    'First Name,Last Name,Account Name,Email Address,Office Phone,Primary Address Street,Primary Address City,Alternate Address City\nAnn,Lee,Birch Clinic,ann@birch.example,0228 1,Bachweg 2,Bonn,Ulm\n',
    { 'address.line1': 'Bachweg 2', 'address.city': 'Bonn', workPhone: '0228 1' },
  ],
  [
    'LinkedIn',
    'Notes:\n"When exporting your connection data, you may notice that some addresses are missing."\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nAnn,Lee,https://in.example/ann,ann@birch.example,Birch Clinic,Head,01 Nov 2026\n',
    { jobTitle: 'Head' },
  ],
  [
    'Thunderbird',
    'First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Work Phone,Home Phone,Work Address,Work City,Work ZipCode,Organization\nAnn,Lee,Ann Lee,,ann@birch.example,a2@birch.example,0228 1,,Bachweg 2,Bonn,53111,Birch Clinic\n',
    { secondaryEmail: 'a2@birch.example', 'address.city': 'Bonn' },
  ],
  [
    'Thunderbird in German',
    'Vorname,Nachname,Anzeigename,Primäre E-Mail-Adresse,Sekundäre E-Mail-Adresse,Tel. dienstlich,Mobil-Tel.-Nr.,Dienstlich: Adresse,Dienstlich: Ort,Dienstlich: PLZ,Arbeitstitel,Organisation\nAnn,Lee,Ann Lee,ann@birch.example,a2@birch.example,0228 1,0171 2,Bachweg 2,Bonn,53111,Head,Birch Clinic\n',
    { secondaryEmail: 'a2@birch.example', workPhone: '0228 1', mobilePhone: '0171 2', 'address.postalCode': '53111', jobTitle: 'Head' },
  ],
  [
    'Thunderbird in French',
    'Prénom,Nom de famille,Nom à afficher,Première adresse électronique,Adresse électronique secondaire,Tél. professionnel,Portable,Adresse professionnelle,Ville professionnelle,Code postal professionnel,Service,Société\nAnn,Lee,Ann Lee,ann@birch.example,a2@birch.example,0228 1,0171 2,Bachweg 2,Bonn,53111,Soin,Birch Clinic\n',
    { secondaryEmail: 'a2@birch.example', workPhone: '0228 1', mobilePhone: '0171 2', 'address.city': 'Bonn' },
  ],
])('puts the columns of %s where they belong', async (_program, text, more) => {
  await holds('export.csv', text, { records: { contacts: [{ ...ann, ...more }] }, count: { contacts: 1 }, verdicts: { error: 0 } });
});

it.each([
  // Each file in its own encoding, as base64.
  ['Greek (ISO 8859-7)', 'Αθηναϊκή Εταιρεία', 'Αθήνα', 'TmFtZTtDaXR5CsHo5+3h+ureIMX04enx5d/hO8Ho3u3hCtDh8OHk/PDv9evv8jvI5fPz4evv7d/q5wo='],
  ['Greek (Windows)', 'Αθηναϊκή Εταιρεία', 'Αθήνα', 'TmFtZTtDaXR5CsHo5+3h+ureIMX04enx5d/hO8Ho3u3hCtDh8OHk/PDv9evv8jvI5fPz4evv7d/q5wo='],
  ['Chinese (GB 18030)', '北京烤鸭店', '北京', 'TmFtZSxDaXR5CrGxvqm/vtG8teossbG+qQrJz7qjw7PS17mry74syc+6owq549bdtefX07OnLLnj1t0K'],
  ['Chinese (Big5)', '台北茶葉公司', '台北', 'TmFtZSxDaXR5CqV4pV+v+bitpL2lcSyleKVfCrCqtq+05LZUqfam5iywqravCrtPpKS5caRsvHQsu0+kpAo='],
  ['Korean', '서울무역', '서울', 'TmFtZSxDaXR5Crytv++5q7+qLLytv+8Kus676rz2u+osus676gq067G4vLbAryy067G4Cg=='],
  ['Japanese (EUC)', 'タイヤ商会', '東京', 'TmFtZSxDaXR5CqW/paSl5L6msvEsxey1/gqk0qSrpOrFxbWhLMLnuuUKpLWkr6TptuS51Cy1/sXUCg=='],
  ['Polish (ISO 8859-2)', 'Łódzka Fabryka', 'Łódź', 'TmFtZTtDaXR5CqPzZHprYSBGYWJyeWthO6PzZLwKpndpYXQgWmFiYXdlaztLcmFr83cKr/OzdztHZGHxc2sK'],
  ['Russian (KOI8)', 'Петров', 'Москва', 'TmFtZTtDaXR5CvDF1NLP1zvtz9PL18EK6dfBzs/XwTvrwdrBztgK'],
  ['Russian (DOS)', 'Петров', 'Москва', 'TmFtZTtDaXR5Co+l4uCuojuMruGqoqAKiKKgra6ioDuKoKegrewK'],
  ['Turkish (Windows)', 'Şişli Fırını', 'İstanbul', 'TmFtZTtDaXR5Ct5p/mxpIEb9cv1u/Tvdc3RhbmJ1bArHYfBsYXI7RXNraf5laGlyCg=='],
  ['Hebrew (Windows)', 'חברת החשמל', 'חיפה', 'TmFtZTtDaXR5Cufh+Pog5Of57uw75+n05Aru4PTp6fog5Pb05e876fjl+ezp7Qo='],
  ['Arabic (Windows)', 'شركة النور', 'القاهرة', 'TmFtZTtDaXR5CtTR38kgx+Hk5tE7x+Hex+XRyQrjzsjSIMfh48/t5Mk72uPH5Ao='],
  ['Euro (ISO 8859-15)', 'Cœur de Lyon', 'Lyon', 'TmFtZTtDaXR5CkO9dXIgZGUgTHlvbjtMeW9uCrRpuGtvdjtQcmFnCg=='],
  ['Euro sign (ISO 8859-15)', 'Café Été', 'Orléans', 'TmFtZTtDaXR5O05vdGVzCkNhZukgyXTpO09ybOlhbnM7NSCkIHBhciBtb2lzCg=='],
])('reads a file in the letters of %s', async (_encoding, name, city, base64) => {
  await holds('letters.csv', Buffer.from(base64, 'base64'), { records: { clients: [{ name, 'address.city': city }] } });
});

it('reads letters of Russian, Japanese and Mac files', async () => {
  const russian = Uint8Array.from([
    ...Buffer.from('Name;City\n'),
    0xcf,
    0xe5,
    0xf2,
    0xf0,
    0xee,
    0xe2,
    0x3b,
    0xcc,
    0xee,
    0xf1,
    0xea,
    0xe2,
    0xe0,
    0x0a,
  ]);
  await holds('ru.csv', russian, { records: { clients: [{ name: 'Петров', 'address.city': 'Москва' }] } });
  await holds('mac.csv', bytes('Name;City\nM*ller;M*nchen\nB#cker;K%ln\n', ['*', 0x9f], ['#', 0x8a], ['%', 0x9a]), {
    records: {
      clients: [
        { name: 'Müller', 'address.city': 'München' },
        { name: 'Bäcker', 'address.city': 'Köln' },
      ],
    },
  });
  // タイヤ and 東京 in Shift JIS.
  const japanese = [0x83, 0x5e, 0x83, 0x43, 0x83, 0x84, 0x2c, 0x93, 0x8c, 0x8b, 0x9e, 0x0a];
  await holds('ja.csv', Uint8Array.from([...Buffer.from('Name,City\n'), ...Array.from({ length: 6 }, () => japanese).flat()]), {
    records: { clients: [{ name: 'タイヤ', 'address.city': '東京' }] },
  });
});

it('takes the preferred numbers of a card, and a charset of its own line by line', async () => {
  await holds(
    'pref.vcf',
    'BEGIN:VCARD\nVERSION:4.0\nFN:Ann Lee\nEMAIL:plain@x.example\nEMAIL;PREF=50:half@x.example\nEMAIL;PREF=2:best@x.example\nEND:VCARD\n',
    {
      records: { contacts: [{ email: 'best@x.example', secondaryEmail: 'half@x.example' }] },
    },
  );
  const polish = Uint8Array.from([
    ...Buffer.from('BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-2:'),
    0xa3,
    0x6f,
    0xb6,
    ...Buffer.from(';Ewa;;;\nTEL;CELL:601\nEND:VCARD\n'),
  ]);
  await holds('pl.vcf', polish, { records: { contacts: [{ firstName: 'Ewa', lastName: 'Łoś' }] } });
});

it('takes no numbers of companies for phones, and says which numbers a spreadsheet cut short', async () => {
  await holds('siren.csv', 'Company,SIREN,City\nAdler,732829320,Paris\nBirch,0552081317,Lyon\n', { every: { clients: { phone: null } } });
  await holds('cut.csv', 'Name,Phone,City\nAdler,"4,91715E+12",Kiel\n', { told: ['cut short'] });
});

it('takes titles, suffixes and particles of a name apart', async () => {
  await holds('names.csv', 'Full name,Company\nProf. Dr. Ludwig van Beethoven,A\n"Smith, John, PhD",B\nMaria de la Cruz Jr.,C\n', {
    records: {
      contacts: [
        { salutation: 'Prof. Dr.', firstName: 'Ludwig', lastName: 'van Beethoven' },
        { firstName: 'John', lastName: 'Smith', generalNote: { like: 'PhD' } },
        { firstName: 'Maria', lastName: 'de la Cruz', generalNote: { like: 'Jr' } },
      ],
    },
  });
});

it('reads days, times and phones of a workbook by their formats, and a merged cell for each of its rows', async () => {
  const cells = (row: number, ...all: string[]) => `<row r="${row}">${all.join('')}</row>`;
  const text = (at: string, value: string) => `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`;
  const sheet = `<worksheet><sheetData>${cells(1, text('A1', 'Client'), text('B1', 'Name'), text('C1', 'First contact'), text('D1', 'Opens'), text('E1', 'Phone'))}${cells(2, text('A2', 'Adler'), text('B2', 'x'), '<c r="C2" s="1"><v>46296</v></c>', '<c r="D2" s="2"><v>0.75</v></c>', '<c r="E2" s="3"><v>301234567</v></c>')}</sheetData></worksheet>`;
  const styles = `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[$-407]d\\.\\ mmmm\\ yyyy"/><numFmt numFmtId="171" formatCode="hh:mm"/><numFmt numFmtId="172" formatCode="&quot;0&quot;##\\ ######"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/></cellXfs></styleSheet>`;
  const rel = (id: string, type: string, target: string) => `<Relationship Id="${id}" Type="http://x/${type}" Target="${target}"/>`;
  const file = zipSync({
    '_rels/.rels': strToU8(`<Relationships>${rel('r1', 'officeDocument', '/odd/book.xml')}</Relationships>`),
    'odd/book.xml': strToU8('<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'),
    'odd/_rels/book.xml.rels': strToU8(
      `<Relationships>${rel('r1', 'worksheet', 'cells.xml')}${rel('r2', 'styles', 'looks.xml')}</Relationships>`,
    ),
    'odd/cells.xml': strToU8(sheet),
    'odd/looks.xml': strToU8(styles),
  });
  await holds('book.xlsx', file, {
    anywhere: ['2026-10-01', '18:00', '0301 234567'],
  });
});

it('finds a phone by its country where it was written without, and the other way round', async () => {
  const steps = (phone: string, search: string) => [
    { import: { name: 'p.csv', text: `First name,Last name,Phone\nAnn,Lee,${phone}\nEva,Klein,030 7777777\n` } },
    { search, finds: 'Ann Lee' },
  ];
  expect(await runSteps(steps('020 7946 0018', '+44 20 7946 0018'), () => Buffer.from(''))).toEqual([]);
  expect(await runSteps(steps('+33 (0)6 12 34 56 78', '06 12 34 56 78'), () => Buffer.from(''))).toEqual([]);
});

it('calls a credit partly paid back until all of it went back', async () => {
  const line = { description: 'credit', quantity: '-1', unitPrice: '100', taxRate: '0', itemPriceId: null };
  const pay = (amount: string, status: string) => ({
    call: 'invoices.addPayment',
    input: { id: '$made.record.id', payment: { date: '2026-03-04', amount, method: 'transfer', reference: null } },
    gives: { 'record.status': status },
  });
  const steps = [
    { make: 'clients' as const, as: 'client', fields: { name: 'Adler', defaultCurrency: 'EUR' } },
    { call: 'invoices.create', as: 'made', input: { clientId: '$client', lines: [line] } },
    { call: 'invoices.issue', input: { id: '$made.record.id' }, gives: { 'record.status': { not: 'paid' } } },
    pay('-40.00', 'partially_paid'),
    pay('-60.00', 'paid'),
  ];
  expect(await runSteps(steps, () => Buffer.from(''))).toEqual([]);
});
