import { parseArgs } from 'node:util';
import { syncCommandOf, syncWords } from '../sync-words.ts';
import type { StartOptions } from '../platform.ts';
import { say } from '../../../shared/words/say.ts';
import { words } from '../../../shared/words/words.ts';

export const DEFAULT_PORT = 4808;

export const usage = `Options: --data DIR   keep the book in this folder
         --no-open    print the address and open no window
         --port N     serve on this port (${DEFAULT_PORT} when the address is opened in a browser of your own)
         --browser    use an installed browser instead of Electron
         --connect FILE, --sync-once, --compare, --rehearse   connect and sync without a window`;

/** Reads what stands after the program's name. Anything not known is refused, so that a typing mistake cannot open another book. */
export function readOptions(args: readonly string[]): { ok: true; options: StartOptions } | { ok: false; sentence: string } {
  const parsed = parse(args);
  if (typeof parsed === 'string') return { ok: false, sentence: parsed };
  const { data, port, 'no-open': noOpen } = parsed;
  if (parsed.connect === '') return { ok: false, sentence: say(words('start.fileAfterConnect')) };
  if (data === '') return { ok: false, sentence: say(words('start.folderAfterData')) };
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    return { ok: false, sentence: say(words('start.numberAfterPort')) };
  }
  return {
    ok: true,
    options: { data: data ?? null, open: noOpen !== true, port: port === undefined ? null : Number(port), sync: syncCommandOf(parsed) },
  };
}

function parse(args: readonly string[]) {
  const known = {
    data: { type: 'string' },
    port: { type: 'string' },
    'no-open': { type: 'boolean' },
    browser: { type: 'boolean' },
    ...syncWords,
  } as const;
  try {
    return parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Node names the word in quotes: "Unknown option '--no-opne'".
    const word = /'([^']*)'/.exec(message)?.[1] ?? '';
    return say(words(code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' ? 'start.lacksValue' : 'start.unknownWord', { word }));
  }
}
