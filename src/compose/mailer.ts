import { Mailer } from '../mail/mailer.ts';
import { openMailTransport } from '../mail/mail-transport.ts';
import type { Services } from '../graphql/context.ts';
import type { Parts } from './parts.ts';

/** Returns the mailer of a node, which logs and counts the outcomes of its mails. */
export function createMailer(
  services: Services,
  { publicUrl, isClockTrusted, logger }: Parts,
  { smtpUrl, sender, pagesUrl = null }: NonNullable<Parts['mail']>,
): Mailer {
  return new Mailer(services, {
    transport: openMailTransport(smtpUrl, sender),
    sender,
    publicUrl,
    pagesUrl,
    mayMail: isClockTrusted,
    onAttempt: ({ outcome, ...attempt }) => {
      services.metrics.mails.inc({ outcome });
      if (outcome === 'FAILED' || outcome === 'REFUSED') logger.error({ ...attempt }, 'notice mail failed');
      if (outcome === 'LIMITED') logger.warn({ ...attempt }, 'address got its mails of the day, will retry');
      if (outcome === 'POSTPONED') logger.warn({ ...attempt }, 'notice mail failed, will retry');
    },
    onUnreachable: (keyId) => {
      logger.error({ keyId }, 'leak notice has no reachable recipient, will retry in a day');
    },
    onFailure: (error) => logger.warn({ err: error }, 'mailer failed'),
  });
}
