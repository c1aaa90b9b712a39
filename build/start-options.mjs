import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const help = `npm start -- [options]

  --data DIR   keep the book in DIR instead of the usual place
  --browser    use an installed Chrome, Chromium or Edge instead of Electron
  --no-open    print the address and open nothing
  --port N     serve on this port of this computer (implies --browser, as --no-open does)
  --help       show this`;

const known = {
  data: { type: 'string' },
  browser: { type: 'boolean' },
  'no-open': { type: 'boolean' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

/** Reads what follows `npm start --`. Returns options, or `{ problem }` with a sentence. A relative folder is relative to `cwd`. */
export function readStartOptions(words, cwd) {
  let values;
  try {
    values = parseArgs({ args: words, options: known, strict: true, allowPositionals: false }).values;
  } catch (error) {
    return { problem: `${explain(error, words)} These are the options:\n\n${help}` };
  }
  if (values.data === '') return { problem: 'After --data comes a folder, for example: npm start -- --data ./my-book' };
  if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535)) {
    return { problem: 'After --port comes a number from 0 to 65535; 0 takes any free port.' };
  }
  return {
    options: {
      data: values.data === undefined ? null : resolve(cwd, values.data),
      browser: values.browser === true,
      open: values['no-open'] !== true,
      port: values.port === undefined ? null : Number(values.port),
      help: values.help === true,
    },
  };
}

function explain(error, words) {
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return 'An option lacks its value, or has one too many.';
  const stranger = words.find(
    (word) => !Object.keys(known).some((name) => word === `--${name}` || word.startsWith(`--${name}=`) || word === '-h'),
  );
  return `Fieldbook has no option "${stranger ?? ''}".`;
}

/** The same options as words for main, which reads them once more. `--browser` is answered by which main is started. */
export function mainArguments({ data, open, port }) {
  return [...(data === null ? [] : ['--data', data]), ...(open ? [] : ['--no-open']), ...(port === null ? [] : ['--port', String(port)])];
}
