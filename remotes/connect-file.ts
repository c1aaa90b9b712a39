import { ProblemError } from '../shared/lib/result.ts';
import { type Words, words, wordsIn } from '../shared/words/words.ts';
import { type ConnectFile, connectFileSchema, type ConnectRequest } from './remote.ts';

/** What a file of a connection says. Throws ProblemError with the sentence for whoever wrote it; `path` is how that names the file. */
export function parseConnectFile(text: string, path: string): ConnectFile {
  const refuse = (says: Words) => new ProblemError({ code: 'INVALID_INPUT', ...says });
  if (text.length > 100_000) throw refuse(words('sync.fileFarTooLong', { path }));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(words('sync.fileNotJson', { path }));
  }
  const parsed = connectFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const says = issue === undefined ? '' : (wordsIn(issue.message) ?? issue.message);
  throw refuse(
    issue === undefined || issue.path.length === 0
      ? words('sync.fileUnclear', { path, says })
      : words('sync.fileUnclearAt', { path, at: issue.path.join('.'), says }),
  );
}

/** The same with the secrets that it names, as the environment has them. */
export function requestFrom(
  { kind, url, organisation, signIn, direction }: ConnectFile,
  env: Readonly<Record<string, string | undefined>>,
): ConnectRequest {
  const from = (named: string) => {
    const value = env[named.slice('env:'.length)];
    if (value !== undefined && value !== '') return value;
    throw new ProblemError({
      code: 'INVALID_INPUT',
      ...words('sync.variableNotSet', { variable: named.slice('env:'.length) }),
    });
  };
  const way: ConnectRequest['signIn'] =
    'email' in signIn
      ? { email: signIn.email, password: from(signIn.passwordFrom), isSession: 'sessionFrom' in signIn }
      : 'tokenFrom' in signIn
        ? { token: from(signIn.tokenFrom) }
        : { session: from(signIn.sessionFrom) };
  return { kind, url, organisation: organisation ?? null, signIn: way, direction };
}
