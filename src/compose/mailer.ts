import { Mailer } from '../delivery/mail/mailer.ts';
import { openMailTransport } from '../delivery/mail/mail-transport.ts';
import type { Services } from '../graphql/context.ts';
import type { Parts } from './parts.ts';

/** The mailer of a node, which tells the log and the metrics what came of its mails. */
export function createMailer(
  services: Services,
  { publicUrl, isClockTrusted, logger }: Parts,
  { smtpUrl, sender }: NonNullable<Parts['mail']>,
): Mailer {
  return new Mailer(services, {
    transport: openMailTransport(smtpUrl, sender),
    sender,
    publicUrl,
    mayMail: isClockTrusted,
    onAttempt: ({ outcome, ...tried }) => {
      services.metrics.mails.inc({ outcome });
      if (outcome === 'FAILED' || outcome === 'REFUSED') logger.error({ ...tried }, 'notices could not be mailed');
      if (outcome === 'POSTPONED') logger.warn({ ...tried }, 'notices could not be mailed yet; it is tried again');
    },
    onUnreachable: (keyId) => {
      logger.error(
        { keyId },
        'nobody could be told by mail that a secret of this key has leaked; it is tried again in a day',
      );
    },
    onFailure: (error) => logger.warn({ err: error }, 'mailing notices failed'),
  });
}
