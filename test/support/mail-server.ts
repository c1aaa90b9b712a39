import { createServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Mail {
  from: string;
  to: string[];
  /** As it came over the wire. */
  raw: string;
  user: string | null;
}

export interface MailServer {
  port: number;
  mails: Mail[];
  /** Connections so far. */
  connections: number;
  /** Called when a message has come in whole and before it is accepted; throws what the server answers instead. */
  onMail: (mail: Mail) => Promise<void> | void;
  onSender: (address: string) => void;
  onRecipient: (address: string) => void;
  /** Cuts every connection as a server does that dies. */
  cut(): void;
  /** Takes no more connections. */
  close(): Promise<void>;
}

export const mailUser = 'ada@fieldbook.example';
export const mailPassword = 'correct horse battery staple';

/** What a mail server says no with: 4xx for now, 5xx for good. */
export function answer(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** A real mail server on this computer. Without `options` it takes mail unencrypted from whoever knows the password. */
export async function startMailServer(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
  const sockets = new Set<{ destroy(): void }>();
  const mailServer: MailServer = {
    port: 0,
    mails: [],
    connections: 0,
    onMail: () => undefined,
    onSender: () => undefined,
    onRecipient: () => undefined,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      mailServer.cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  const or = (work: () => void, done: (error?: Error | null) => void) => {
    try {
      work();
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === mailUser && password === mailPassword) done(null, { user: username });
      else done(answer(535, 'Authentication failed'));
    },
    onMailFrom: ({ address }, _session, done) => or(() => mailServer.onSender(address), done),
    onRcptTo: ({ address }, _session, done) => or(() => mailServer.onRecipient(address), done),
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail: Mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString('utf8'),
          user: typeof session.user === 'string' ? session.user : null,
        };
        void (async () => {
          try {
            await mailServer.onMail(mail);
            mailServer.mails.push(mail);
            done();
          } catch (error) {
            done(error as Error);
          }
        })();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket) => {
    mailServer.connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address();
  mailServer.port = typeof address === 'object' && address !== null ? address.port : 0;
  return mailServer;
}

/** A port on which nothing answers. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The headers of a message, unfolded, in order. */
export function headersOf(raw: string): [string, string][] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  return head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
}

/** A header's text with its encoded words read. */
export function decoded(text: string): string {
  return text
    .replaceAll(/(=\?[^?]+\?[BQ]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replaceAll(/((?:=\?UTF-8\?B\?[^?]*\?=)+)/gi, (words: string) =>
      Buffer.concat([...words.matchAll(/\?B\?([^?]*)\?=/gi)].map(([, part = '']) => Buffer.from(part, 'base64'))).toString('utf8'),
    )
    .replaceAll(/((?:=\?UTF-8\?Q\?[^?]*\?=)+)/gi, (words: string) => {
      const hex = [...words.matchAll(/\?Q\?([^?]*)\?=/gi)].map(([, part = '']) => part.replaceAll('_', ' ')).join('');
      return Buffer.from(
        hex.replaceAll(/=([0-9A-F]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16))),
        'latin1',
      ).toString('utf8');
    });
}
