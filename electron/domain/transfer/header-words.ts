import { fold } from '../../../shared/lib/text.ts';
import { programWords } from './program-words/program-words.ts';

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
  | 'birthYear'
  | 'birthMonth'
  | 'birthDay'
  | 'doNotCall'
  | 'bankName'
  | 'accountNumber'
  | 'swift'
  /** Says of each row whether its name is that of a firm. */
  | 'isOrganisation'
  /** Known, and nothing to import: what our own files say about a record. */
  | 'leaveOut';

/** Column of our error files that says what was wrong. */
export const reasonHeader = 'Why it was not imported';
export const rowHeader = 'Row in the file';

/** Ways to call a column, folded; the more words, the surer. Order matters only between equals. */
const phrases: Record<Role, readonly string[]> = {
  leaveOut: [reasonHeader, rowHeader, 'created', 'changed', 'days since last contact', 'follow up overdue'].map(headerKey),
  firstName: [
    'first name',
    'firstname',
    'given name',
    'forename',
    'vorname',
    'prenom',
    'nombre de pila',
    'fname',
    'voornaam',
    'imie',
    'nome proprio',
    'primeiro nome',
    'first',
    'voor naam',
    'nome di battesimo',
    'pila',
    'nombres',
    'prenoms',
    'given',
    'contact first name',
  ],
  middleName: [
    'middle name',
    'middlename',
    'second name',
    'zweiter vorname',
    'additional name',
    'tweede naam',
    'segundo nombre',
    'deuxieme prenom',
    'secondo nome',
    'drugie imie',
    'nome do meio',
  ],
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
    'achternaam',
    'familienaam',
    'nazwisko',
    'cognome',
    'sobrenome',
    'apelido',
    'zuname',
    'primer apellido',
    'last',
    'ultimo nome',
    'contact last name',
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
    'person name',
    'kontakt',
    'contact full name',
    'nom complet',
    'nombre completo',
    'nome completo',
    'nome e cognome',
    'volledige naam',
    'imie i nazwisko',
    'vollstandiger name',
    'contactpersoon',
    'persona de contacto',
    'personne de contact',
    'referente',
    'osoba kontaktowa',
    'contato',
    'pessoa de contato',
    'interlocuteur',
    'kontaktname',
    'nombre de contacto',
  ],
  salutation: [
    'salutation',
    'prefix',
    'name prefix',
    'anrede',
    'civilite',
    'mr mrs',
    'honorific',
    'titre de civilite',
    'tratamiento',
    'saluto',
    'aanhef',
    'tytul',
    'zwrot grzecznosciowy',
    'forma de tratamento',
    'name title',
    'honorific prefix',
  ],
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
    'organizacion',
    'organizzazione',
    'organizacao',
    'organisatie',
    'organizacja',
    'empresa',
    'cliente',
    'legal name',
    'trading name',
    'security',
    'employer',
    'name of company',
    'person organization',
    'organisation person',
    'company account',
    'bedrijf',
    'bedrijfsnaam',
    'organisatie',
    'klant',
    'klantnaam',
    'nazwa firmy',
    'nazwa',
    'nazwa klienta',
    'kontrahent',
    'klient',
    'azienda',
    'ragione sociale',
    'societa',
    'nome azienda',
    'denominazione',
    'razon social',
    'nombre de la empresa',
    'nombre empresa',
    'compania',
    'nom de l entreprise',
    'nom de la societe',
    'nom de l organisation',
    'etablissement',
    'razao social',
    'nome da empresa',
    'companhia',
    'nome fantasia',
    'firmenbezeichnung',
    'kundenbezeichnung',
    'related company',
    'parent company',
    'parent name',
    'commercial company name',
    'company name for listing',
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
    'e mail 2 address',
    'email address other',
    'secondary e mail',
    'zweite e mail',
    'email secondaire',
    'correo secundario',
    'person email other',
    'person email home',
    'email 2 value',
    'other e mail',
    'email home',
    'home email',
    'drugi e mail',
    'tweede e mail',
    'alternate email',
    'privat e mail',
    'sekundare e mail adresse',
    'zweite e mail adresse',
    'adresse electronique secondaire',
    'deuxieme adresse electronique',
    'correo electronico secundario',
    'indirizzo email secondario',
    'indirizzo e mail secondario',
    'email secundario',
    'e mail secundario',
    'endereco de email secundario',
    'tweede e mailadres',
    'secundair e mailadres',
    'dodatkowy adres e mail',
  ],
  invoiceEmail: [
    'invoice e mail',
    'invoice email',
    'billing email',
    'billing e mail',
    'accounts email',
    'rechnungs e mail',
    'e mail facturation',
    'email facturation',
    'correo de facturacion',
    'email fatturazione',
    'factuur e mail',
    'e mail rechnung',
    'rechnungsmail',
  ],
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
    'email1',
    'e mail 1',
    'e mailadres',
    'email adres',
    'mailadres',
    'adres e mail',
    'adres email',
    'posta elettronica',
    'indirizzo email',
    'indirizzo e mail',
    'endereco de email',
    'e mail principal',
    'adresse e mail',
    'adresse email',
    'adresse electronique',
    'adresse mail',
    'adresse de messagerie',
    'adresse de courriel',
    'adresse courriel',
    'indirizzo posta elettronica',
    'indirizzo di posta elettronica',
    'endereco de correio eletronico',
    'endereco eletronico',
    'correio eletronico',
    'adres poczty elektronicznej',
    'e mail zakelijk',
    'direccion de correo electronico',
    'direccion de correo',
    'mailadresse',
    'emailadresse',
    'person email',
    'person email work',
    'organization email',
    'office email',
    'work email',
    'email work',
    'business email',
    'primary e mail',
    'company email',
  ],
  mobilePhone: [
    'mobile phone',
    'mobile',
    'mobile number',
    'mobil tel nr',
    'mobiltel',
    'cell',
    'cell phone',
    'cellphone',
    'handy',
    'mobil',
    'portable',
    'movil',
    'mobiltelefon',
    'mobilnummer',
    'handynummer',
    'telephone mobile',
    'tel portable',
    'telefono movil',
    'celular',
    'cellulare',
    'telefone celular',
    'telemovel',
    'mobiel',
    'mobiel nummer',
    'mobiele telefoon',
    'telefon komorkowy',
    'komorka',
    'phone mobile',
    'person phone mobile',
    'mobile phone number',
    'cell number',
    'gsm',
  ],
  workPhone: [
    'work phone',
    'business phone',
    'office phone',
    'phone work',
    'telefon geschaftlich',
    'person phone work',
    'geschaftlich',
    'telefon geschaeftlich',
    'dienstlich',
    'telefon dienstlich',
    'telephone professionnel',
    'tel pro',
    'telefono trabajo',
    'telefono del trabajo',
    'telefono ufficio',
    'telefone comercial',
    'telefoon werk',
    'telefon sluzbowy',
    'telefon do pracy',
    'telefon firmowy',
    'telephone bureau',
    'tel bureau',
    'tel professionnel',
    'telefono de trabajo',
    'telefono oficina',
    'telefono lavoro',
    'telefono uff',
    'ufficio',
    'telefone do trabalho',
    'telefone trabalho',
    'telefoon op werk',
    'telefoon zakelijk',
    'werktelefoon',
    'office number',
    'work number',
    'direct phone',
    'phone office',
  ],
  secondPhone: [
    'second phone',
    'secondary phone',
    'phone 2',
    'telephone 2',
    'other phone',
    'alternative phone',
    'phone 2 value',
    'business phone 2',
    'home phone 2',
    'zweite telefonnummer',
    'telefon 2',
    'telefono 2',
    'phone alternate',
    'alternate phone',
    'phone other',
  ],
  fax: ['fax', 'fax number', 'telefax', 'faxnummer', 'fax nr', 'telecopie', 'telecopieur', 'business fax', 'fax 1 value'],
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
    'person phone',
    'organization phone',
    'phone office',
    'telefoon',
    'telefoonnummer',
    'numer telefonu',
    'telefone',
    'numero di telefono',
    'numero de telephone',
    'numero de telefono',
    'rufnummer',
    'festnetz',
    'tel nr',
    'telefon nr',
    'telefoonnr',
    'phone no',
    'tel no',
    'telephone no',
    'company phone',
    'person phone home',
    'phone home',
    'fixe',
    'telephone fixe',
    'telefono fijo',
    'nr telefonu',
    'work phone number',
  ],
  website: [
    'website',
    'web site',
    'web',
    'url',
    'homepage',
    'home page',
    'webseite',
    'internet',
    'site web',
    'domain',
    'web page',
    'website 1 value',
    'internetseite',
    'internetadresse',
    'site internet',
    'sitio web',
    'pagina web',
    'sito web',
    'sito',
    'site',
    'strona',
    'strona internetowa',
    'strona www',
    'www',
    'website url',
    'company website',
    'company domain name',
    'webadres',
    'organization website',
  ],
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
    'billing address street',
    'address 1 street',
    'address street',
    'adresse ligne 1',
    'strasse und hausnummer',
    'strasse hausnummer',
    'strasse nr',
    'str',
    'straat',
    'straat en huisnummer',
    'ulica',
    'ulica i numer',
    'via',
    'indirizzo via',
    'rua',
    'logradouro',
    'morada',
    'domicilio',
    'voie',
    'numero et voie',
    'calle y numero',
    'domicilio fiscal',
    'street line 1',
    'address street 1',
    'street and number',
    'straatnaam',
  ],
  line2: [
    'address line 2',
    'address 2',
    'address2',
    'street 2',
    'suite',
    'unit',
    'apartment',
    'street address line 2',
    'adresszusatz',
    'street2',
    'address street 2',
    'complement d adresse',
    'complement adresse',
    'complemento',
    'complemento de direccion',
    'address line two',
    'address 1 extended address',
    'adresszeile 2',
    'street line 2',
    'adresregel 2',
  ],
  line3: [
    'address line 3',
    'address 3',
    'address3',
    'street 3',
    'street address line 3',
    'address street 3',
    'adresszeile 3',
    'street line 3',
  ],
  city: [
    'city',
    'town',
    'stadt',
    'ville',
    'ciudad',
    'city town',
    'billing city',
    'street city',
    'suburb',
    'billing address city',
    'address 1 city',
    'address city',
    'ort',
    'wohnort',
    'localite',
    'commune',
    'poblacion',
    'localidad',
    'municipio',
    'citta',
    'comune',
    'localita',
    'cidade',
    'plaats',
    'woonplaats',
    'stad',
    'miasto',
    'miejscowosc',
    'ortschaft',
    'city name',
  ],
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
    'billing address state',
    'address 1 region',
    'address state',
    'address region',
    'kanton',
    'departement',
    'comunidad autonoma',
    'comunidad',
    'regione',
    'prov',
    'estado',
    'uf',
    'distrito',
    'provincie',
    'wojewodztwo',
    'state name',
    'province state',
    'region state',
    'bundesland kanton',
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
    'billing address postal code',
    'address 1 postal code',
    'address postal code',
    'address postalcode',
    'postalcode',
    'address zip',
    'cp',
    'c p',
    'cap',
    'codice postale',
    'cep',
    'codigo de endereco postal',
    'kod pocztowy',
    'postcode plaats',
    'postnummer',
    'postal',
    'postal zip code',
    'zip postal code',
    'plz nr',
  ],
  country: [
    'country',
    'land',
    'pays',
    'pais',
    'nation',
    'country code',
    'billing country',
    'street country',
    'billing address country',
    'address 1 country',
    'address country',
    'country region',
    'land region',
    'paese',
    'nazione',
    'landnaam',
    'kraj',
    'staat',
    'country name',
    'landen',
  ],
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
    'address 1 formatted',
    'adres',
    'adres pocztowy',
    'indirizzo',
    'endereco',
    'postadresse',
    'vollstandige adresse',
    'adresse complete',
    'adresse postale',
    'direccion completa',
    'direccion postal',
    'domicilio completo',
    'organization address',
    'full street address',
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
    'niederlassung',
    'succursale',
    'sucursal',
    'filiale name',
    'vestiging',
    'oddzial',
    'sede operativa',
    'agence',
    'sucursal nombre',
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
    'beschreibung firma',
    'opis',
    'descrizione',
    'descricao',
    'descripcion',
    'omschrijving',
  ],
  industry: [
    'industry',
    'sector',
    'branche',
    'secteur',
    'industria',
    'vertical',
    'industry sector',
    'branża',
    'branza',
    'settore',
    'setor',
    'sector de actividad',
    'secteur d activite',
    'bedrijfstak',
    'branche name',
    'ramo',
    'industrie',
  ],
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
    'anmerkung',
    'anmerkungen',
    'kommentar',
    'remarque',
    'remarques',
    'commentaire',
    'commentaires',
    'observaciones',
    'notas',
    'comentarios',
    'nota',
    'osservazioni',
    'observacoes',
    'opmerking',
    'opmerkingen',
    'notities',
    'uwagi',
    'notatki',
    'notitie',
  ],
  tags: [
    'tags',
    'tag',
    'labels',
    'label',
    'categories',
    'category',
    'groups',
    'group membership',
    'schlagworte',
    'keywords',
    'etiketten',
    'kategorie',
    'kategorien',
    'categorie',
    'etiquettes',
    'etiquetas',
    'categoria',
    'categorias',
    'etichette',
    'kategoria',
    'etykiety',
    'gruppe',
    'gruppen',
  ],
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
    'kundennr',
    'kunden nummer',
    'kd nr',
    'kdnr',
    'numero client',
    'n client',
    'no client',
    'code client',
    'ref client',
    'codigo cliente',
    'codigo de cliente',
    'numero de cliente',
    'n cliente',
    'codice cliente',
    'numero cliente',
    'codigo do cliente',
    'klantnummer',
    'klantnr',
    'klantcode',
    'numer klienta',
    'nr klienta',
    'kod klienta',
    'debitorennummer',
    'debitornummer',
    'debiteurnummer',
    'customer nr',
    'client ref',
    'internal reference',
  ],
  accountNumber: [
    'account number',
    'bank account',
    'bank account number',
    'iban',
    'kontonummer',
    'numero de compte',
    'numero de cuenta',
    'numero di conto',
    'numero da conta',
    'rekeningnummer',
    'numer konta',
    'nr konta',
    'bankverbindung iban',
    'conto',
    'konto',
  ],
  bankName: [
    'bank',
    'bank name',
    'nom de la banque',
    'nombre del banco',
    'nome banca',
    'nome do banco',
    'banknaam',
    'nazwa banku',
    'bankname',
  ],
  swift: ['swift code', 'swift', 'bic', 'bic swift', 'swift bic', 'code bic', 'codigo bic', 'codice bic'],
  entityType: [
    'entity type',
    'legal form',
    'rechtsform',
    'organisation type',
    'organization type',
    'company type',
    'forme juridique',
    'forma juridica',
    'forma giuridica',
    'rechtsvorm',
    'forma prawna',
    'natureza juridica',
  ],
  lifecycleStage: ['lifecycle stage', 'lifecycle', 'stage', 'client stage', 'customer stage'],
  kind: ['kind', 'client kind', 'record type'],
  isActive: ['active', 'is active', 'aktiv', 'enabled', 'actif', 'activo', 'attivo', 'ativo', 'actief', 'aktywny'],
  isPrimary: ['primary contact', 'primary location', 'primary', 'is primary', 'main contact', 'main location'],
  companySize: [
    'company size',
    'size',
    'employees',
    'number of employees',
    'headcount',
    'staff',
    'mitarbeiter',
    'no of employees',
    'employee count',
    'mitarbeiterzahl',
    'anzahl mitarbeiter',
    'effectif',
    'nombre d employes',
    'numero de empleados',
    'numero dipendenti',
    'dipendenti',
    'numero de funcionarios',
    'aantal medewerkers',
    'liczba pracownikow',
  ],
  annualRevenue: [
    'annual revenue',
    'annual revenue usd',
    'revenue',
    'turnover',
    'umsatz',
    'sales',
    'jahresumsatz',
    'chiffre d affaires',
    'ca annuel',
    'facturacion anual',
    'ingresos anuales',
    'fatturato',
    'fatturato annuo',
    'receita anual',
    'faturamento',
    'jaaromzet',
    'omzet',
    'przychody',
    'roczny przychod',
    'umsatz pro jahr',
  ],
  currency: [
    'currency',
    'currency code',
    'default currency',
    'wahrung',
    'devise',
    'moneda',
    'valuta',
    'moeda',
    'munt',
    'waluta',
    'monnaie',
    'wahrungscode',
  ],
  paymentTerms: [
    'payment terms days',
    'payment terms',
    'terms',
    'payment days',
    'zahlungsziel',
    'net days',
    'zahlungsbedingungen',
    'conditions de paiement',
    'delai de paiement',
    'condiciones de pago',
    'dias de pago',
    'termini di pagamento',
    'condicoes de pagamento',
    'betalingstermijn',
    'termin platnosci',
    'tage netto',
  ],
  firstContact: [
    'first contact',
    'first contact date',
    'first contacted',
    'client since',
    'customer since',
    'kunde seit',
    'client depuis',
    'cliente desde',
    'cliente dal',
    'klant sinds',
    'klient od',
  ],
  lastContact: [
    'last contact',
    'last contact date',
    'last contacted',
    'letzter kontakt',
    'last visit',
    'last activity',
    'dernier contact',
    'ultimo contacto',
    'ultimo contatto',
    'laatste contact',
    'ostatni kontakt',
    'last contacted on',
  ],
  nextFollowUp: [
    'next follow up',
    'next follow up date',
    'follow up',
    'follow up date',
    'followup',
    'next contact',
    'wiedervorlage',
    'next visit',
    'prochain contact',
    'relance',
    'proximo contacto',
    'proximo seguimiento',
    'prossimo contatto',
    'proximo contato',
    'volgend contact',
    'nastepny kontakt',
    'next activity date',
    'nachster kontakt',
    'next visit date',
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
    'occupation',
    'berufsbezeichnung',
    'arbeitstitel',
    'stelle',
    'stellung',
    'fonction',
    'intitule du poste',
    'puesto',
    'cargo puesto',
    'qualifica',
    'ruolo',
    'posizione',
    'posicion',
    'posicao',
    'mansione',
    'funcao',
    'functie',
    'functietitel',
    'stanowisko',
    'jobtitel',
    'job position',
    'person job title',
    'organization 1 job title',
    'work position',
  ],
  title: ['professional title', 'title', 'titel', 'titre', 'titolo', 'titulo', 'profession'],
  department: [
    'department',
    'abteilung',
    'organization 1 department',
    'division',
    'service',
    'abteilungsname',
    'departement service',
    'departamento',
    'reparto',
    'dipartimento',
    'afdeling',
    'dzial',
    'organization department',
    'unit department',
  ],
  birthday: [
    'birthday',
    'date of birth',
    'birth date',
    'birthdate',
    'dob',
    'geburtstag',
    'geburtsdatum',
    'date de naissance',
    'anniversaire',
    'fecha de nacimiento',
    'cumpleanos',
    'nacimiento',
    'data di nascita',
    'compleanno',
    'nascita',
    'data de nascimento',
    'aniversario',
    'nascimento',
    'geboortedatum',
    'verjaardag',
    'data urodzenia',
    'urodziny',
    'geb datum',
    'geb',
    'geboren',
    'naissance',
  ],
  birthYear: ['birth year', 'year of birth'],
  birthMonth: ['birth month', 'month of birth'],
  birthDay: ['birth day', 'day of birth'],
  isOrganisation: [
    'is a company',
    'is company',
    'is organisation',
    'is organization',
    'ist ein unternehmen',
    'est une societe',
    'es una empresa',
    'es una compania',
    'e una societa',
    'e uma empresa',
    'is een bedrijf',
    'jest firma',
  ],
  doNotCall: [
    'do not call',
    'no calls',
    'dnc',
    'nicht anrufen',
    'ne pas appeler',
    'no llamar',
    'non chiamare',
    'nao ligar',
    'niet bellen',
    'nie dzwonic',
  ],
};

/** "GICS Sub-Industry" → "gics sub industry". */
export function headerKey(header: string): string {
  return fold(header)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Words too common inside other names to tell anything when they are only a part of the header. */
const onlyWhole = new Set([
  ...'first last given site via sito cap cp uf str ort stad stelle konto conto geb land nazwa kontakt klient klant cliente kunde firma kraj nota relance prov staat titre cargo poste opis fixe www wwww sede rua morada voie stand estado distrito comunidad munt firm employer description summary profile about vertical domain category categories groups symbol ticker debitor portable cell'.split(
    ' ',
  ),
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
  'titolo',
  'titulo',
  'ufficio',
]);

const byPhrase = new Map<string, Role>();
for (const [role, names] of Object.entries(phrases) as [Role, readonly string[]][]) {
  for (const name of names) if (!byPhrase.has(name)) byPhrase.set(name, role);
}

const languages = Object.values(programWords);

/** Names of columns in exports of programs; they hold for the whole name only. */
const byColumn = new Map<string, Role>();
for (const { columns } of languages)
  for (const [role, names] of Object.entries(columns) as [Role, readonly string[]][])
    for (const name of names) if (!byPhrase.has(headerKey(name))) byColumn.set(headerKey(name), role);

const roleNamed = (key: string): Role | undefined => byPhrase.get(key) ?? byColumn.get(key);

/** Beside a surer name these mean something else: "Ort" where there is a "Stadt". */
const lessSure = new Set(['ort', 'plaats', 'poblacion', 'localite', 'cp', 'cap', 'via', 'sito', 'konto', 'conto']);

export interface RoleGuess {
  role: Role;
  /** 100 for a whole name; less the less of the header is understood. */
  score: number;
}

/** What a header may mean, the likeliest first. */
export function rolesOf(header: string): RoleGuess[] {
  const key = headerKey(header);
  const whole = roleNamed(key) ?? roleInEntity(header);
  if (whole !== undefined) return [{ role: whole, score: lessSure.has(key) ? 98 : 100 }];
  const guesses: RoleGuess[] = [];
  for (const [phrase, role] of byPhrase) {
    if (onlyWhole.has(phrase) || role === 'leaveOut' || !` ${key} `.includes(` ${phrase} `)) continue;
    guesses.push({ role, score: 50 + Math.round((40 * phrase.length) / key.length) });
  }
  return guesses.sort((a, b) => b.score - a.score);
}

const persons = new Set(languages.flatMap(({ entities }) => (entities === undefined ? [] : [headerKey(entities.person)])));
const organisations = new Set(languages.flatMap(({ entities }) => (entities === undefined ? [] : [headerKey(entities.organisation)])));

const namesOfEntities = new Set(languages.flatMap(({ entities }) => (entities?.name === undefined ? [] : [headerKey(entities.name)])));

/** "Persona - Teléfono - Trabajo": whose field it is comes first. */
function roleInEntity(header: string): Role | undefined {
  const [entity, field] = entityAndField(header);
  const key = headerKey(entity);
  const isPerson = persons.has(key);
  if (!isPerson && !organisations.has(key)) return undefined;
  if (isPlainName(field) || namesOfEntities.has(headerKey(field))) return isPerson ? 'person' : 'company';
  return roleNamed(headerKey(field));
}

function entityAndField(header: string): [entity: string, field: string] {
  const [, entity = '', field = ''] = /^([^-]{3,30}) - (.{1,100})$/.exec(header.trim()) ?? [];
  return [entity, field];
}

/** "Personne - Téléphone", and not "Organisation - Adresse". */
export const isOfPerson = (header: string): boolean => persons.has(headerKey(entityAndField(header)[0]));

const dayFirst = languages.flatMap(({ dates }) => dates);

/** The name is in a language whose dates begin with the day. */
export function isDayFirst(header: string): boolean {
  const key = ` ${headerKey(header)}`;
  return dayFirst.some((word) => key.includes(` ${word}`));
}

const besideWords = languages.flatMap(({ beside = [] }) =>
  beside.map(({ means, ...word }) => ({
    means,
    beside: headerKey(word.beside),
    column: headerKey(word.column),
    without: word.without === undefined ? null : headerKey(word.without),
  })),
);

/** The name without the number that a second column of the same name was given (table-scan.ts). */
export const withoutCopy = (header: string): string => header.replace(/ \(\d+\)$/, '');

/** What each header may mean beside the others of the file. */
export function rolesAmong(headers: readonly string[]): RoleGuess[][] {
  const keys = new Set(headers.map(headerKey));
  return headers.map((header) => {
    const key = headerKey(withoutCopy(header));
    const word = besideWords.find(
      ({ beside, column, without }) => column === key && keys.has(beside) && (without === null || !keys.has(without)),
    );
    if (word === undefined) return rolesOf(header);
    return word.means === null ? [] : [{ role: word.means, score: 100 }];
  });
}

/** "Name" in the eight languages: whose it is, the columns beside it say. */
const plainNames = new Set([
  'name',
  'nom',
  'nombre',
  'nome',
  'naam',
  'bezeichnung',
  'display name',
  'anzeigename',
  ...languages.flatMap(({ names = [] }) => names.map(headerKey)),
]);

export function isPlainName(header: string): boolean {
  return plainNames.has(headerKey(header));
}

export function isKnownHeader(header: string): boolean {
  return isPlainName(header) || rolesOf(header).length > 0 || addressPart(header) !== null;
}

/** Addresses a record may have several of: whose it is, and which part. */
export interface AddressPart {
  group: string;
  role: Role;
}

const addressRoles = new Set<Role>(['line1', 'line2', 'line3', 'city', 'region', 'postalCode', 'country', 'address']);
const addressGroups: readonly (readonly [group: string, words: RegExp])[] = [
  ['billing', /\b(?:billing|invoice|rechnungs?|facturation|facturacion|fatturazione|faturamento|factuur|fakturow\w+)\b/g],
  ['shipping', /\b(?:shipping|delivery|liefer|lieferung|livraison|envio|entrega|spedizione|consegna|lever|verzend|dostaw\w+)\b/g],
  ['mailing', /\b(?:mailing|postal address|post|postanschrift)\b/g],
  [
    'business',
    /\b(?:business|work|office|geschaftlich|dienstlich|professionnel\w*|bureau|trabajo|lavoro|ufficio|uff|trabalho|oficina|comercial|werk|zakelijk|sluzbow\w+)\b/g,
  ],
  ['home', /\b(?:home|private|privat|personal|domicile|personnel\w*|particular|casa|abitazione|ab|residencial|prive|thuis|domow\w+)\b/g],
  ['other', /\b(?:other|andere|weitere|autre|otra|altro|outro|overig|inne|alternate|alternative|alt)\b/g],
  ['primary', /\b(?:primary|main|haupt|principal\w*)\b/g],
];

const addressSayers = languages
  .flatMap(({ addresses }) => Object.entries(addresses).flatMap(([group, says]) => says.map((text) => ({ group, says: headerKey(text) }))))
  .toSorted((left, right) => right.says.length - left.says.length);

const wholeParts = new Map(
  languages.flatMap(({ addressParts = {} }) =>
    Object.entries(addressParts).flatMap(([group, parts]) =>
      (Object.entries(parts) as [Role, readonly string[]][]).flatMap(([role, names]) =>
        names.map((name): [string, AddressPart] => [headerKey(name), { group, role }]),
      ),
    ),
  ),
);

const addressWord = /adres|anschrift|direccion|indirizzo|endereco/;
const numberedLines: Readonly<Record<string, Role>> = { 1: 'line1', 2: 'line2', 3: 'line3' };

/** "Ville (adresse principale)", "Dirección de trabajo 2": what programs write. */
function programAddressPart(key: string): AddressPart | null {
  const whole = wholeParts.get(key);
  if (whole !== undefined) return whole;
  for (const { group, says } of addressSayers) {
    if (!` ${key} `.includes(` ${says} `)) continue;
    const rest = ` ${key} `
      .replace(` ${says} `, ' ')
      .trim()
      .replace(/^(?:de|da|do|di|del|du|della|van) | (?:de|da|do|di|del|du|della|van)(?= \d$|$)/g, '');
    const role = rest === '' ? (addressWord.test(says) ? 'address' : undefined) : (numberedLines[rest] ?? roleNamed(rest));
    if (role !== undefined && addressRoles.has(role)) return { group, role };
  }
  return null;
}

/** "Business Street 2" → line 2 of the business address; null for what names no part of one. */
export function addressPart(header: string): AddressPart | null {
  // Camel case is how programs name their fields: "billing_addressPostalCode".
  const key = headerKey(header.replace(/([a-z])([A-Z])/g, '$1 $2'));
  const named = roleNamed(key);
  if (named === undefined || addressRoles.has(named)) {
    const part = programAddressPart(key);
    if (part !== null) return part;
  }
  const numbered = /^address (\d) (?:type |label )?(.+)$/.exec(key);
  let rest = numbered?.[2] ?? key;
  let group = numbered === null ? '' : `address ${numbered[1]}`;
  for (const [name, words] of addressGroups) {
    const without = rest
      .replace(words, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/ (?:do|da|de|del|du|della)(?: (?:endereco|direccion|adresse|indirizzo))?$/, '');
    if (without === rest || without === '') continue;
    [group, rest] = [group === '' ? name : group, without];
    break;
  }
  if (group === '') return null;
  if (/\b(?:label|type|formatted|po box|extended address|adress?)$/.test(rest) && rest !== 'adres') return null;
  const role = roleNamed(rest) ?? roleNamed(rest.replace(/^(?:address|adresse|anschrift|direccion|indirizzo|endereco|adres) /, ''));
  return role !== undefined && addressRoles.has(role) ? { group, role } : null;
}
