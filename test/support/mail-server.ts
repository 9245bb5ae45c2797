import { once } from 'node:events';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** A mail that the server has accepted. */
export interface ReceivedMail {
  /** The recipients of the SMTP envelope. */
  readonly recipients: readonly string[];
  readonly parsed: ParsedMail;
  /** The raw message. */
  readonly raw: string;
}

/** A real mail server on loopback that a test can control. */
export interface MailServer {
  readonly url: string;
  /** The accepted mails, oldest first. */
  readonly received: ReceivedMail[];
  /** While true, every recipient gets a 451. */
  isDown: boolean;
  /** The addresses that get a 550. */
  readonly refused: Set<string>;
  /** Called when a mail has arrived completely, before the reply. */
  beforeReply: (mail: ReceivedMail) => Promise<void> | void;
}

/** Starts a mail server, which stops after the test. */
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
  // A killed client breaks its connection.
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
