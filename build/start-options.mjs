import { isAbsolute, resolve } from 'node:path';

export const help = `npm start -- [options]

  --data DIR   keep the book in DIR instead of the usual place
  --browser    use an installed Chromium, Chrome or Edge instead of Electron
  --no-open    print the address and open nothing
  --port N     the port on this computer that the address uses (with --browser or --no-open)
  --help       show this`;

/** Reads what follows `npm start --`. Returns options, or `{ problem }` with a sentence. Relative folders are relative to `cwd`. */
export function readStartOptions(words, cwd) {
  const options = { data: null, browser: false, open: true, port: null, help: false };
  const rest = words.flatMap((word) => (/^--(data|port)=/.test(word) ? [word.slice(0, 6), word.slice(7)] : [word]));
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === '--help' || word === '-h') options.help = true;
    else if (word === '--browser') options.browser = true;
    else if (word === '--no-open') options.open = false;
    else if (word === '--data') {
      const folder = rest.shift();
      if (!folder || folder.startsWith('--')) return { problem: '--data needs a folder, for example: npm start -- --data ./my-book' };
      options.data = isAbsolute(folder) ? folder : resolve(cwd, folder);
    } else if (word === '--port') {
      const port = Number(rest.shift());
      if (!Number.isInteger(port) || port < 1 || port > 65_535) return { problem: '--port needs a number from 1 to 65535, for example: npm start -- --port 4170' };
      options.port = port;
    } else return { problem: `There is no option ${word}. These are the options:\n\n${help}` };
  }
  return { options };
}

/** The same options as words for main, which reads them once more. `--browser` is answered by which main is started. */
export function mainArguments({ data, open, port }) {
  return [...(data ? ['--data', data] : []), ...(open ? [] : ['--no-open']), ...(port ? ['--port', String(port)] : [])];
}
