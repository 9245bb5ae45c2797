import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { SECOND_MS } from '../domain/duration.ts';
import type { Sensitive } from '../domain/sensitive.ts';

/** How many connections to the mail server may be open at once. */
const CONNECTIONS_MAX = 5;

/** Timeouts of the mail server, in total well below the lease on a digest. */
const CONNECT_TIMEOUT_MS = 10 * SECOND_MS;
const RESPONSE_TIMEOUT_MS = 30 * SECOND_MS;

/** A mail to one recipient. */
export interface MailMessage {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The URL for one-click unsubscribing (RFC 8058). */
  readonly unsubscribe: string;
  /** The name of the sender, instead of the transport's. The address is always the transport's. */
  readonly senderName?: string;
  /** The address for replies. Default, and null: replies go to the sender. */
  readonly replyTo?: string | null;
}

/** The reply of the mail server. Its text is omitted, as it may contain the address. */
export interface MailTransportResult {
  readonly outcome: 'ACCEPTED' | 'REFUSED' | 'POSTPONED';
  readonly code: string | null;
  readonly status: number | null;
}

/** Hands mails to a mail server. */
export interface MailTransport {
  send(letter: MailMessage): Promise<MailTransportResult>;
  close(): void;
}

/** The sender of mails. */
export interface MailSender {
  readonly name: string;
  readonly address: string;
}

/**
 * Opens a transport with a pool of connections, which are opened on demand. A password is sent only over TLS, except to
 * a server on this machine. Messages cannot include files or remote content.
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
    async send({ messageId, to, subject, text, html, unsubscribe, senderName, replyTo }) {
      try {
        await pool.sendMail({
          // Objects, not strings: nodemailer would parse a string as a list of addresses.
          envelope: { from: { name: '', address: from.address }, to: [{ name: '', address: to }] },
          from: senderName === undefined ? from : { ...from, name: senderName },
          ...(replyTo != null && { replyTo: { name: '', address: replyTo } }),
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
 * Maps an error to a result. A permanent refusal (RFC 5321, section 4.2.1: 5yz) of the recipient, or of the message to
 * it, is REFUSED. Every other error, including an unknown sender, may go away, and is POSTPONED.
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
