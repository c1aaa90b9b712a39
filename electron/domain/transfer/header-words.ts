import { fold } from '../../../shared/lib/text.ts';

/** What a column holds, before it is known whether the file lists clients, contacts or locations. */
export type Role =
  | 'company'
  | 'person'
  | 'firstName'
  | 'middleName'
  | 'lastName'
  | 'salutation'
  | 'email'
  | 'secondEmail'
  | 'invoiceEmail'
  | 'phone'
  | 'secondPhone'
  | 'workPhone'
  | 'mobilePhone'
  | 'fax'
  | 'website'
  | 'headquarters'
  | 'place'
  | 'address'
  | 'line1'
  | 'line2'
  | 'line3'
  | 'city'
  | 'region'
  | 'postalCode'
  | 'country'
  | 'locationName'
  | 'industry'
  | 'description'
  | 'notes'
  | 'tags'
  | 'accountCode'
  | 'entityType'
  | 'lifecycleStage'
  | 'kind'
  | 'isActive'
  | 'isPrimary'
  | 'companySize'
  | 'annualRevenue'
  | 'currency'
  | 'paymentTerms'
  | 'firstContact'
  | 'lastContact'
  | 'nextFollowUp'
  | 'jobTitle'
  | 'title'
  | 'department'
  | 'birthday'
  | 'doNotCall'
  | 'bankName'
  | 'accountNumber'
  | 'swift'
  /** Known, and nothing to import: what our own files say about a record. */
  | 'leaveOut';

/** Column of our error files that says what was wrong. */
export const reasonHeader = 'Why it was not imported';
export const rowHeader = 'Row in the file';

/** Ways to call a column, folded; the more words, the surer. Order matters only between equals. */
const phrases: Record<Role, readonly string[]> = {
  leaveOut: [reasonHeader, rowHeader, 'created', 'changed', 'days since last contact', 'follow up overdue'].map(headerKey),
  firstName: ['first name', 'firstname', 'given name', 'forename', 'vorname', 'prenom', 'nombre de pila', 'fname'],
  middleName: ['middle name', 'middlename', 'second name', 'zweiter vorname', 'additional name'],
  lastName: [
    'last name',
    'lastname',
    'surname',
    'family name',
    'nachname',
    'familienname',
    'nom de famille',
    'apellido',
    'apellidos',
    'lname',
  ],
  person: [
    'full name',
    'fullname',
    'contact name',
    'contact person',
    'contact',
    'person',
    'ansprechpartner',
    'kontaktperson',
    'display name',
    'primary contact',
  ],
  salutation: ['salutation', 'prefix', 'name prefix', 'anrede', 'civilite', 'mr mrs', 'honorific'],
  company: [
    'client name',
    'company name',
    'company',
    'client',
    'customer',
    'customer name',
    'account name',
    'account',
    'organisation',
    'organization',
    'organisation name',
    'organization name',
    'organization 1 name',
    'business name',
    'business',
    'firm',
    'firma',
    'firmenname',
    'kunde',
    'kundenname',
    'unternehmen',
    'societe',
    'entreprise',
    'raison sociale',
    'empresa',
    'cliente',
    'legal name',
    'trading name',
    'security',
    'employer',
    'name of company',
  ],
  secondEmail: [
    'second e mail',
    'second email',
    'secondary email',
    'email 2',
    'e mail 2',
    'e mail 2 value',
    'other email',
    'alternative email',
    'email address 2',
  ],
  invoiceEmail: ['invoice e mail', 'invoice email', 'billing email', 'billing e mail', 'accounts email', 'rechnungs e mail'],
  email: [
    'e mail',
    'email',
    'e mail address',
    'email address',
    'mail',
    'e mail adresse',
    'courriel',
    'correo',
    'correo electronico',
    'primary email',
    'e mail 1 value',
    'email 1',
  ],
  mobilePhone: ['mobile phone', 'mobile', 'mobile number', 'cell', 'cell phone', 'cellphone', 'handy', 'mobil', 'portable', 'movil'],
  workPhone: ['work phone', 'business phone', 'office phone', 'phone work', 'telefon geschaftlich'],
  secondPhone: ['second phone', 'secondary phone', 'phone 2', 'telephone 2', 'other phone', 'alternative phone'],
  fax: ['fax', 'fax number', 'telefax'],
  phone: [
    'phone',
    'telephone',
    'phone number',
    'telephone number',
    'tel',
    'telefon',
    'telefonnummer',
    'telefono',
    'primary phone',
    'main phone',
    'phone 1',
    'phone 1 value',
    'home phone',
  ],
  website: ['website', 'web site', 'web', 'url', 'homepage', 'home page', 'webseite', 'internet', 'site web', 'domain', 'web page'],
  headquarters: [
    'headquarters location',
    'headquarters',
    'headquarter',
    'hq',
    'hq location',
    'head office',
    'hauptsitz',
    'firmensitz',
    'siege',
    'siege social',
    'sede',
  ],
  line1: [
    'address line 1',
    'address 1',
    'address1',
    'street',
    'street address',
    'street 1',
    'strasse',
    'rue',
    'calle',
    'billing street',
    'billing address line',
    'street address line 1',
    'street name',
  ],
  line2: ['address line 2', 'address 2', 'address2', 'street 2', 'suite', 'unit', 'apartment', 'street address line 2', 'adresszusatz'],
  line3: ['address line 3', 'address 3', 'address3', 'street 3', 'street address line 3'],
  city: ['city', 'town', 'stadt', 'ville', 'ciudad', 'city town', 'billing city', 'street city', 'suburb'],
  region: [
    'state',
    'region',
    'province',
    'county',
    'state or region',
    'state province',
    'bundesland',
    'billing state',
    'street state or region',
    'provincia',
  ],
  postalCode: [
    'postal code',
    'postcode',
    'zip',
    'zip code',
    'zipcode',
    'post code',
    'plz',
    'postleitzahl',
    'code postal',
    'codigo postal',
    'billing postcode',
    'street postal code',
  ],
  country: ['country', 'land', 'pays', 'pais', 'nation', 'country code', 'billing country', 'street country'],
  address: [
    'address',
    'full address',
    'postal address',
    'adresse',
    'anschrift',
    'direccion',
    'mailing address',
    'business address',
    'home address',
    'address as one text',
  ],
  place: ['location', 'place', 'city and state', 'city state', 'city region', 'lage'],
  locationName: [
    'location name',
    'branch',
    'branch name',
    'site name',
    'site',
    'standort',
    'filiale',
    'depot',
    'store',
    'store name',
    'office name',
    'program location',
  ],
  description: [
    'description',
    'sub industry',
    'subindustry',
    'about',
    'profile',
    'business description',
    'beschreibung',
    'activity',
    'line of business',
    'summary',
  ],
  industry: ['industry', 'sector', 'branche', 'secteur', 'industria', 'vertical', 'industry sector'],
  notes: [
    'notes',
    'note',
    'comment',
    'comments',
    'remark',
    'remarks',
    'notiz',
    'notizen',
    'bemerkung',
    'bemerkungen',
    'memo',
    'general note',
  ],
  tags: ['tags', 'tag', 'labels', 'label', 'categories', 'category', 'groups', 'group membership', 'schlagworte', 'keywords'],
  accountCode: [
    'account code',
    'client code',
    'customer code',
    'customer number',
    'customer no',
    'customer id',
    'client number',
    'client no',
    'client id',
    'account no',
    'account id',
    'code',
    'symbol',
    'ticker',
    'ticker symbol',
    'kundennummer',
    'kunden nr',
    'debitor',
    'reference',
    'ref',
    'short code',
  ],
  accountNumber: ['account number', 'bank account', 'bank account number', 'iban', 'kontonummer'],
  bankName: ['bank', 'bank name'],
  swift: ['swift code', 'swift', 'bic'],
  entityType: ['entity type', 'legal form', 'rechtsform', 'organisation type', 'organization type', 'company type'],
  lifecycleStage: ['lifecycle stage', 'lifecycle', 'stage', 'client stage', 'customer stage'],
  kind: ['kind', 'client kind', 'record type'],
  isActive: ['active', 'is active', 'aktiv', 'enabled'],
  isPrimary: ['primary contact', 'primary location', 'primary', 'is primary', 'main contact', 'main location'],
  companySize: ['company size', 'size', 'employees', 'number of employees', 'headcount', 'staff', 'mitarbeiter'],
  annualRevenue: ['annual revenue', 'annual revenue usd', 'revenue', 'turnover', 'umsatz', 'sales'],
  currency: ['currency', 'currency code', 'default currency', 'wahrung', 'devise'],
  paymentTerms: ['payment terms days', 'payment terms', 'terms', 'payment days', 'zahlungsziel', 'net days'],
  firstContact: ['first contact', 'first contact date', 'first contacted', 'client since', 'customer since', 'kunde seit'],
  lastContact: ['last contact', 'last contact date', 'last contacted', 'letzter kontakt', 'last visit', 'last activity'],
  nextFollowUp: [
    'next follow up',
    'next follow up date',
    'follow up',
    'follow up date',
    'followup',
    'next contact',
    'wiedervorlage',
    'next visit',
  ],
  jobTitle: [
    'job title',
    'position',
    'role',
    'job',
    'funktion',
    'poste',
    'cargo',
    'job role',
    'organization 1 title',
    'organization title',
  ],
  title: ['professional title', 'title', 'titel', 'profession'],
  department: ['department', 'abteilung', 'organization 1 department', 'division', 'service'],
  birthday: ['birthday', 'date of birth', 'birth date', 'birthdate', 'dob', 'geburtstag', 'geburtsdatum'],
  doNotCall: ['do not call', 'no calls', 'dnc'],
};

/** "GICS Sub-Industry" → "gics sub industry". */
export function headerKey(header: string): string {
  return fold(header)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Words too common inside other names to tell anything when they are only a part of the header. */
const onlyWhole = new Set([
  'contact',
  'account',
  'name',
  'client',
  'person',
  'code',
  'ref',
  'reference',
  'role',
  'job',
  'terms',
  'size',
  'sales',
  'stage',
  'unit',
  'site',
  'store',
  'title',
  'service',
  'land',
  'group',
  'tag',
  'label',
  'kind',
  'active',
  'business',
  'security',
  'web',
  'mail',
  'changed',
  'created',
  'primary',
  'place',
  'location',
  'depot',
  'bank',
  'staff',
  'activity',
  'internet',
  'prefix',
]);

const byPhrase = new Map<string, Role>();
for (const [role, names] of Object.entries(phrases) as [Role, readonly string[]][]) {
  for (const name of names) if (!byPhrase.has(name)) byPhrase.set(name, role);
}

export interface RoleGuess {
  role: Role;
  /** 100 for a whole name; less the less of the header is understood. */
  score: number;
}

/** What a header may mean, the likeliest first. */
export function rolesOf(header: string): RoleGuess[] {
  const key = headerKey(header);
  const whole = byPhrase.get(key);
  if (whole !== undefined) return [{ role: whole, score: 100 }];
  const guesses: RoleGuess[] = [];
  for (const [phrase, role] of byPhrase) {
    if (onlyWhole.has(phrase) || role === 'leaveOut' || !` ${key} `.includes(` ${phrase} `)) continue;
    guesses.push({ role, score: 50 + Math.round((40 * phrase.length) / key.length) });
  }
  return guesses.sort((a, b) => b.score - a.score);
}

export function isKnownHeader(header: string): boolean {
  const key = headerKey(header);
  return key === 'name' || rolesOf(header).length > 0;
}
