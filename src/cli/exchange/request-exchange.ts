import { randomBytes } from 'node:crypto';
import { ClientError } from '../../client/client-error.ts';
import { exchangeJobToken, type ExchangedKey } from '../../client/exchange-job-token.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { CommandContext } from '../context.ts';

/** Delays before each retry, in ms. After the last one the command gives up. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 4_000];
/** Upper bound on a delay that the gateway asks for, in ms. */
const RETRY_DELAY_MAX_MS = 10_000;

/**
 * Exchanges a token, and sends it again under the same request id while the gateway is unreachable or unavailable: a lost
 * response never uses the token up. Throws as `exchangeJobToken`.
 */
export async function requestExchange(
  { pause }: Pick<CommandContext, 'pause'>,
  url: string,
  token: Sensitive<string>,
): Promise<ExchangedKey> {
  const requestId = randomBytes(32).toString('base64url');
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await exchangeJobToken(url, { token: token.reveal(), requestId });
    } catch (error) {
      if (!(error instanceof ClientError) || !error.isPassing) throw error;
      await pause(Math.min(RETRY_DELAY_MAX_MS, Math.max(delayMs, error.retryAfterMs ?? 0)));
    }
  }
  return exchangeJobToken(url, { token: token.reveal(), requestId });
}
