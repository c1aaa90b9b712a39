import type { ColumnMapping } from '../../../shared/contracts/transfer.contract.ts';
import { booleanOf, choiceOf } from '../../../shared/nouns/choice-guess.ts';
import { type OwnFieldDefinition, ownValueOf } from '../../../shared/nouns/own-field/own-field.ts';
import { type ImportTarget, targetLabel } from '../../../shared/nouns/import-target.ts';
import { compareDecimals, multiplyMoney } from '../../../shared/lib/money.ts';
import { dateOf, type DateOrder, instantOf } from './date-text.ts';
import { draftEntry, type DraftValue, noteFieldOf, RowProblem } from './draft.ts';
import { splitLinks, splitTags } from './list-text.ts';
import { placeOf } from './place-text.ts';

/** Turns the text of a cell into the values it stands for; none for an empty cell. Throws RowProblem. */
export type CellReader = (text: string) => readonly DraftValue[];

/** How people say that a typed cell is empty. In text fields these are words like any other. */
const nothing = /^(?:-+|–|—|n\/?a|null|none|nil|\?|unknown)$/i;

export function cellReader(target: ImportTarget, mapping: Pick<ColumnMapping, 'values' | 'dateOrder'>): CellReader {
  const read = readerOf(target, mapping.dateOrder ?? 'mdy');
  const mapped = Object.keys(mapping.values).length > 0 ? mapping.values : null;
  return (cell) => {
    const text = cell.trim();
    const meant = mapped !== null && Object.hasOwn(mapped, text) ? (mapped[text] as string) : null;
    // Mapped to nothing: the person said that this value is to be left out.
    if (text === '' || meant === '') return [];
    // What a person decided for an open list is not decided a second time.
    if (meant !== null && target.kind === 'openChoice') return [draftEntry(stepsOf(target), meant, targetLabel(target))];
    return read(meant ?? text);
  };
}

function readerOf(target: ImportTarget, order: DateOrder): CellReader {
  const label = targetLabel(target);
  const steps = stepsOf(target);
  const key = steps.join('.');
  const set = (value: unknown, how: DraftValue['how'] = 'set'): DraftValue => ({ steps, key, value, how, label });
  const typed =
    (read: (text: string) => unknown, how: DraftValue['how'] = 'set', people?: DraftValue['people']): CellReader =>
    (text) =>
      nothing.test(text) ? [] : [{ ...set(read(text), how), ...(people && { people }) }];
  if (target.own !== undefined && target.own.fieldKind !== 'text') return ownReader(target.own, label, order, typed);
  switch (target.kind) {
    case 'email':
      return emailReader(target, set);
    case 'date':
      return typed((text) => {
        const date = dateOf(text, order);
        if (date === null) throw new RowProblem(`${label}: “${short(text)}” is not a date Fieldbook can read. Write it like 2026-03-31.`);
        return date;
      });
    case 'decimal':
    case 'rate':
      return typed((text) => {
        const number = target.kind === 'rate' ? rateOf(text) : decimalOf(text);
        if (number === null) throw new RowProblem(`${label}: “${short(text)}” is not a number. Write it like 1234.50.`);
        return number;
      });
    case 'number':
      return typed((text) => {
        const match = /^(?:net\s*)?(\d{1,9})(?:[.,]0+)?(?:\s*(?:days?|d))?$/i.exec(text);
        if (match === null) throw new RowProblem(`${label}: “${short(text)}” is not a whole number. Write it like 30.`);
        return Number(match[1]);
      });
    case 'boolean':
      return (text) => {
        const value = booleanOf(text);
        if (value === null) {
          if (nothing.test(text)) return [];
          throw new RowProblem(`${label}: “${short(text)}” is neither yes nor no. Say in the values step what it means.`);
        }
        return [set(value)];
      };
    case 'choice':
      return typed((text) => {
        const key = choiceOf(target.choices ?? {}, text);
        if (key === null) {
          throw new RowProblem(
            `${label}: “${short(text)}” is not one of ${Object.values(target.choices ?? {}).join(', ')}. Say in the values step what it means.`,
          );
        }
        return key;
      });
    case 'openChoice':
      return (text) => [set(choiceOf(target.choices ?? {}, text) ?? text)];
    case 'tags':
      return (text) => [set(splitTags(text), 'union')];
    case 'links':
      return (text) => [set(splitLinks(text), 'union')];
    case 'reference':
    case 'references': {
      const isList = target.kind === 'references';
      const people = { where: target.where, isList };
      return typed((text) => (isList ? splitTags(text) : [text]), isList ? 'union' : 'set', people);
    }
    case 'instant':
      return typed((text) => {
        const instant = instantOf(text, order);
        if (instant === null)
          throw new RowProblem(`${label}: “${short(text)}” is no day and time Fieldbook can read. Write it like 2026-03-31 14:00.`);
        return instant;
      });
    case 'place':
      return (text) => Object.entries(placeOf(text)).map(([field, value]) => draftEntry([...steps, field], value, label));
    case 'fullName':
      return (text) => Object.entries(nameParts(text)).map(([field, value]) => draftEntry([field], value, label));
    default:
      return (text) => [set(text)];
  }
}

/** The value as the own field keeps it, from the ways people write one. Throws RowProblem for what it does not take. */
function ownReader(
  own: OwnFieldDefinition,
  label: string,
  order: DateOrder,
  typed: (read: (text: string) => unknown) => CellReader,
): CellReader {
  return typed((text) => {
    const read = own.fieldKind === 'number' ? decimalOf(text) : own.fieldKind === 'date' ? dateOf(text, order) : text;
    const kept = ownValueOf(own, read ?? text);
    if ('value' in kept) return kept.value;
    const how = own.fieldKind === 'boolean' || own.fieldKind === 'choice' ? ' Or say in the values step what it means.' : '';
    throw new RowProblem(`${label}: “${short(text)}” does not fit. ${kept.problem}${how}`);
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
    const found = parts(text, /[\s,;|]+/).map((part) => part.replace(/^<|>$/g, '').replace(/^mailto:/i, ''));
    const isList = found.length > 1 && found.every((part) => /^[^@]+@[^@]+$/.test(part));
    if (!isList || note === null) return [set(text.replace(/^mailto:/i, ''))];
    const [first, ...others] = found as [string, ...string[]];
    const values: DraftValue[] = [set(first)];
    if (target.target === 'contact.email') values.push(draftEntry(['secondaryEmail'], others.shift(), 'Contact: Second e-mail'));
    for (const other of others) values.push(draftEntry([note], `Other e-mail: ${other}`, 'Note', 'append'));
    return values;
  };
}

function parts(text: string, separator: RegExp): string[] {
  return [...new Set(text.split(separator).map((part) => part.trim()))].filter((part) => part !== '');
}

/** "1,234.50", "1.234,50", "$ 1 234" → "1234.50"; null for anything that is not one number. */
export function decimalOf(text: string): string | null {
  const isNegative = /^\(.*\)$/.test(text.trim()) || /^[^\d]*-/.test(text);
  let digits = text
    .replace(/[()\s\u00a0\u202f'’]/g, '')
    .replace(/^[+-]/, '')
    .replace(/^(?:[A-Z]{3}|[A-Z]{0,2}\p{Sc})|(?:[A-Z]{3}|\p{Sc})$/gu, '')
    .replace(/^[+-]/, '');
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma !== -1 && point !== -1) digits = comma > point ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  else if (comma !== -1) digits = /^\d{1,3}(?:,\d{3})+$/.test(digits) ? digits.replaceAll(',', '') : digits.replace(',', '.');
  else if (/^\d{1,3}(?:\.\d{3}){2,}$/.test(digits)) digits = digits.replaceAll('.', '');
  const match = /^(\d*)(?:\.(\d*))?$/.exec(digits);
  if (match === null || (match[1] === '' && (match[2] ?? '') === '')) return null;
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '') || '0';
  // More decimals than are kept are an error for a person to decide about, unless they are zeros.
  const fraction = (match[2] ?? '').replace(/0+$/, '').length > 2 ? (match[2] as string) : (match[2] ?? '').slice(0, 2);
  return `${isNegative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** "7.75 %", "0.0775" and "19" → "0.0775", "0.0775" and "0.19": no tax takes more than all. */
export function rateOf(text: string): string | null {
  const isPercent = /%\s*$/.test(text);
  const number = decimalOf(text.replace(/%\s*$/, ''));
  return number !== null && (isPercent || compareDecimals(number, '1') > 0) ? multiplyMoney(number, '0.01') : number;
}

/** "Doe, John" and "John Q. Doe" → the parts of a name. */
export function nameParts(text: string): { firstName?: string; middleName?: string; lastName?: string } {
  const name = text.trim().replace(/\s+/g, ' ');
  const comma = /^([^,]+),\s*([^,]+)$/.exec(name);
  if (comma !== null) {
    const [firstName, ...middle] = (comma[2] as string).split(' ') as [string, ...string[]];
    return { firstName, ...(middle.length === 0 ? {} : { middleName: middle.join(' ') }), lastName: comma[1] as string };
  }
  const words = name.split(' ');
  if (words.length === 1) return { lastName: name };
  const [firstName, ...others] = words as [string, ...string[]];
  const lastName = others.pop() as string;
  return { firstName, ...(others.length === 0 ? {} : { middleName: others.join(' ') }), lastName };
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
