import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Fared } from '../../shared/mail/outbox.ts';
import { connectionOptions, deliver, type Message, mimeOptions, piecesOf } from '../../shared/mail/smtp-delivery.ts';
import { causeOf, faredOf } from '../../shared/mail/smtp-problem.ts';
import { type MailSettings, thisServer } from './mail-settings.ts';

/** How a sending ended here: also that the account was refused, which is no e-mail's fault, or that it was to leave no more. */
export type Outcome = Fared | { kind: 'accountRefused'; why: string } | { kind: 'withdrawn' };

class Withdrawn extends Error {}

/**
 * Hands one message to the mail server. `begin` is asked when the server has taken sender and recipients and the message
 * itself would follow: from its yes on the message may leave, and before it surely does not. Rejects only where `begin` does.
 */
export async function sendMessage(
  settings: MailSettings,
  from: { fromName: string; fromAddress: string },
  message: Message,
  begin: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { account, password } = settings;
  const mime = new MailComposer(mimeOptions(from, message)).compile();
  const bytes = await mime.build();
  const envelope = { ...mime.getEnvelope(), size: bytes.length };
  const stopped = Promise.withResolvers<never>();
  let isHandedOver = false;
  let fault: unknown = null;
  const body = Readable.from(
    (async function* () {
      try {
        if (!(await begin())) throw new Withdrawn();
      } catch (error) {
        if (!(error instanceof Withdrawn)) fault = error;
        throw error;
      }
      yield* piecesOf(bytes);
    })(),
  );
  body.once('end', () => (isHandedOver = true));
  body.once('error', stopped.reject);
  const onAbort = () => stopped.reject(Object.assign(new Error('Stopped'), { code: 'EABORT' }));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const login = account.user === null ? null : { user: account.user, pass: password ?? '' };
    const { rejected, words } = await deliver(new SMTPConnection(connectionOptions(account)), {
      envelope,
      body,
      login,
      stopped: stopped.promise,
    });
    const some = rejected.join(', ').slice(0, 500);
    return { kind: 'sent', why: rejected.length === 0 ? null : `The mail server refused ${some}; the others got it.${words}` };
  } catch (error) {
    if (error instanceof Withdrawn) return { kind: 'withdrawn' };
    if (fault !== null) throw fault;
    const fared = faredOf(error, { ...account, fromAddress: from.fromAddress }, isHandedOver, thisServer);
    return fared.kind === 'permanent' && causeOf(error) === 'LOGIN_REFUSED' ? { kind: 'accountRefused', why: fared.why } : fared;
  } finally {
    signal.removeEventListener('abort', onAbort);
    body.destroy();
  }
}
