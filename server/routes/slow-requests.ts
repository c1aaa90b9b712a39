import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface SlowRequestTimes {
  /** How long a request may take to arrive, whatever it is of. */
  graceMs: number;
  /** What has to have come of a longer one in each such time after that: less is nobody's line. */
  everyMs: number;
  leastBytes: number;
}

export const slowRequestTimes: SlowRequestTimes = { graceMs: 30_000, everyMs: 10_000, leastBytes: 10_000 };
/** Of a request's headers, and of all of one: the time that 100 MB take on a slow line. */
export const [headersMs, requestMs] = [20_000, 30 * 60_000];

/** Ends requests whose body does not come, or comes so slowly that only the open connection can be meant. */
export function endSlowRequests(app: FastifyInstance, { graceMs, everyMs, leastBytes }: SlowRequestTimes): void {
  const arriving = new Map<FastifyRequest, { at: number; bytes: number }>();
  app.addHook('onRequest', async (request) => {
    if (request.raw.socket?.bytesRead === undefined || request.raw.complete) return;
    const first = performance.now() + graceMs - everyMs;
    arriving.set(request, { at: first, bytes: request.raw.socket.bytesRead });
    const forget = () => arriving.delete(request);
    request.raw.once('end', forget).once('close', forget);
  });
  const timer = setInterval(look, Math.min(everyMs, 1_000)).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  function look(): void {
    const now = performance.now();
    for (const [request, seen] of arriving) {
      // One without a body is never read to its end.
      if (request.raw.complete) arriving.delete(request);
      if (request.raw.complete || now < seen.at + everyMs) continue;
      const { socket, readableLength, readableHighWaterMark } = request.raw;
      // Where what has come was not taken up yet, it is this side that is slow.
      const isOurs = readableLength >= readableHighWaterMark || request.raw.isPaused();
      if (!isOurs && socket.bytesRead - seen.bytes < leastBytes) socket.destroy();
      else arriving.set(request, { at: now, bytes: socket.bytesRead });
    }
  }
}
