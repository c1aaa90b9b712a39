import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Refused } from '../refused.ts';

/** What a variable holds, or what somebody types on the terminal; refused where neither is there. */
export async function ask(env: NodeJS.ProcessEnv, variable: string, question: string): Promise<string> {
  return given(env, variable, question) ?? onTerminal(process.stderr, (terminal) => answerTo(terminal, `${question}: `));
}

/** A password that is to be new: asked for twice, and not shown. */
export async function askNewPassword(env: NodeJS.ProcessEnv, variable: string, question: string): Promise<string> {
  const known = given(env, variable, question);
  if (known !== null) return known;
  // One conversation: from its beginning to its end the terminal itself shows nothing of what is typed.
  return onTerminal(silence(), async (terminal) => {
    const silently = async (words: string) => {
      process.stderr.write(`${words}: `);
      const answer = await answerTo(terminal, '');
      process.stderr.write('\n');
      return answer;
    };
    const password = await silently(question);
    if ((await silently('The same again')) !== password) throw new Refused('The two are not the same. Nothing was changed.');
    return password;
  });
}

function given(env: NodeJS.ProcessEnv, variable: string, question: string): string | null {
  const value = env[variable] ?? '';
  if (value !== '') return value;
  if (!process.stdin.isTTY) throw new Refused(`${question} is needed. Set ${variable}, or run this on a terminal to be asked.`);
  return null;
}

/** What is shown goes to stderr: stdout carries what other programs read. */
async function onTerminal<T>(shown: NodeJS.WritableStream, talk: (terminal: Interface) => Promise<T>): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: shown, terminal: true });
  try {
    return await talk(terminal);
  } finally {
    terminal.close();
  }
}

function answerTo(terminal: Interface, question: string): Promise<string> {
  const brokenOff = new Promise<never>((_, failed) => {
    const breakOff = () => failed(new Refused('Stopped. Nothing was changed.'));
    terminal.once('SIGINT', breakOff).once('close', breakOff);
  });
  return Promise.race([terminal.question(question), brokenOff]);
}

/** Takes what readline would show of what is typed. */
const silence = () => new Writable({ write: (_piece, _encoding, done) => done() });
