import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { errorAnswers } from '../../shared/dialects/error-body.ts';
import { answer } from './answer.ts';

/**
 * What is for whoever runs the server: figures, and how it is spoken to. Open on the machine itself, where no proxy stands between; from
 * anywhere else with the token, as a bearer's or as the password of any user.
 */
export function operatorDoor(token: string | null) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (isDirectlyHere(request) || (token !== null && saysToken(request.headers.authorization ?? '', token))) return done();
    void answer(reply, token === null ? errorAnswers.notFound() : errorAnswers.notSignedIn('Basic realm="Fieldbook operator"'));
  };
}

function isDirectlyHere({ raw, headers }: FastifyRequest): boolean {
  const address = raw.socket.remoteAddress ?? '';
  const isPassedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
  return /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address) && !isPassedOn;
}

function saysToken(header: string, token: string): boolean {
  const [scheme = ''] = header.split(' ', 1);
  const said = header.slice(scheme.length).trim();
  const words =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(said, 'base64')
          .toString()
          .replace(/^[^:]*:/, '')
      : said;
  return timingSafeEqual(digest(words), digest(token));
}

const digest = (text: string) => createHash('sha256').update(text).digest();
