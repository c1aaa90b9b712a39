import { iso31661, iso31662 } from 'iso-3166';
import { fold } from '../../../shared/lib/text.ts';

export interface Place {
  city?: string;
  region?: string;
  country?: string;
  /** The text itself, where it could not be taken apart without doubt. */
  freeform?: string;
}

let countries: Set<string> | null = null;
let regions: Set<string> | null = null;

/** Common names that are not the official ones. */
const otherNames = [
  'UK',
  'USA',
  'US',
  'U.S.',
  'U.S.A.',
  'England',
  'Scotland',
  'Wales',
  'Holland',
  'Deutschland',
  'Schweiz',
  'Österreich',
  'South Korea',
  'Russia',
  'Taiwan',
  'UAE',
];

function isCountry(text: string): boolean {
  if (countries === null) {
    const names = new Intl.DisplayNames(['en'], { type: 'region' });
    countries = new Set(otherNames.map(fold));
    for (const country of iso31661) {
      countries.add(fold(country.name));
      countries.add(fold(names.of(country.alpha2) ?? country.name));
    }
  }
  return countries.has(fold(text));
}

/** A state of the USA or Canada: Georgia is one before it is a country. */
function isState(text: string): boolean {
  regions ??= new Set(iso31662.filter(({ parent }) => parent === 'US' || parent === 'CA').map(({ name }) => fold(name)));
  return regions.has(fold(text));
}

/** "Saint Paul, Minnesota", "Dublin, Ireland", "Warmley, Bristol, United Kingdom". What is not of this form is kept whole. */
export function placeOf(text: string): Place {
  const trimmed = text.trim();
  const parts = trimmed.split(',').map((part) => part.trim());
  const isPlain = parts.every((part) => part !== '' && part.length <= 100) && !/[;\n|]/.test(trimmed);
  if (!isPlain || parts.length > 3) return { freeform: trimmed };
  const [city, second, third] = parts as [string, string?, string?];
  if (second === undefined) return isPlaceholder(city) || /\d/.test(city) ? { freeform: trimmed } : { city };
  if (third === undefined) return isCountry(second) && !isState(second) ? { city, country: second } : { city, region: second };
  return isCountry(third) && !isState(third) ? { city, region: second, country: third } : { freeform: trimmed };
}

/** "none" says that there is no place; as the name of a city it would be a lie. It is kept as it was written. */
function isPlaceholder(text: string): boolean {
  return /^(?:none|n\/?a|unknown|-+|\?+|remote)$/i.test(text);
}
