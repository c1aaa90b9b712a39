import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../../../electron/platform/browser/options.ts';

describe('the command line', () => {
  it('opens a window on the usual folder when nothing is said', () => {
    expect(readOptions([])).toEqual({ ok: true, options: { data: null, open: true, port: null, sync: null } });
  });

  it('knows the folder, the port and that nothing is to be opened', () => {
    const options = { data: '/tmp/book', open: false, port: 5000, sync: null };
    expect(readOptions(['--data', '/tmp/book', '--no-open', '--port', '5000', '--browser'])).toEqual({ ok: true, options });
    expect(readOptions(['--data=/tmp/book', '--port=5000', '--no-open'])).toEqual({ ok: true, options });
  });

  it.each([
    [['--no-opne'], '"--no-opne"'],
    [['book'], '"book"'],
    [['-d', 'book'], '"-d"'],
    [['--data'], '"--data'],
    [['--data', ''], '--data comes a folder'],
    [['--no-open=yes'], '"--no-open"'],
    [['--port', 'x'], '--port comes a number'],
    [['--port', '65536'], '--port comes a number'],
    [['--port', '1e3'], '--port comes a number'],
    [['--port=-1'], '--port comes a number'],
  ])('refuses %j and says why', (args, reason) => {
    const read = readOptions(args);
    expect(read.ok).toBe(false);
    expect(!read.ok && read.sentence).toContain(reason);
  });
});
