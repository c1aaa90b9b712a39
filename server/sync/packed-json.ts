import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is shorter goes in one packet anyway. */
const worthPacking = 1400;
const level = constants.Z_BEST_SPEED;
const pack = promisify(gzip);

/** Sends a text of JSON, packed where whoever asks can unpack it: records are the same words again and again. */
export async function sendJson(request: FastifyRequest, reply: FastifyReply, text: string): Promise<FastifyReply> {
  reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding');
  if (text.length < worthPacking || !/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(request.headers['accept-encoding'] ?? '')))
    return reply.send(text);
  return reply.header('content-encoding', 'gzip').send(await pack(text, { level }));
}
