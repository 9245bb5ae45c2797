import { once } from 'node:events';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** A mail that the server has taken. */
export interface ReceivedMail {
  /** To whom it was handed over, by the envelope. */
  readonly recipients: readonly string[];
  readonly parsed: ParsedMail;
  /** As it came over the wire. */
  readonly raw: string;
}

/** A real mail server on loopback, which does what a test tells it to. */
export interface MailServer {
  readonly url: string;
  /** What it has taken, oldest first. */
  readonly received: ReceivedMail[];
  /** While it is down every recipient is answered 451. */
  isDown: boolean;
  /** Whom it answers 550. */
  readonly refused: Set<string>;
  /** Runs when a mail has come whole, before that is answered. */
  beforeReply: (mail: ReceivedMail) => Promise<void> | void;
}

/** Starts one; it ends with the test. */
export async function openMailServer(): Promise<MailServer> {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, answer) {
      if (mails.isDown) return answer(Object.assign(new Error('not now'), { responseCode: 451 }));
      if (mails.refused.has(address)) {
        return answer(Object.assign(new Error(`no such user: ${address}`), { responseCode: 550 }));
      }
      answer();
    },
    async onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks).toString();
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      const mail = { recipients, raw, parsed: await simpleParser(raw) };
      await mails.beforeReply(mail);
      mails.received.push(mail);
      answer();
    },
  });
  // A client that is killed cuts its connection.
  server.on('error', () => undefined);
  const mails: MailServer = {
    url: '',
    received: [],
    isDown: false,
    refused: new Set(),
    beforeReply: () => undefined,
  };
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = listening.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return Object.assign(mails, { url: `smtp://127.0.0.1:${port}` });
}
