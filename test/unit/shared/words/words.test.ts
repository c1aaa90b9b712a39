import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mailAccountSchema } from '../../../../shared/contracts/outbox.contract.ts';
import { english } from '../../../../shared/words/catalogue.en.ts';
import { say, saySchema } from '../../../../shared/words/say.ts';
import { schemaWords, type Words, words, wordsIn } from '../../../../shared/words/words.ts';
import { isSentence, sourcesIn, stringsIn } from '../../../support/sentences.ts';

const ids = Object.keys(english);
const isCatalogue = (path: string) => path.startsWith('shared/words/') && path.endsWith('.en.ts');

/** Said to other programs, in the words that those know: the bodies of the dialects' errors. */
const ownBodies = ['error-body', 'form-body', 'query-parameter', 'request-body'].map((name) => `shared/dialects/${name}.ts`);

describe('the catalogue', () => {
  it('has no words that nobody says', () => {
    const used = new Set<string>();
    for (const [path, code] of sourcesIn('shared', 'remotes', 'electron', 'renderer', 'server'))
      if (!isCatalogue(path)) for (const text of stringsIn(code, path)) used.add(text);
    expect(ids.filter((id) => !used.has(id))).toEqual([]);
  });

  it('has every id that is asked for', () => {
    const unknown: string[] = [];
    for (const [path, code] of sourcesIn('shared', 'remotes', 'electron', 'renderer', 'server'))
      for (const [, id = ''] of code.matchAll(/\b(?:words|schemaWords)\(\s*'([^']*)'/g))
        if (!ids.includes(id)) unknown.push(`${path}: ${id}`);
    expect(unknown).toEqual([]);
  });

  it('is what a refusal of a schema says: its words are its message, not members that zod drops', () => {
    const dropped: string[] = [];
    for (const [path, code] of sourcesIn('shared', 'remotes', 'electron', 'renderer', 'server'))
      for (const [text] of code.matchAll(/\bpath: \[[^\]]*\],\s*\.\.\.words\([^)]*\)/g)) dropped.push(`${path}: ${text}`);
    expect(dropped).toEqual([]);
    const account = {
      host: 'mail.example.com',
      port: 25,
      security: 'none',
      user: null,
      fromName: '',
      fromAddress: 'ada@fieldbook.example',
    };
    const [issue] = mailAccountSchema.safeParse(account).error?.issues ?? [];
    expect([issue?.path, saySchema(issue?.message ?? '')]).toEqual([
      ['security'],
      'Without encryption mail may only go to a server on this computer. Choose TLS or STARTTLS.',
    ]);
  });

  it('says the same ids in every language there is', async () => {
    const folder = join(import.meta.dirname, '../../../../shared/words');
    const catalogues = readdirSync(folder).filter((name) => /^catalogue\.\w+\.ts$/.test(name));
    expect(catalogues).toContain('catalogue.en.ts');
    for (const name of catalogues) {
      const spoken = Object.values((await import(join(folder, name))) as Record<string, object>)[0] ?? {};
      expect(Object.keys(spoken).toSorted(), name).toEqual(ids.toSorted());
    }
  });

  it('is the only place of sentences, but for those that are still to be moved into it', () => {
    const left = JSON.parse(readFileSync(join(import.meta.dirname, 'sentences-left.json'), 'utf8')) as Record<string, number>;
    const found: Record<string, number> = {};
    for (const [path, code] of sourcesIn('shared', 'remotes', 'electron')) {
      if (isCatalogue(path) || ownBodies.includes(path)) continue;
      const count = stringsIn(code, path).filter(isSentence).length;
      if (count > 0) found[path] = count;
    }
    // A number that fell is written into the list; one that rose, or a new file, is a sentence that belongs into shared/words/.
    expect(found).toEqual(left);
  });
});

describe('words', () => {
  it('become a sentence with their values, also where those are words themselves', () => {
    expect(say(words('history.nothingToUndo'))).toBe('There is nothing left to undo.');
    expect(say(words('records.isDeleted', { noun: 'clients', name: 'Adler {name} "x"' }))).toBe(
      'The client "Adler {name} "x"" is deleted, so it was not changed. Restore it first.',
    );
    const nested = words('values.atField', { label: 'City', says: words('values.tooLong', { max: 300 }) });
    expect(say(JSON.parse(JSON.stringify(nested)) as Words)).toBe('City: can have 300 characters at most. Shorten it.');
    expect(say(words('values.chooseOneOf', { choices: ['North', 'South'] }))).toBe('Choose one of: North, South.');
    expect(say(words('records.referenceOther', { label: 'Teams', what: 'team', title: 'Ada' }))).toBe(
      'Teams: "Ada" is no team. Choose another team.',
    );
  });

  it('go through a schema and come back, and zod’s own words stay what they are', () => {
    const message = schemaWords('values.tooLong', { max: 300 });
    expect(wordsIn(message)).toEqual(words('values.tooLong', { max: 300 }));
    expect(saySchema(message)).toBe('Can have 300 characters at most. Shorten it.');
    expect(wordsIn('Invalid input: expected string')).toBeNull();
    expect(saySchema('Invalid input: expected string')).toBe('Invalid input: expected string');
  });

  it('that another build kept and this one does not know show their id, and nothing breaks', () => {
    expect(say({ words: 'records.ofAnotherBuild' } as unknown as Words)).toBe('records.ofAnotherBuild'); // what a file may hold
  });

  it('are asked for with the values of their sentence', () => {
    // @ts-expect-error There are no such words.
    expect(words('records.noSuchWords')).toEqual({ words: 'records.noSuchWords' });
    // @ts-expect-error The sentence names the record.
    expect(words('records.isDeleted', { noun: 'clients' }).words).toBe('records.isDeleted');
    // @ts-expect-error It is a number that the sentence writes.
    expect(words('values.tooLong', { max: '300' }).words).toBe('values.tooLong');
  });
});
