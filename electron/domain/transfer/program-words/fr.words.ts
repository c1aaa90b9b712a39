import type { ProgramWords } from './program-words.ts';

export const french: ProgramWords = {
  columns: {
    company: ['Nom du compte', 'Compte', 'Société associée', 'Société liée', 'Entreprise liée', 'Entreprise associée'],
    person: ['Nom du contact'],
    email: ['Première adresse électronique', 'E-mail principal', 'E-mail - Travail'],
    secondEmail: ['Autre E-mail', 'E-mail secondaire', 'E-mail - Domicile', 'E-mail - Autre'],
    phone: ['Tél. personnel', 'Téléphone (domicile)', 'Téléphone personnel', 'Téléphone - Domicile'],
    workPhone: ['Téléphone du bureau', 'Téléphone (bureau)', 'Téléphone - Travail'],
    mobilePhone: ['Numéro de téléphone mobile', 'Numéro de mobile', 'Téléphone - Mobile', 'Tél. mobile', 'Mobile'],
    secondPhone: ['Autre téléphone', 'Téléphone - Autre'],
    jobTitle: ['Poste occupé', 'Titre du poste'],
    website: ['Site Web 1', 'URL du site web', 'Lien du site web'],
    country: ['Pays/Région'],
    line1: ['Rue 1'],
    line2: ['Rue 2', 'Rue2'],
    line3: ['Rue 3'],
    region: ['Pays/État', 'État ou région', 'État/Région', 'État/Province', 'Département/Région', 'État'],
    birthYear: ['Année de naissance'],
    doNotCall: ['Ne pas appeler'],
  },
  addresses: {
    billing: ['Adresse de facturation'],
    shipping: ['Adresse de livraison', 'Adresse d’expédition'],
    mailing: ['Adresse postale'],
    primary: ['Adresse principale'],
    other: ['Adresse secondaire', 'Autre adresse'],
    home: ['Adresse privée', 'Adresse personnelle'],
    business: ['Adresse professionnelle'],
  },
  entities: { person: 'Personne', organisation: 'Organisation' },
  dates: ['date de', 'date d', 'naissance', 'anniversaire', 'dernier', 'depuis', 'creation', 'relance'],
  names: ['Nom à afficher'],
  beside: [
    // Thunderbird calls the country a region there, and the region a country.
    { beside: 'Pays/État', column: 'Région', means: 'country' },
    { beside: 'Année de naissance', column: 'Mois', means: 'birthMonth' },
    { beside: 'Année de naissance', column: 'Jour', means: 'birthDay' },
  ],
};
