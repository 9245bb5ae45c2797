import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { SECOND_MS } from '../../domain/duration.ts';
import type { Sensitive } from '../../domain/sensitive.ts';

/** How many connections to the mail server are open at once. */
const CONNECTIONS_MAX = 5;

/** How long the server may take, in all well within the time for which a digest is one node's. */
const CONNECT_TIMEOUT_MS = 10 * SECOND_MS;
const RESPONSE_TIMEOUT_MS = 30 * SECOND_MS;

/** A mail to one recipient. */
export interface MailMessage {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Where one click ends such mails (RFC 8058). */
  readonly unsubscribe: string;
}

/** What the mail server said. Its own words are left out: they may hold the address. */
export interface MailTransportResult {
  readonly outcome: 'ACCEPTED' | 'REFUSED' | 'POSTPONED';
  readonly code: string | null;
  readonly status: number | null;
}

/** Hands mails over to a mail server. */
export interface MailTransport {
  send(letter: MailMessage): Promise<MailTransportResult>;
  close(): void;
}

/** Who sends. */
export interface MailSender {
  readonly name: string;
  readonly address: string;
}

/**
 * Opens a pool of connections as they are needed. A password is sent over TLS alone, but for a server on this machine.
 * Mails hold nothing from files or other addresses.
 */
export function openMailTransport(url: Sensitive<string>, from: MailSender): MailTransport {
  const { protocol, hostname, port, username, password } = new URL(url.reveal());
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = protocol === 'smtps:';
  const hasPassword = username !== '';
  const pool = createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    host,
    port: port === '' ? (isSecure ? 465 : 587) : Number(port),
    secure: isSecure,
    requireTLS: !isSecure && hasPassword && !isLoopback(host),
    ...(hasPassword && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: RESPONSE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ messageId, to, subject, text, html, unsubscribe }) {
      try {
        await pool.sendMail({
          // As they are: a text would be read as a list of addresses.
          envelope: { from: { name: '', address: from.address }, to: [{ name: '', address: to }] },
          from,
          to: { name: '', address: to },
          messageId,
          subject,
          text,
          html,
          headers: {
            'List-Unsubscribe': `<${unsubscribe}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            'Auto-Submitted': 'auto-generated',
          },
        });
        return { outcome: 'ACCEPTED', code: null, status: null };
      } catch (error) {
        return resultOf(error as SmtpError);
      }
    },
    close: () => pool.close(),
  };
}

type SmtpError = Error & { readonly code?: string; readonly responseCode?: number; readonly command?: string };

/**
 * A recipient, or a mail to it, that the server refuses for good (RFC 5321, section 4.2.1: 5yz) is refused; of all else, a
 * sender that it does not know among it, another try may go well.
 */
function resultOf({ code, responseCode, command = '' }: SmtpError): MailTransportResult {
  const status = responseCode ?? null;
  const isOfRecipient = /^(RCPT TO|DATA|API)$/.test(command);
  const isForGood = command === 'API' || (status !== null && status >= 500);
  return { outcome: isOfRecipient && isForGood ? 'REFUSED' : 'POSTPONED', code: code ?? null, status };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
