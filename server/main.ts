import type { Clock } from '../shared/lib/clock.ts';
import { administer, readTask } from './operations/administration.ts';
import { askNewPassword } from './operations/ask.ts';
import { backup } from './operations/backup.ts';
import { readConnection } from './operations/read-connection.ts';
import { restore } from './operations/restore.ts';
import { serve } from './operations/serve.ts';
import { type Command, NotUnderstood, readCommand } from './options.ts';
import { faultOf, Refused } from './refused.ts';

const systemClock: Clock = {
  now: () => Date.now(),
  today: () => new Date().toISOString().slice(0, 10),
  dayOf: (instant) => instant.slice(0, 10),
};

try {
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.do === 'serve') await serve(command.where, command.attachments, command.options, process.env, systemClock);
  else process.stdout.write(`${await run(command)}\n`);
} catch (error) {
  process.exitCode = error instanceof NotUnderstood ? 2 : 1;
  process.stderr.write(`${error instanceof Refused ? error.message : `It failed, and nothing was changed: ${faultOf(error)}`}\n`);
}

async function run(command: Exclude<Command, { do: 'serve' }>): Promise<string> {
  switch (command.do) {
    case 'help':
      return command.text;
    case 'backup':
      return backup(command.where, command.file, systemClock);
    case 'restore':
      return restore(command.where, command.file, command.ways, systemClock);
    case 'task': {
      const { where, asked, needsPassword } = command;
      // What is wrong with the rest is said before anybody types a password.
      if (needsPassword) readTask({ ...asked, password: 'a password to come' });
      const password = needsPassword ? { password: await askNewPassword(process.env, 'FIELDBOOK_USER_PASSWORD', 'New password') } : {};
      const request = asked['do'] === 'remote connect' ? { request: await readConnection(asked['file'], process.env) } : {};
      return administer(where, { ...asked, ...password, ...request }, systemClock);
    }
  }
}
