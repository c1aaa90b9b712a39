import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ErrorAnswer, errorAnswers, validationAnswer } from '../../shared/dialects/error-body.ts';
import { requiredText } from '../../shared/nouns/values.ts';
import { answer } from '../routes/answer.ts';
import { everyWay, securityOf, type Way } from '../routes/open-api.ts';
import { type Auth, cookieName, identify } from './identify.ts';
import type { Login } from './passwords.ts';
import type { Person } from './sessions.ts';

const signInSchema = z.strictObject({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(1000),
  /** What the device is called in the list of devices. */
  device: requiredText(100).optional(),
  /** Needed only where one e-mail and password open several organisations. */
  organisationId: z.uuid().optional(),
});
const refreshSchema = z.strictObject({ refreshToken: z.string().min(1).max(1000) });
const tokensSchema = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.int(), organisationId: z.uuid() });
const disabledSchema = z.object({ code: z.literal('account_disabled'), detail: z.string() });
const sessionSchema = z.object({ organisationId: z.uuid() });
const devicesSchema = z.object({
  devices: z.array(z.object({ id: z.uuid(), device: z.string(), createdAt: z.string(), usedAt: z.string(), isThisOne: z.boolean() })),
});

export interface AuthRouteOptions {
  auth: Auth;
  /** Attempts to sign in a minute, by address. */
  attemptsPerMinute: number;
}

export async function authRoutes(app: FastifyInstance, { auth, attemptsPerMinute }: AuthRouteOptions): Promise<void> {
  const config = { rateLimit: { max: attemptsPerMinute, timeWindow: 60_000 } };
  const detailed = z.looseObject({ detail: z.string().optional() });
  const refusals = { 400: detailed.describe('Something is missing or wrong'), 401: detailed, 429: detailed };
  const schemaOf = (operationId: string, more: object, ways: readonly Way[] = []) => ({
    ...more,
    tags: ['auth'],
    operationId,
    security: securityOf(ways),
  });
  const signsIn = (operationId: string, body: z.ZodType, answer: z.ZodType) =>
    schemaOf(operationId, { body, response: { 200: answer, ...refusals } });

  app.post('/auth/token', { config, schema: signsIn('authToken', signInSchema, tokensSchema) }, async (request, reply) => {
    const opened = await signIn(request);
    return 'refused' in opened ? answer(reply, opened.refused) : reply.send((await auth.sessions.open(opened.login, opened.device)).tokens);
  });

  const refreshes = schemaOf('authRefresh', {
    body: refreshSchema,
    response: { 200: tokensSchema, 403: disabledSchema.describe('The person was disabled'), ...refusals },
  });
  // Nobody guesses a token, and laptops that come back together may all share one address.
  app.post('/auth/refresh', { schema: refreshes }, async (request, reply) => {
    const parsed = refreshSchema.safeParse(request.body, { reportInput: true });
    if (!parsed.success) return answer(reply, validationAnswer(parsed.error));
    const tokens = await auth.sessions.refresh(parsed.data.refreshToken);
    if (tokens === 'disabled') return reply.status(403).send({ code: 'account_disabled', detail: 'This account is disabled.' });
    return tokens === null ? answer(reply, errorAnswers.wrongCredentials()) : reply.send(tokens);
  });

  app.post('/auth/session', { config, schema: signsIn('authSession', signInSchema, sessionSchema) }, async (request, reply) => {
    const opened = await signIn(request);
    if ('refused' in opened) return answer(reply, opened.refused);
    const { cookie } = await auth.sessions.open(opened.login, opened.device);
    // Strict: another site's page cannot make the browser send it, so no form elsewhere can act for the person.
    return reply
      .setCookie(cookieName, cookie, {
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        secure: request.protocol === 'https',
        maxAge: 30 * 86_400,
      })
      .send({ organisationId: opened.login.organisation_id });
  });

  const listed = schemaOf('authDevicesList', { response: { 200: devicesSchema, 401: detailed } }, everyWay);
  app.get('/auth/devices', { schema: listed }, (request, reply) =>
    asPerson(request, reply, async (person) => {
      const devices = await auth.sessions.devices(person);
      return reply.send({
        devices: devices.map(({ id, device, created_at, used_at }) => ({
          id,
          device,
          createdAt: created_at,
          usedAt: used_at,
          isThisOne: id === person.sessionId,
        })),
      });
    }),
  );

  const putOut = {
    params: z.object({ id: z.string().describe('Id of the device') }),
    response: { 204: z.null().describe('Put out'), 401: detailed, 404: detailed },
  };
  app.delete<{ Params: { id: string } }>(
    '/auth/devices/:id',
    { schema: schemaOf('authDevicesDelete', putOut, everyWay) },
    (request, reply) =>
      asPerson(request, reply, async (person) =>
        (await auth.sessions.revoke(person, request.params.id)) ? reply.status(204).send() : answer(reply, errorAnswers.notFound()),
      ),
  );

  async function asPerson(request: FastifyRequest, reply: FastifyReply, work: (person: Person) => Promise<FastifyReply>) {
    const found = await identify(auth, request, everyWay, null);
    return 'refused' in found ? answer(reply, found.refused) : work(found.person);
  }

  async function signIn(request: FastifyRequest): Promise<{ login: Login; device: string } | { refused: ErrorAnswer }> {
    const parsed = signInSchema.safeParse(request.body, { reportInput: true });
    if (!parsed.success) return { refused: validationAnswer(parsed.error) };
    const { email, password, device, organisationId } = parsed.data;
    const all = await auth.passwords.check(email, password, request.ip);
    if ('waitSeconds' in all) return { refused: errorAnswers.tooMany(all.waitSeconds) };
    const logins = organisationId === undefined ? all : all.filter((login) => login.organisation_id === organisationId);
    if (logins.length > 1)
      return {
        refused: { status: 400, body: { organisationId: ['This e-mail belongs to several organisations. Say which one is meant.'] } },
      };
    return logins[0] === undefined
      ? { refused: errorAnswers.wrongCredentials() }
      : { login: logins[0], device: device ?? 'Unnamed device' };
  }
}
