import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isWithoutWindow, mainArguments, readStartOptions } from '../../../build/start-options.mjs';

const here = resolve('/home/ana');

describe('the options after npm start --', () => {
  it('are all optional', () => {
    expect(readStartOptions([], here)).toEqual({
      options: {
        data: null,
        browser: false,
        open: true,
        port: null,
        connect: null,
        syncOnce: false,
        compare: false,
        rehearse: false,
        help: false,
      },
    });
  });

  it('take a folder relative to where the person stands, not to the checkout', () => {
    expect(readStartOptions(['--data', 'my book'], here).options?.data).toBe(resolve(here, 'my book'));
    expect(readStartOptions(['--data=my-book'], here).options?.data).toBe(resolve(here, 'my-book'));
  });

  it('reach main as they were meant', () => {
    const { options } = readStartOptions(['--data', '/books/field', '--no-open', '--port', '0', '--browser'], here);
    expect(options && mainArguments(options)).toEqual(['--data', resolve('/books/field'), '--no-open', '--port', '0']);
    const compared = readStartOptions(['--sync-once', '--compare'], here).options;
    expect(compared && mainArguments(compared)).toEqual(['--sync-once', '--compare']);
    expect(compared && isWithoutWindow(compared)).toBe(true);
  });

  it.each([
    [['--dta', 'x'], 'Fieldbook has no option "--dta"'],
    [['book'], 'Fieldbook has no option "book"'],
    [['--data'], 'lacks its value'],
    [['--data', '--no-open'], 'lacks its value'],
    [['--data='], 'After --data comes a folder'],
    [['--port', 'http'], 'After --port comes a number from 0 to 65535'],
    [['--port', '70000'], 'After --port comes a number from 0 to 65535'],
  ])('%j are refused with a sentence', (words, sentence) => {
    const { options, problem } = readStartOptions(words, here);
    expect(options).toBeUndefined();
    expect(problem).toContain(sentence);
  });
});
