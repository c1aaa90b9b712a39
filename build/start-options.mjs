import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const help = `npm start -- [options]

  --data DIR   keep the book in DIR instead of the usual place
  --browser    use an installed Chrome, Chromium or Edge instead of Electron
  --no-open    print the address and open nothing
  --port N     serve on this port of this computer (implies --browser, as --no-open does)
  --connect FILE   connect the book to the server that FILE names, without a window
  --sync-once      sync the book with its servers once, without a window, and print what was done
  --compare        sync, hold every record against the server, and put right what differs
  --rehearse       print what a sync would do, and send nothing
  --help       show this`;

const known = {
  data: { type: 'string' },
  browser: { type: 'boolean' },
  'no-open': { type: 'boolean' },
  port: { type: 'string' },
  connect: { type: 'string' },
  'sync-once': { type: 'boolean' },
  compare: { type: 'boolean' },
  rehearse: { type: 'boolean' },
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
  if (values.connect === '') return { problem: 'After --connect comes a file, for example: npm start -- --connect ./server.json' };
  return {
    options: {
      data: values.data === undefined ? null : resolve(cwd, values.data),
      browser: values.browser === true,
      open: values['no-open'] !== true,
      port: values.port === undefined ? null : Number(values.port),
      connect: values.connect === undefined ? null : resolve(cwd, values.connect),
      syncOnce: values['sync-once'] === true,
      compare: values.compare === true,
      rehearse: values.rehearse === true,
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
export function mainArguments({ data, open, port, connect, syncOnce, compare, rehearse }) {
  return [
    ...(data === null ? [] : ['--data', data]),
    ...(open ? [] : ['--no-open']),
    ...(port === null ? [] : ['--port', String(port)]),
    ...(connect === null ? [] : ['--connect', connect]),
    ...(syncOnce ? ['--sync-once'] : []),
    ...(compare ? ['--compare'] : []),
    ...(rehearse ? ['--rehearse'] : []),
  ];
}

/** Whether only a sync is asked for: it needs no window, so plain Node does it. */
export function isWithoutWindow({ connect, syncOnce, compare, rehearse }) {
  return connect !== null || syncOnce || compare || rehearse;
}
