import { createHmac } from 'node:crypto';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readPrivateLine } from '../private-file.ts';
import type { EventHandler } from './deliver-event.ts';
import { toWebhookBody } from './event-json.ts';

const TIMEOUT_MS = 10_000;

/** Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 bytes in base 64. */
const SECRET_PATTERN = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/;

/**
 * Posts each event to a URL as a webhook (Standard Webhooks 1.0.0), signed with the secret of a file. It was taken when the
 * answer is 2xx.
 *
 * @throws CommandError USAGE for what is no URL, DATA for what is no secret, and as `readPrivate`.
 */
export async function createForwardHandler(url: string, secretFile: string, now: () => Date): Promise<EventHandler> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || new URL(url).username !== '') {
    throw new CommandError(
      exitStatus.USAGE,
      '--forward-to: an http or https URL without user and password is expected.',
    );
  }
  const [, bytes] = SECRET_PATTERN.exec((await readPrivateLine(secretFile)).reveal()) ?? [];
  if (bytes === undefined) {
    const how = 'make one: (printf whsec_; openssl rand -base64 32) > file';
    throw new CommandError(exitStatus.DATA, `${secretFile} holds no secret of a webhook, whsec_ and base 64: ${how}.`);
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
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    const found =
      answer === null ? 'nobody answered' : `the answer was ${String(answer.status)}, and a 2xx is expected`;
    throw new CommandError(exitStatus.UNAVAILABLE, `${found}.`);
  };
}
