import { readFile } from 'node:fs/promises';
import { parseConnectFile, requestFrom } from '../../remotes/connect-file.ts';
import type { ConnectRequest } from '../../remotes/remote.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { say } from '../../shared/words/say.ts';
import { words } from '../../shared/words/words.ts';
import { Refused } from '../refused.ts';

/** The file of a connection, with the secrets that it names: they are read where the command is given, which may be another process than the server's. */
export async function readConnection(path: unknown, env: NodeJS.ProcessEnv): Promise<ConnectRequest> {
  if (typeof path !== 'string') throw new Refused('Say with --file which file has the connection.');
  try {
    const text = await readFile(path, 'utf8').catch(() => {
      throw new ProblemError({ code: 'INVALID_INPUT', ...words('sync.fileUnreadable', { path }) });
    });
    return requestFrom(parseConnectFile(text, path), env);
  } catch (error) {
    if (error instanceof ProblemError) throw new Refused(say(error.problem), { cause: error });
    throw error;
  }
}
