import { expect, onTestFinished } from 'vitest';
import { Mailer, type MailAttempt } from '../../src/mail/mailer.ts';
import { mailChannel } from '../../src/mail/escalation.ts';
import { openMailTransport } from '../../src/mail/mail-transport.ts';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { Follower } from '../../src/log/follower.ts';
import { openKeyWorld, type KeyWorld } from './key-world.ts';
import { openMailServer, type MailServer } from './mail-server.ts';

export const SENDER = { name: 'Keytide', address: 'keytide@example.com' };

/** A key world that mails its notices to a real mail server. */
export interface MailWorld extends KeyWorld {
  readonly server: MailServer;
  readonly mailer: Mailer;
  /** The outcomes of attempts, oldest first. */
  readonly attempts: MailAttempt[];
  /** The keys with a leak that no recipient could be reached for. */
  readonly unreachableKeyIds: string[];
  /** Starts another node's mailer on the same database. */
  anotherMailer(): Mailer;
  /** Advances the clock, then reviews and mails everything that is due. */
  mailAfter(ms: number): Promise<void>;
  /** The email of an account. */
  emailOf(accountId: string): Promise<string>;
  /** Returns the recipients of the mails so far, oldest first. */
  recipients(): string[];
}

/** Opens a mail world. `pagesUrl` is what its mails link to: null if its gateway does not know where people reach it. */
export async function openMailWorld(
  { pagesUrl }: { readonly pagesUrl: string | null } = { pagesUrl: 'https://keytide.test' },
): Promise<MailWorld> {
  const world = await openKeyWorld({ channels: [mailChannel] });
  const server = await openMailServer();
  const attempts: MailAttempt[] = [];
  const unreachableKeyIds: string[] = [];
  const follower = new Follower(world, {
    connect: () => Promise.reject(new Error('nothing is followed')),
    onFailure: () => undefined,
  });
  const anotherMailer = () => {
    const mailer = new Mailer(
      { ...world, follower },
      {
        transport: openMailTransport(new Sensitive(server.url), SENDER),
        sender: SENDER,
        publicUrl: () => 'https://keytide.test',
        pagesUrl,
        mayMail: () => true,
        onAttempt: (attempt) => attempts.push(attempt),
        onUnreachable: (keyId) => unreachableKeyIds.push(keyId),
        onFailure: (error) => world.failures.push(error),
      },
    );
    onTestFinished(() => mailer.stop());
    return mailer;
  };
  const mailer = anotherMailer();
  return {
    ...world,
    server,
    mailer,
    attempts,
    unreachableKeyIds,
    anotherMailer,
    async mailAfter(ms) {
      await world.travel(ms);
      await mailer.sendDue();
      await world.travel(5 * MINUTE_MS);
      await mailer.sendDue();
      expect(world.failures).toEqual([]);
    },
    emailOf: async (id) => (await world.prisma.account.findUniqueOrThrow({ where: { id } })).email,
    recipients: () => server.received.flatMap(({ recipients }) => recipients),
  };
}
