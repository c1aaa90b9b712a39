import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type MailSettings, mailUsage, readMailSettings, recipientsPerHour } from './mail/mail-settings.ts';
import type { RestoreWays } from './operations/restore.ts';
import { Refused } from './refused.ts';
import type { Where } from './store/engine.ts';

/** What was typed is no command of the server: the process ends with 2. */
export class NotUnderstood extends Refused {}

export interface ServeOptions {
  port: number;
  host: string;
  requestsPerMinute: number;
  attemptsPerMinute: number;
  recipientsPerHour: number;
  /** Opens figures and the OpenAPI document from other machines; null where they are for this one only. */
  operatorToken: string | null;
  /** Proxies whose word counts for who is asking; null where requests come directly. */
  trustProxy: string | null;
  /** How long to wait for a PostgreSQL that does not answer. */
  waitMs: number;
  /** How often the embedded database is dumped; null for never. */
  dumpEveryMs: number | null;
  logsRequests: boolean;
  /** Null where no mail server is set up. */
  mailSettings: MailSettings | null;
}

export type Command =
  | { do: 'help'; text: string }
  | { do: 'serve'; where: Where; attachments: string; options: ServeOptions }
  | { do: 'backup'; where: Where; file: string }
  | { do: 'restore'; where: Where; file: string; ways: RestoreWays }
  /** One of administration.ts, with what was given and not yet looked at. */
  | { do: 'task'; where: Where; asked: Record<string, unknown>; needsPassword: boolean };

export const usage = `npm run server -- [options]                       serves
npm run server -- user add --email E --role admin|manager|member [--name N]
npm run server -- user list
npm run server -- user password|disable|enable --email E
npm run server -- organisation add --name N --email E    with its first administrator
npm run server -- organisation list
npm run server -- remote connect --file FILE --email E [--every 5m]
                                                  speaks to a foreign system for the organisation, in the name of E
npm run server -- remote list                     those that are connected, and how they stand
npm run server -- remote rehearse|run|accept|questions|remove [--id ID]
npm run server -- remote answer --question Q --take mine|theirs|both|asItIs|seen [--id ID]
npm run server -- backup FILE                     writes everything to one file; a running server goes on
npm run server -- restore FILE [--replace]        into an empty database, or into the place of what is there
                                                  --without-key: the key of its banking data is lost

Of every command:
  --data ./fieldbook-server    folder of the embedded database, the key of sealed data and the attached files (or FIELDBOOK_DATA)
  --attachments DIR            folder of the attached files, where it is another one (or FIELDBOOK_ATTACHMENTS)
  --help                       this text
  DATABASE_URL=postgres://…    uses PostgreSQL instead of the embedded database
  FIELDBOOK_DATA_KEY           32 bytes as base64 that banking data is sealed with; else the file data.key in the data folder
  --organisation ID            of user and remote commands, where there are several
  FIELDBOOK_USER_PASSWORD      the new password of user and organisation commands; else it is asked for

Of the server itself:
  --port 4810                  port to listen on; 0 takes any free one (or FIELDBOOK_PORT)
  --host 127.0.0.1             address to listen on (or FIELDBOOK_HOST)
  --wait 30s                   how long to wait for a PostgreSQL that does not answer yet
  --dump-every 1h              how often the embedded database is dumped when it has changed; or off
  --trust-proxy 127.0.0.1      addresses of proxies that say who is asking (or FIELDBOOK_TRUST_PROXY)
  --log requests               one line for each request on stderr, without ids and names
  FIELDBOOK_ORG, FIELDBOOK_ADMIN_EMAIL, FIELDBOOK_ADMIN_PASSWORD
                               the organisation and administrator that the first start makes
${mailUsage}
  FIELDBOOK_REQUESTS_PER_MINUTE  most requests from one address, 6000 unless told
  FIELDBOOK_ATTEMPTS_PER_MINUTE  most wrong passwords from one address and for one e-mail, 20 unless told
  FIELDBOOK_RECIPIENTS_PER_HOUR  most recipients of one person's e-mails in an hour, ${recipientsPerHour} unless told
  FIELDBOOK_OPERATOR_TOKEN       opens /metrics and /docs from other machines; without it they are for this one only`;

const text = { type: 'string' } as const;
const everywhere = { data: text, attachments: text } as const;
const somebody = { email: text, organisation: text } as const;
const ofRemote = { organisation: text, id: text } as const;
const restoring = { replace: { type: 'boolean' }, 'without-key': { type: 'boolean' } } as const;
const serving = { port: text, host: text, wait: text, 'dump-every': text, 'trust-proxy': text, log: text } as const;

/** Options by command. A task's are what administration.ts calls them. */
const tasks: Readonly<Record<string, { options: Record<string, typeof text>; needsPassword?: true }>> = {
  'user add': { options: { ...somebody, role: text, name: text }, needsPassword: true },
  'user list': { options: { organisation: text } },
  'user password': { options: somebody, needsPassword: true },
  'user disable': { options: somebody },
  'user enable': { options: somebody },
  'organisation add': { options: { name: text, email: text }, needsPassword: true },
  'organisation list': { options: {} },
  'remote connect': { options: { ...somebody, file: text, every: text } },
  'remote list': { options: { organisation: text } },
  'remote rehearse': { options: ofRemote },
  'remote run': { options: ofRemote },
  'remote accept': { options: ofRemote },
  'remote questions': { options: ofRemote },
  'remote answer': { options: { ...ofRemote, question: text, take: text } },
  'remote remove': { options: ofRemote },
};

/** What was asked for. Throws `NotUnderstood`. Paths count from the folder where npm was called. */
export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const firstOption = args.findIndex((word) => word.startsWith('-'));
  const words = firstOption < 0 ? args : args.slice(0, firstOption);
  const [first] = words;
  if (args.includes('--help') || first === 'help') return { do: 'help', text: usage };
  const from = (path: string) => resolve(env['INIT_CWD'] ?? '', path);
  const placeOf = ({ data, attachments }: Values) => {
    const folder = from(data ?? given(env, 'FIELDBOOK_DATA') ?? './fieldbook-server');
    const where = { folder, databaseUrl: readDatabaseUrl(given(env, 'DATABASE_URL')), dataKey: given(env, 'FIELDBOOK_DATA_KEY') };
    return { where, attachments: from(attachments ?? given(env, 'FIELDBOOK_ATTACHMENTS') ?? join(folder, 'attachments')) };
  };

  switch (first) {
    case undefined: {
      const { values } = parse(args, serving, 0);
      return { do: 'serve', ...placeOf(values), options: readServeOptions(values, env) };
    }
    case 'backup':
    case 'restore': {
      const { values, rest } = parse(args.slice(1), first === 'restore' ? restoring : {}, 1);
      const [file] = rest;
      if (file === undefined) throw new NotUnderstood(`Name a file: npm run server -- ${first} FILE`);
      const { where, attachments } = placeOf(values);
      if (first === 'backup') return { do: first, where, file: from(file) };
      const ways = { attachments, replace: values['replace'] === true, withoutKey: values['without-key'] === true };
      return { do: first, where, file: from(file), ways };
    }
    default: {
      const name = words.slice(0, 2).join(' ');
      const task = tasks[name];
      if (task === undefined) throw new NotUnderstood(`There is no command "${name}".\n\n${usage}`);
      const { values } = parse(args.slice(2), task.options, 0);
      const { file, ...asked } = Object.fromEntries(Object.keys(task.options).map((option) => [option, values[option]]));
      const named = file === undefined ? {} : { file: from(file) };
      return {
        do: 'task',
        where: placeOf(values).where,
        asked: { do: name, ...asked, ...named },
        needsPassword: task.needsPassword === true,
      };
    }
  }
}

type Options = Record<string, { type: 'string' | 'boolean' }>;
type Values = Record<string, string | undefined> & { replace?: boolean; 'without-key'?: boolean };

function parse(args: readonly string[], options: Options, most: number): { values: Values; rest: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...everywhere, ...options }, allowPositionals: true });
    if (positionals.length > most) throw new Error(`"${positionals[most]}" was not expected.`);
    return { values: values as Values, rest: positionals };
  } catch (error) {
    // Node's own sentence names the option.
    throw new NotUnderstood(`${error instanceof Error ? error.message : 'An option was not understood.'}\n\n${usage}`, { cause: error });
  }
}

function readServeOptions(values: Values, env: NodeJS.ProcessEnv): ServeOptions {
  const limit = (name: string, unlessTold: string) => {
    const number = wholeNumber(given(env, name) ?? unlessTold, 1, 10_000_000);
    if (number === null) throw new NotUnderstood(`${name} has to be a whole number above 0.`);
    return number;
  };
  const portText = values['port'] ?? given(env, 'FIELDBOOK_PORT') ?? '4810';
  const port = wholeNumber(portText, 0, 65_535);
  if (port === null) throw new NotUnderstood(`"${portText}" is no port. Give a whole number from 0 to 65535.`);
  if (values['log'] !== undefined && values['log'] !== 'requests') throw new NotUnderstood('--log takes one word: requests.');
  return {
    port,
    host: values['host'] ?? given(env, 'FIELDBOOK_HOST') ?? '127.0.0.1',
    requestsPerMinute: limit('FIELDBOOK_REQUESTS_PER_MINUTE', '6000'),
    attemptsPerMinute: limit('FIELDBOOK_ATTEMPTS_PER_MINUTE', '20'),
    recipientsPerHour: limit('FIELDBOOK_RECIPIENTS_PER_HOUR', String(recipientsPerHour)),
    operatorToken: readOperatorToken(given(env, 'FIELDBOOK_OPERATOR_TOKEN')),
    trustProxy: readProxies(values['trust-proxy'] ?? given(env, 'FIELDBOOK_TRUST_PROXY')),
    mailSettings: readMailSettings((name) => given(env, name)),
    waitMs: readTime('--wait', values['wait'] ?? '30s'),
    dumpEveryMs: values['dump-every'] === 'off' ? null : readTime('--dump-every', values['dump-every'] ?? '1h'),
    logsRequests: values['log'] === 'requests',
  };
}

function readOperatorToken(token: string | null): string | null {
  if (token !== null && token.length < 16) throw new NotUnderstood('FIELDBOOK_OPERATOR_TOKEN has to have 16 characters at least.');
  return token;
}

const given = (env: NodeJS.ProcessEnv, name: string): string | null => ((env[name] ?? '') === '' ? null : (env[name] ?? null));

/** The address is never repeated: a password is in it. */
function readDatabaseUrl(url: string | null): string | null {
  if (url === null) return null;
  if (!URL.canParse(url) || !['postgres:', 'postgresql:'].includes(new URL(url).protocol))
    throw new NotUnderstood('DATABASE_URL is no address of a PostgreSQL. It has to be like postgres://user:password@host:5432/database.');
  return url;
}

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

function readTime(option: string, value: string): number {
  const [, number, unit] = /^(\d{1,6})([smh])$/.exec(value) ?? [];
  if (number === undefined || unit === undefined) throw new NotUnderstood(`${option} has to be like 90s, 30m or 1h.`);
  return Number(number) * milliseconds[unit as keyof typeof milliseconds];
}

/** Named one by one: whoever may say where a request comes from can pass every limit by address. */
function readProxies(list: string | null): string | null {
  if (list === null) return null;
  const isRange = (one: string) => {
    const [address = '', bits, ...more] = one.split('/');
    const version = isIP(address);
    return version !== 0 && more.length === 0 && (bits === undefined || wholeNumber(bits, 0, version === 4 ? 32 : 128) !== null);
  };
  const all = list.split(',').map((one) => one.trim());
  if (!all.every((one) => isRange(one) || ['loopback', 'linklocal', 'uniquelocal'].includes(one)))
    throw new NotUnderstood('--trust-proxy takes addresses, like 127.0.0.1 or 10.0.0.0/8, with commas between them; or loopback.');
  return all.join(',');
}

function wholeNumber(value: string, least: number, most: number): number | null {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return number >= least && number <= most ? number : null;
}
