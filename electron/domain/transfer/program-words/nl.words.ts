import type { ProgramWords } from './program-words.ts';

export const dutch: ProgramWords = {
  columns: {
    company: ['Accountnaam', 'Relatie', 'Relatienaam', 'Naam relatie', 'Gerelateerd bedrijf', 'Bijbehorend bedrijf', 'Gekoppeld bedrijf'],
    person: ['Naam contactpersoon', 'Contactnaam'],
    email: ['Eerste e-mail', 'Primair e-mailadres', 'E-mail - Werk'],
    secondEmail: ['Ander e-mailadres', 'Secundaire e-mail', 'E-mail - Thuis', 'E-mail - Anders'],
    phone: ['Telefoon thuis', 'Telefoon - Thuis'],
    workPhone: ['Telefoon - Werk', 'Telefoon kantoor'],
    mobilePhone: ['Mobiel telefoonnummer', 'Telefoon - Mobiel'],
    secondPhone: ['Andere telefoon', 'Telefoon - Anders'],
    jobTitle: ['Werkfunctie', 'Functieomschrijving'],
    notes: ['Aantekeningen'],
    website: ['Webpagina 1', 'Website-URL', 'Website link'],
    country: ['Land/regio'],
    line2: ['Adres 2', 'Straat 2', 'Straat2'],
    region: ['Staat/provincie', 'Staat/regio', 'Provincie/staat', 'Provincie/regio'],
    birthYear: ['Geboortejaar'],
    birthMonth: ['Geboortemaand'],
    birthDay: ['Geboortedag'],
    description: ['Beschrijving'],
  },
  addresses: {
    billing: ['Factuuradres', 'Factuur Adres'],
    shipping: ['Verzendadres', 'Verzend Adres', 'Afleveradres', 'Bezorgadres'],
    mailing: ['Postadres'],
    primary: ['Primair', 'Hoofdadres'],
    other: ['Alternatief adres', 'Alternatief', 'Ander adres'],
    business: ['Werkadres'],
  },
  addressParts: {
    business: { city: ['Werklocatie'], region: ['Werkprovincie'], postalCode: ['Werkpostcode'], country: ['Werkland'] },
    other: { country: ['Alternatief land adres'], postalCode: ['Alternatieve postcode adres'] },
  },
  entities: { person: 'Persoon', organisation: 'Organisatie' },
  dates: ['datum', 'geboorte', 'verjaardag', 'sinds', 'laatste', 'aangemaakt'],
  names: ['Weergavenaam', 'Record Naam'],
};
