import type { ColumnMapping } from '../../../shared/contracts/transfer.contract.ts';
import { booleanOf, choiceOf } from '../../../shared/nouns/choice-guess.ts';
import { type OwnFieldDefinition, ownValueOf } from '../../../shared/nouns/own-field/own-field.ts';
import { type ImportTarget, targetLabel } from '../../../shared/nouns/import-target.ts';
import { dateOf, type DateOrder, instantOf, isNoDate } from './date-text.ts';
import { draftEntry, type DraftValue, noteFieldOf, RowProblem } from './draft.ts';
import { splitLinks, splitTags } from './list-text.ts';
import { namePartsBeside } from './name-parts.ts';
import { decimalOf, type DecimalMark, rateOf } from './number-text.ts';
import { placeOf } from './place-text.ts';
import { words } from '../../../shared/words/words.ts';

/**
 * Turns the text of a cell into the values it stands for; none for an empty cell. Throws RowProblem. `lastName`: what the row
 * says in a column of its own, where it has no first name.
 */
export type CellReader = (text: string, lastName?: string) => readonly DraftValue[];

/** How people say that a typed cell is empty. In text fields these are words like any other. */
const nothing = /^(?:-+|–|—|n\/?a|null|none|nil|\?|unknown)$/i;

/** How the cells of a column are meant, as all of them together show it. */
export type CellWays = Pick<ColumnMapping, 'values'> & Partial<Pick<ColumnMapping, 'dateOrder' | 'decimalMark' | 'isPercent'>>;

/** Characters that nobody sees come along from web pages, and make an address that reaches nobody. */
const unseen = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/** Where they stand for nothing: in anything that is not free text. */
const typedKinds: ReadonlySet<ImportTarget['kind']> = new Set([
  'email',
  'phone',
  'date',
  'instant',
  'decimal',
  'rate',
  'number',
  'boolean',
  'choice',
]);

export function cellReader(target: ImportTarget, mapping: CellWays): CellReader {
  const read = readerOf(target, mapping);
  const isTyped = typedKinds.has(target.kind);
  const mapped = Object.keys(mapping.values).length > 0 ? mapping.values : null;
  return (cell, lastName) => {
    const text = (isTyped ? cell.replace(unseen, '') : cell).trim();
    const meant = mapped !== null && Object.hasOwn(mapped, text) ? (mapped[text] as string) : null;
    // Mapped to nothing: the person said that this value is to be left out.
    if (text === '' || meant === '') return [];
    // What a person decided for an open list is not decided a second time.
    if (meant !== null && target.kind === 'openChoice') return [draftEntry(stepsOf(target), meant, targetLabel(target))];
    return read(meant ?? text, lastName);
  };
}

function readerOf(target: ImportTarget, { dateOrder, decimalMark = null, isPercent = null }: CellWays): CellReader {
  const order = dateOrder ?? 'mdy';
  const label = targetLabel(target);
  const steps = stepsOf(target);
  const key = steps.join('.');
  const set = (value: unknown, how: DraftValue['how'] = 'set'): DraftValue => ({ steps, key, value, how, label });
  const typed =
    (read: (text: string) => unknown, how: DraftValue['how'] = 'set', people?: DraftValue['people']): CellReader =>
    (text) =>
      nothing.test(text) ? [] : [{ ...set(read(text), how), ...(people && { people }) }];
  const unlessNoDate = (read: (text: string) => unknown): CellReader => {
    const readDate = typed(read);
    return (text) => (isNoDate(text) ? [] : readDate(text));
  };
  if (target.own !== undefined && target.own.fieldKind !== 'text') return ownReader(target.own, label, { order, mark: decimalMark }, typed);
  switch (target.kind) {
    case 'email':
      return emailReader(target, set);
    case 'date':
      return unlessNoDate((text) => {
        const date = dateOf(text, order, target.path === 'dateOfBirth' ? today() : null);
        if (date === null) throw new RowProblem(words('imports.notADate', { label, text: short(text) }));
        return date;
      });
    case 'decimal':
    case 'rate':
      return typed((text) => {
        const number = target.kind === 'rate' ? rateOf(text, decimalMark, isPercent === true) : decimalOf(text, decimalMark);
        if (number === null) throw new RowProblem(words('imports.notANumber', { label, text: short(text) }));
        return number;
      });
    case 'number':
      return typed((text) => {
        const match = /^(?:net\s*)?(\d{1,9})(?:[.,]0+)?(?:\s*(?:days?|d))?$/i.exec(text);
        if (match === null) throw new RowProblem(words('imports.notWhole', { label, text: short(text) }));
        return Number(match[1]);
      });
    case 'boolean':
      return (text) => {
        const value = booleanOf(text);
        if (value === null) {
          if (nothing.test(text)) return [];
          throw new RowProblem(words('imports.neitherYesNorNo', { label, text: short(text) }));
        }
        return [set(value)];
      };
    case 'choice':
      return typed((text) => {
        const key = choiceOf(target.choices ?? {}, text);
        if (key === null) {
          throw new RowProblem(words('imports.noChoice', { label, text: short(text), choices: Object.values(target.choices ?? {}) }));
        }
        return key;
      });
    case 'openChoice':
      return (text) => [set(choiceOf(target.choices ?? {}, text) ?? text)];
    case 'tags':
      // "* myContacts ::: Suppliers": so Google writes a list.
      return (text) => [set(splitTags(parts(text.replace(/(^|:::)\s*\*\s+/g, '$1'), /:::/).join('; ')), 'union')];
    case 'phone':
      return phoneReader(target, set);
    case 'links':
      return (text) => [set(splitLinks(text), 'union')];
    case 'reference':
    case 'references': {
      const isList = target.kind === 'references';
      const people = { where: target.where, isList };
      return typed((text) => (isList ? splitTags(text) : [text]), isList ? 'union' : 'set', people);
    }
    case 'instant':
      return unlessNoDate((text) => {
        const instant = instantOf(text, order);
        if (instant === null) throw new RowProblem(words('imports.notATime', { label, text: short(text) }));
        return instant;
      });
    case 'place':
      return (text) => Object.entries(placeOf(text)).map(([field, value]) => draftEntry([...steps, field], value, label));
    case 'birthPart':
      return typed((text) => text);
    case 'isOrganisation':
      return (text) => (booleanOf(text) === true ? [set(true)] : []);
    case 'fullName':
      return (text, lastName = '') =>
        Object.entries(namePartsBeside(text, lastName)).map(([field, value]: [string, string]) =>
          // There is no field for it, as there is none on cards.
          field === 'suffix'
            ? draftEntry([noteFieldOf('contacts') as string], `Name suffix: ${value}`, 'Note', 'append')
            : draftEntry([field], value, label),
        );
    default:
      return (text) => [set(text)];
  }
}

/** The value as the own field keeps it, from the ways people write one. Throws RowProblem for what it does not take. */
function ownReader(
  own: OwnFieldDefinition,
  label: string,
  { order, mark }: { order: DateOrder; mark: DecimalMark | null },
  typed: (read: (text: string) => unknown) => CellReader,
): CellReader {
  return typed((text) => {
    const read = own.fieldKind === 'number' ? decimalOf(text, mark) : own.fieldKind === 'date' ? dateOf(text, order) : text;
    const kept = ownValueOf(own, read ?? text);
    if ('value' in kept) return kept.value;
    const isMeant = own.fieldKind === 'boolean' || own.fieldKind === 'choice';
    throw new RowProblem(
      words(isMeant ? 'imports.doesNotFitOrMean' : 'imports.doesNotFit', { label, text: short(text), why: kept.problem }),
    );
  });
}

/** Path of the target in steps. The name of a custom field may have points in it. */
export function stepsOf(target: ImportTarget): readonly string[] {
  const match = /^(custom|externalIds)\.(.+)$/s.exec(target.path);
  if (match !== null) return [match[1] as string, match[2] as string];
  return target.path === '' ? [] : target.path.split('.');
}

/** A cell may hold several addresses. Clients keep one and note the others; contacts have room for a second. */
function emailReader(target: ImportTarget, set: (value: unknown) => DraftValue): CellReader {
  const note = noteFieldOf(target.noun);
  return (text) => {
    if (nothing.test(text)) return [];
    const found = parts(text, /:::|[\s,;|]+/).map((part) => part.replace(/^<|>$/g, '').replace(/^mailto:/i, ''));
    const isList = found.length > 1 && found.every((part) => /^[^@]+@[^@]+$/.test(part));
    if (!isList || note === null) return [set(text.replace(/^mailto:/i, ''))];
    const [first, ...others] = found as [string, ...string[]];
    const values: DraftValue[] = [set(first)];
    if (target.target === 'contact.email') values.push(draftEntry(['secondaryEmail'], others.shift(), 'Contact: Second e-mail'));
    for (const other of others) values.push(draftEntry([note], `Other e-mail: ${other}`, 'Note', 'append'));
    return values;
  };
}

const contactPhones = ['phone', 'workPhone', 'mobilePhone'];

/** A cell may hold several phones, as Google writes them. */
function phoneReader(target: ImportTarget, set: (value: unknown) => DraftValue): CellReader {
  const note = noteFieldOf(target.noun);
  return (text) => {
    const [first, ...others] = text.includes(':::') ? parts(text, /:::/) : [text];
    const free = target.noun === 'contacts' ? contactPhones.filter((path) => path !== target.path) : [];
    const values = [set(first)];
    for (const other of others) {
      const path = free.shift();
      if (path !== undefined) values.push(draftEntry([path], other, 'Contact: Phone'));
      else if (note !== null) values.push(draftEntry([note], `Other phone: ${other}`, 'Note', 'append'));
    }
    return values;
  };
}

function parts(text: string, separator: RegExp): string[] {
  return [...new Set(text.split(separator).map((part) => part.trim()))].filter((part) => part !== '');
}

/** A birthday is never ahead, so two digits of a year are enough. */
function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
