import { createHmac } from 'node:crypto';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readPrivateLine } from '../private-file.ts';
import type { EventHandler } from './deliver-event.ts';
import { toWebhookBody } from './event-json.ts';

const TIMEOUT_MS = 10_000;

/** Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 bytes in base 64. */
const SECRET_PATTERN = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/;

/**
 * Creates a handler that posts each event to a URL as a webhook (Standard Webhooks 1.0.0), signed with the secret in a
 * file. The event is delivered if the receiver answers with 2xx.
 *
 * @throws CommandError USAGE if the URL is invalid, DATA if the secret is invalid, else as `readPrivateLine`.
 */
export async function createForwardHandler(url: string, secretFile: string, now: () => Date): Promise<EventHandler> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || new URL(url).username !== '') {
    throw new CommandError(
      exitStatus.USAGE,
      '--forward-to: expected an http or https URL without user name and password.',
    );
  }
  const [, bytes] = SECRET_PATTERN.exec((await readPrivateLine(secretFile)).reveal()) ?? [];
  if (bytes === undefined) {
    const hint = 'create one with (printf whsec_; openssl rand -base64 32) > file';
    throw new CommandError(
      exitStatus.DATA,
      `${secretFile} does not hold a webhook secret (whsec_ and base64): ${hint}.`,
    );
  }
  const secret = Buffer.from(bytes, 'base64');
  return async (cursor, event) => {
    const body = toWebhookBody(cursor, event);
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const mac = createHmac('sha256', secret).update(`${event.id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'Content-Type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${mac}`,
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal }).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    const found = response === null ? 'no response' : `found status ${String(response.status)}; expected 2xx`;
    throw new CommandError(exitStatus.UNAVAILABLE, `${found}.`);
  };
}
