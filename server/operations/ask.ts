import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Refused } from '../refused.ts';

/** What a variable holds, or what somebody types on the terminal; refused where neither is there. */
export async function ask(env: NodeJS.ProcessEnv, variable: string, question: string): Promise<string> {
  return (await given(env, variable, question)) ?? onTerminal(question, process.stderr);
}

/** A password that is to be new: asked for twice, and not shown. */
export async function askNewPassword(env: NodeJS.ProcessEnv, variable: string, question: string): Promise<string> {
  const known = await given(env, variable, question);
  if (known !== null) return known;
  const password = await onTerminal(question, silence());
  if ((await onTerminal('The same again', silence())) !== password) throw new Refused('The two are not the same. Nothing was changed.');
  return password;
}

async function given(env: NodeJS.ProcessEnv, variable: string, question: string): Promise<string | null> {
  const value = env[variable] ?? '';
  if (value !== '') return value;
  if (!process.stdin.isTTY) throw new Refused(`${question} is needed. Set ${variable}, or run this on a terminal to be asked.`);
  return null;
}

/** The question goes to stderr: stdout carries what other programs read. */
async function onTerminal(question: string, echo: NodeJS.WritableStream): Promise<string> {
  process.stderr.write(`${question}: `);
  const terminal = createInterface({ input: process.stdin, output: echo, terminal: true });
  try {
    return await Promise.race([terminal.question(''), brokenOff(terminal)]);
  } finally {
    terminal.close();
    if (echo !== process.stderr) process.stderr.write('\n');
  }
}

function brokenOff(terminal: Interface): Promise<never> {
  return new Promise((_, failed) => {
    terminal.once('SIGINT', () => failed(new Refused('Stopped. Nothing was changed.')));
    terminal.once('close', () => failed(new Refused('Stopped. Nothing was changed.')));
  });
}

/** Takes what the terminal would show of what is typed. */
const silence = () => new Writable({ write: (_piece, _encoding, done) => done() });
