import type { FastifyError, FastifyReply } from 'fastify';
import { type ErrorAnswer, errorAnswers } from '../../shared/dialects/error-body.ts';

/** Ends a request with an answer, and its transaction without a trace. */
export class Refusal extends Error {
  readonly answer: ErrorAnswer;
  constructor(of: ErrorAnswer) {
    super(`Answered ${of.status}`);
    this.answer = of;
  }
}

export function answer(reply: FastifyReply, { status, body, headers = {} }: ErrorAnswer): FastifyReply {
  return reply.status(status).headers(headers).send(body);
}

/** What went wrong before a handler was reached, in the words the handlers use; null where it is a fault of ours. */
export function answerTo(error: FastifyError, contentType: string): ErrorAnswer | null {
  switch (error.statusCode) {
    case 413:
      return errorAnswers.tooLarge();
    case 415:
      return errorAnswers.unsupportedMediaType(contentType);
    case 429:
      return errorAnswers.tooMany(60);
    case undefined:
      return null;
    default:
      return error.statusCode >= 400 && error.statusCode < 500 ? errorAnswers.unreadable() : null;
  }
}
