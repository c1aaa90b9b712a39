import type { ProgramWords } from './program-words.ts';

export const polish: ProgramWords = {
  columns: {
    company: ['Nazwa kontrahenta', 'Firma/Organizacja', 'Powiązana firma', 'Powiązane przedsiębiorstwo', 'Nazwa konta'],
    person: ['Nazwa kontaktu'],
    email: ['Podstawowy e-mail', 'E-mail - Praca'],
    secondEmail: ['Dodatkowy e-mail', 'E-mail - Dom', 'E-mail - Inne'],
    phone: ['Telefon domowy', 'Telefon - Dom'],
    workPhone: ['Telefonu służbowy', 'Telefon - Praca', 'Telefon biurowy'],
    mobilePhone: ['Numer telefonu komórkowego', 'Tel. komórkowy', 'Telefon - Komórkowy', 'Komórka'],
    secondPhone: ['Inny telefon', 'Telefon - Inne'],
    jobTitle: ['Stanowisko pracy'],
    department: ['Departament'],
    website: ['Strona WWW 1', 'Adres URL witryny', 'Link do strony WWW'],
    salutation: ['Forma grzecznościowa'],
    line2: ['Ulica 2', 'Ulica2'],
    region: ['Stan/Region', 'Województwo/region', 'Stan/Województwo', 'Stan'],
    country: ['Państwo', 'Kraj/region'],
    birthYear: ['Urodziny - Rok'],
    birthMonth: ['Urodziny - Miesiąc'],
    birthDay: ['Urodziny - Dzień'],
    doNotCall: ['Nie dzwonić', 'Nie dzwoń'],
    tags: ['Znaczniki'],
  },
  addresses: {
    billing: ['Adres rozliczeniowy', 'Adres do faktury', 'Adres Firmy'],
    shipping: ['Adres Dostawy'],
    mailing: ['Adres korespondencyjny', 'Adres pocztowy'],
    other: ['Adres dodatkowy', 'dodatkowy', 'dodatkowe'],
    home: ['Adres domowy', 'dom'],
    business: ['Adres służbowy', 'praca'],
  },
  entities: { person: 'Osoba', organisation: 'Organizacja', name: 'Nazwa' },
  dates: ['data', 'urodzenia', 'urodziny', 'utworzenia', 'utworzono', 'ostatni'],
  names: ['Wyświetlana nazwa'],
  beside: [
    { beside: 'Jest firmą', column: 'Nazwa', means: 'person' },
    // EspoCRM: a bank has no account there, and a full name is called as a first one is.
    { beside: 'Nie dzwoń', column: 'Konto', means: 'company' },
    { beside: 'Nie dzwoń', column: 'Tytuł', means: 'jobTitle' },
    { beside: 'Nie dzwoń', column: 'Imię', means: 'person', without: 'Nazwisko' },
  ],
};
