import type { Core } from '../store/core.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';

/** The services that changes of webhooks need. */
export type WebhookCore = Core & { readonly webhookSsrfGuard: SsrfGuard };

/**
 * A core with the problem that the SSRF guard found in a new URL. The URL is checked before the transaction, which must
 * not wait for DNS.
 */
export type WebhookUrlCore = Core & { readonly urlProblem: string | null };

/** Checks the URL of an input, if it has one, with the SSRF guard. */
export async function checkWebhookUrl(core: WebhookCore, url: string | null): Promise<WebhookUrlCore> {
  const checked = url === null ? null : await core.webhookSsrfGuard.check(url);
  return { ...core, urlProblem: checked !== null && 'problem' in checked ? checked.problem : null };
}
