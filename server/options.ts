import { parseArgs } from 'node:util';

export interface ServerOptions {
  port: number;
  host: string;
  data: string;
  databaseUrl: string | null;
  /** Base64; null takes the one in the data folder. */
  dataKey: string | null;
  /** Folder of attached files; null takes the one in the data folder. */
  attachments: string | null;
  requestsPerMinute: number;
  attemptsPerMinute: number;
}

export const usage = `npm run server -- [options]
  --port 4810                  port to listen on; 0 takes any free one
  --host 127.0.0.1             address to listen on
  --data ./fieldbook-server    folder of the embedded database, the key of sealed data and the attached files
  --attachments DIR            folder of the attached files, where it is another one (or FIELDBOOK_ATTACHMENTS)

DATABASE_URL=postgres://…      uses PostgreSQL instead of the embedded database
FIELDBOOK_DATA_KEY             32 bytes as base64 that banking data is sealed with; else the file data.key in the data folder
FIELDBOOK_ORG, FIELDBOOK_ADMIN_EMAIL, FIELDBOOK_ADMIN_PASSWORD
                               the organisation and administrator that the first start makes
FIELDBOOK_REQUESTS_PER_MINUTE  most requests from one address, 6000 unless told
FIELDBOOK_ATTEMPTS_PER_MINUTE  most attempts to sign in from one address, 20 unless told`;

/** Options as they were given; a sentence where they were not understood. */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): ServerOptions | { problem: string } {
  let values: { port: string; host: string; data: string; attachments?: string };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '4810' },
        host: { type: 'string', default: '127.0.0.1' },
        data: { type: 'string', default: './fieldbook-server' },
        attachments: { type: 'string' },
      },
    }));
  } catch {
    return { problem: `An option was not understood.\n${usage}` };
  }
  const port = wholeNumber(values.port, 0, 65_535);
  const requestsPerMinute = wholeNumber(env['FIELDBOOK_REQUESTS_PER_MINUTE'] ?? '6000', 1, 10_000_000);
  const attemptsPerMinute = wholeNumber(env['FIELDBOOK_ATTEMPTS_PER_MINUTE'] ?? '20', 1, 10_000_000);
  if (port === null) return { problem: `"${values.port}" is no port. Give a whole number from 0 to 65535.` };
  if (requestsPerMinute === null || attemptsPerMinute === null) return { problem: `A limit has to be a whole number above 0.\n${usage}` };
  const given = (name: string) => ((env[name] ?? '') === '' ? null : (env[name] ?? null));
  return {
    ...values,
    port,
    databaseUrl: given('DATABASE_URL'),
    dataKey: given('FIELDBOOK_DATA_KEY'),
    attachments: values.attachments ?? given('FIELDBOOK_ATTACHMENTS'),
    requestsPerMinute,
    attemptsPerMinute,
  };
}

function wholeNumber(text: string, least: number, most: number): number | null {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}
