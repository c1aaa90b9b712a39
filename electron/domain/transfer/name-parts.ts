/** The parts of a person's name that stands in one text. */
export interface NameParts {
  salutation?: string;
  firstName?: string;
  middleName?: string;
  lastName?: string;
  suffix?: string;
}

const titles = new Set(
  'mr mrs ms miss mx dr drs prof professor sir dame lady lord rev fr hon herr frau hr fra dipl ing mag univ m mme mlle mm dott dottssa dottor sig sigra sr sra srta don dona dhr mevr mw ir pan pani inz'.split(
    ' ',
  ),
);
/** Some titles are names, or short for one, where no point follows. */
const onlyWithPoint = new Set(['m', 'fr', 'don', 'ir', 'mm', 'hon', 'ing', 'pan', 'mag', 'sig']);
const suffixes = new Set('jr sr ii iii iv phd md esq dds mba cpa jd junior senior'.split(' '));
/** After a comma they can be nothing else. */
const afterComma = new Set([...suffixes, ...'v ma ba bsc msc bsn rn do dvm pe llm dipl ing mag dr rer nat habil llb fca ret'.split(' ')]);
const particles = new Set(
  "von van vom zu zum zur der den de del della di da das do dos du des la le ten ter te 't af av bin ibn al el y e i".split(' '),
);

const plain = (word: string) => word.toLowerCase().replace(/[.’']/g, '');
const isTitle = (word: string) => titles.has(plain(word)) && (word.endsWith('.') || !onlyWithPoint.has(plain(word)));
const isSuffix = (text: string, known: ReadonlySet<string>) => {
  const words = text.split(/[\s.-]+/).filter((word) => word !== '');
  return words.length > 0 && (known.has(plain(text)) || words.every((word) => known.has(plain(word))));
};

/** "Doe, John", "Dr. John Q. van Doe", "King, Martin, Jr." → the parts of a name. */
export function nameParts(text: string): NameParts {
  const name = text.trim().replace(/\s+/g, ' ');
  const [first = '', ...others] = name.split(',').map((part) => part.trim());
  const suffix: string[] = [];
  while (others.length > 0 && (others.at(-1) === '' || isSuffix(others.at(-1) as string, afterComma))) {
    const last = others.pop() as string;
    if (last !== '') suffix.unshift(last);
  }
  // More commas than a name has: it is kept as it is.
  if (others.length > 1) return withSuffix(inOrder(name.split(' ')), []);
  if (others.length === 0) return withSuffix(inOrder(first.split(' ')), suffix);
  const { salutation, words } = withoutTitles((others[0] as string).split(' '));
  const [firstName, ...middle] = words;
  return withSuffix(parts(salutation, firstName, middle, first), suffix);
}

/** The parts of a name whose last one has a column of its own: "Ana María Ruiz Gil" or "Ana María" beside "Ruiz Gil". */
export function namePartsBeside(text: string, lastName: string): NameParts {
  const whole = nameParts(text);
  const last = wordsOf(lastName).map(plain);
  if (last.length === 0 || plain(whole.lastName ?? '') === last.join(' ')) return whole;
  const words = wordsOf(text);
  const isWhole = words.length > last.length && words.slice(-last.length).map(plain).join(' ') === last.join(' ');
  if (!isWhole && (text.includes(',') || words.some((word) => last.includes(plain(word))))) return whole;
  const given = withoutTitles(isWhole ? words.slice(0, -last.length) : words);
  return parts(given.salutation, given.words.join(' '), [], '');
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '');

function inOrder(given: readonly string[]): NameParts {
  const { salutation, words } = withoutTitles(given);
  const suffix: string[] = [];
  while (words.length > 2 && isSuffix(words.at(-1) as string, suffixes)) suffix.unshift(words.pop() as string);
  if (words.length <= 1) return withSuffix(parts(salutation, undefined, [], words[0] ?? ''), suffix);
  let from = words.length - 1;
  while (from > 1 && particles.has((words[from - 1] as string).toLowerCase()) && /^\p{Ll}|^'/u.test(words[from - 1] as string)) from -= 1;
  return withSuffix(parts(salutation, words[0], words.slice(1, from), words.slice(from).join(' ')), suffix);
}

function withoutTitles(given: readonly string[]): { salutation: string; words: string[] } {
  const words = [...given];
  const found: string[] = [];
  while (words.length > 1 && isTitle(words[0] as string)) found.push(words.shift() as string);
  return { salutation: found.join(' '), words };
}

function parts(salutation: string, firstName: string | undefined, middle: readonly string[], lastName: string): NameParts {
  return {
    ...(salutation !== '' && { salutation }),
    ...(firstName !== undefined && { firstName }),
    ...(middle.length > 0 && { middleName: middle.join(' ') }),
    ...(lastName !== '' && { lastName }),
  };
}

function withSuffix(name: NameParts, more: readonly string[]): NameParts {
  const suffix = [name.suffix ?? '', ...more].filter((part) => part !== '').join(', ');
  return suffix === '' ? name : { ...name, suffix };
}
