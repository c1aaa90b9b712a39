import type { ImportNoun } from '../../../shared/nouns/import-target.ts';
import { headerKey, type Role } from './header-words.ts';

/** Lists of anything but clients, contacts and locations: what their columns are called, beside the labels of the fields. */
export interface ListWords {
  /** Field → ways to call its column. */
  words: Readonly<Record<string, readonly string[]>>;
  /** A file lists this where it has a column for each of one of these: fields, or roles of what the rows hang on. */
  tells: readonly (readonly string[])[];
  /** Where columns go that say what a row hangs on, by their role. */
  roles: Partial<Record<Role, string>>;
}

const ofClient: Partial<Record<Role, string>> = { company: 'client.name', accountCode: 'client.accountCode' };
const ofContact: Partial<Record<Role, string>> = {
  person: 'contact.fullName',
  firstName: 'contact.firstName',
  lastName: 'contact.lastName',
  email: 'contact.email',
  phone: 'contact.phone',
};
const ofLocation: Partial<Record<Role, string>> = { locationName: 'location.name', place: 'location.name' };

const item = [
  'item',
  'item name',
  'product',
  'product name',
  'service',
  'artikel',
  'article',
  'leistung',
  'producto',
  'articulo',
  'produit',
  'prodotto',
  'articolo',
  'produto',
  'artigo',
  'produkt',
  'towar',
];
const itemCode = [
  'code',
  'item code',
  'sku',
  'product code',
  'article number',
  'item number',
  'artikelnummer',
  'artikel nr',
  'reference article',
  'code article',
  'codigo articulo',
  'codice articolo',
  'codigo do produto',
  'artikelcode',
  'kod towaru',
  'kod produktu',
];
const price = [
  'price',
  'unit price',
  'list price',
  'default price',
  'preis',
  'einzelpreis',
  'prix',
  'prix unitaire',
  'precio',
  'precio unitario',
  'prezzo',
  'prezzo unitario',
  'preco',
  'preco unitario',
  'prijs',
  'stuksprijs',
  'cena',
  'cena netto',
  'rate',
];
const tax = [
  'tax',
  'tax rate',
  'default tax rate',
  'vat',
  'vat rate',
  'sales tax',
  'mwst',
  'ust',
  'tva',
  'iva',
  'tax percent',
  'vat percent',
  'steuersatz',
  'mwst satz',
  'taux tva',
  'taux de tva',
  'tipo iva',
  'aliquota iva',
  'taxa iva',
  'btw',
  'btw tarief',
  'stawka vat',
];
const status = ['status', 'state'];
const priority = ['priority', 'prioritat', 'priorite', 'prioridad', 'urgency'];
const description = ['description', 'details', 'notes', 'beschreibung'];
const assigned = ['assigned to', 'owner', 'assignee', 'responsible', 'zustandig'];

export const listWords: Partial<Record<ImportNoun, ListWords>> = {
  itemPrices: {
    words: { invoiceItem: [...item, 'name', 'description'], itemCode, defaultPrice: price, defaultTaxRate: tax },
    tells: [
      ['itemCode', 'defaultPrice'],
      ['invoiceItem', 'defaultPrice'],
    ],
    roles: {},
  },
  locationItemPrices: {
    words: {
      customPrice: ['own price', 'custom price', 'special price', 'location price', 'agreed price', ...price],
      customTaxRate: ['own tax rate', 'custom tax rate', ...tax],
      'item.invoiceItem': item,
      'item.itemCode': itemCode,
    },
    tells: [
      ['locationName', 'customPrice', 'item.itemCode'],
      ['locationName', 'customPrice', 'item.invoiceItem'],
    ],
    roles: { ...ofClient, ...ofLocation },
  },
  locationContacts: {
    words: {
      title: ['title at this location', 'role', 'position', 'function', 'funktion', 'job title'],
      startDate: ['from', 'start', 'start date', 'since', 'von', 'seit'],
      endDate: ['until', 'end', 'end date', 'to', 'bis'],
      isProgramContact: ['program contact'],
      isActive: ['active'],
    },
    tells: [
      ['locationName', 'person', 'startDate'],
      ['locationName', 'person', 'endDate'],
      ['locationName', 'lastName', 'startDate'],
    ],
    roles: { ...ofClient, ...ofContact, ...ofLocation },
  },
  opportunities: {
    words: {
      name: ['opportunity', 'opportunity name', 'deal', 'deal name', 'name', 'title', 'verkaufschance'],
      stage: ['stage', 'deal stage', 'sales stage', 'phase'],
      amount: ['amount', 'value', 'deal value', 'deal amount', 'expected revenue', 'betrag', 'wert'],
      currency: ['currency', 'wahrung'],
      probability: ['probability', 'win probability', 'chance', 'wahrscheinlichkeit'],
      leadSource: ['lead source', 'source', 'quelle'],
      expectedCloseDate: ['expected to close', 'expected close', 'expected close date', 'close date', 'closing date', 'abschluss'],
      closedOn: ['closed on', 'closed date', 'closed at'],
      description,
      assignedToIds: assigned,
    },
    tells: [['probability'], ['stage', 'amount'], ['expectedCloseDate', 'amount']],
    roles: { ...ofClient, ...ofContact },
  },
  cases: {
    words: {
      name: ['case', 'case name', 'subject', 'ticket', 'issue', 'name', 'fall', 'anliegen'],
      status,
      priority,
      caseType: ['case type', 'type', 'issue type', 'art'],
      closedOn: ['closed on', 'closed date', 'closed at'],
      description,
      assignedToIds: assigned,
    },
    tells: [['caseType', 'priority']],
    roles: { ...ofClient, ...ofContact },
  },
  tasks: {
    words: {
      title: ['task', 'task title', 'task name', 'to do', 'todo', 'title', 'aufgabe', 'tache', 'tarea'],
      status,
      priority,
      dueDate: ['due', 'due date', 'due on', 'deadline', 'fallig', 'fallig am', 'echeance'],
      assignedToIds: assigned,
    },
    tells: [['title', 'dueDate']],
    roles: ofClient,
  },
  activities: {
    words: {
      kind: ['kind', 'activity', 'activity type', 'type', 'art'],
      occurredAt: ['happened at', 'when', 'date', 'date and time', 'call date', 'visit date', 'datum'],
      outcome: ['outcome', 'call outcome', 'call result', 'result', 'disposition', 'ergebnis'],
      durationMinutes: ['minutes', 'duration', 'duration in minutes', 'dauer'],
      body: ['text', 'what was said', 'notes', 'note', 'comment', 'summary', 'notiz'],
    },
    tells: [
      ['kind', 'occurredAt'],
      ['durationMinutes', 'occurredAt'],
    ],
    roles: { ...ofClient, ...ofContact, ...ofLocation },
  },
  directory: {
    words: {
      fullName: ['full name', 'employee', 'colleague', 'staff member', 'user', 'name', 'mitarbeiter'],
      name: ['team', 'team name'],
      username: ['user name', 'username', 'login', 'benutzername'],
      email: ['e mail', 'email', 'mail'],
      role: ['role', 'rolle'],
      isActive: ['active'],
    },
    tells: [['username']],
    roles: {},
  },
};

let names: Set<string> | null = null;

/** True for a name of a column that some list other than clients, contacts and locations has. */
export function isListHeader(header: string): boolean {
  names ??= new Set(Object.values(listWords).flatMap(({ words }) => Object.values(words).flat()));
  return names.has(headerKey(header));
}
