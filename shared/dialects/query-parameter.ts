import { instantFrom } from './wire-values.ts';
import type { Condition, ListQuery, Search } from './list-query.ts';

/** A parameter of a list: how it is written, what it means, and what it asks for. */
export interface QueryParameter {
  name: string;
  /** `instant` takes a day for its beginning, `instantEnd` for its end. */
  type: 'text' | 'integer' | 'boolean' | 'instant' | 'instantEnd' | 'choice' | 'list';
  /** For a choice: every value that is taken. Any other is a 400. */
  values?: readonly string[];
  /** For a choice: capitals do not matter. */
  isAnyCase?: true;
  meaning: string;
  /** Adds to the query what the parsed value asks for. */
  ask: (value: ParameterValue, query: ListQuery) => void;
  /** Why a well-formed value is refused; null when it is not. */
  refuse?: (value: ParameterValue) => string | null;
}
export type ParameterValue = string | number | boolean | string[];

export type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Reads query parameters. Ones a list does not have are passed over, as Django does; an empty one asks for nothing. A
 * malformed one is an error by its name, never a list without the filter.
 */
export function readQuery(
  parameters: readonly QueryParameter[],
  raw: RawQuery,
  start: Pick<ListQuery, 'sort' | 'page'>,
): { ok: true; query: ListQuery } | { ok: false; errors: Record<string, string[]> } {
  const query: ListQuery = { conditions: [], search: null, sort: [...start.sort], page: start.page === null ? null : { ...start.page } };
  const errors: Record<string, string[]> = {};
  for (const parameter of parameters) {
    const given = raw[parameter.name];
    const texts = (given === undefined ? [] : typeof given === 'string' ? [given] : [...given]).filter((text) => text.trim() !== '');
    if (texts.length === 0) continue;
    const value = parse(parameter, texts);
    const refusal = typeof value === 'object' && 'error' in value ? value.error : (parameter.refuse?.(value as ParameterValue) ?? null);
    if (refusal !== null) errors[parameter.name] = [refusal];
    else parameter.ask(value as ParameterValue, query);
  }
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, query };
}

const mostInteger = 999_999_999_999_999;
const notInteger = 'A valid integer is required.';

function parse(parameter: QueryParameter, texts: string[]): ParameterValue | { error: string } {
  // Given twice, the last one counts, as in Django; a list takes them all.
  const text = (texts.at(-1) as string).trim();
  switch (parameter.type) {
    case 'text':
      return text.includes('\u0000') ? { error: 'Null characters are not allowed.' } : text;
    case 'integer':
      if (!/^-?\d{1,100}$/.test(text)) return { error: notInteger };
      // An integer beyond what a number holds is one all the same, and more than any limit.
      return Math.max(-mostInteger, Math.min(mostInteger, Number(text)));
    case 'boolean':
      if (/^(true|1|yes)$/i.test(text)) return true;
      return /^(false|0|no)$/i.test(text) ? false : { error: 'Must be true or false.' };
    case 'instant':
    case 'instantEnd':
      return (
        instantFrom(parameter.type === 'instantEnd' && /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : text) ?? {
          error: 'Enter a date and time in UTC, like 2023-10-01T10:00:00Z.',
        }
      );
    case 'choice': {
      const wanted = parameter.isAnyCase === true ? text.toLowerCase() : text;
      return (parameter.values ?? []).includes(wanted) ? wanted : { error: `"${text}" is not a valid choice.` };
    }
    case 'list':
      return texts
        .flatMap((one) => one.split(','))
        .map((one) => one.trim())
        .filter((one) => one !== '');
  }
}

/** A parameter that is one condition. */
export function filter(name: string, type: QueryParameter['type'], meaning: string, condition: Omit<Condition, 'value'>): QueryParameter {
  return { name, type, meaning, ask: (value, query) => query.conditions.push({ ...condition, value }) };
}

/** A filter by another record's id, or by the record's own. */
export function byId(name: string, path: string, of: Condition['of'], meaning: string): QueryParameter {
  return {
    name,
    type: 'integer',
    meaning,
    // No id is as long, and a list without the filter is no answer.
    refuse: (value) => (Math.abs(Number(value)) >= mostInteger ? notInteger : null),
    ask: (value, query) => query.conditions.push({ path, is: 'equal', value: String(value), ...(of !== undefined && { of }) }),
  };
}

/** A search; `more` says where it finds more than `at` does. */
export function searchIn(
  name: string,
  paths: readonly string[],
  at: Search['at'],
  meaning: string,
  more: Pick<Search, 'inside' | 'eachWord'> = {},
): QueryParameter {
  return { name, type: 'text', meaning, ask: (value, query) => void (query.search = { text: String(value), paths, at, ...more }) };
}
