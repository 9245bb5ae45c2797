import type { Core } from '../store/core.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';

/** What changes of webhooks stand on. */
export type WebhookCore = Core & { readonly webhookSsrfGuard: SsrfGuard };

/** The same with what was found of a new url before the change began: no transaction waits for a name server. */
export type WebhookUrlCore = Core & { readonly urlProblem: string | null };

/** Looks at the url of an input, if it has one. */
export async function checkWebhookUrl(core: WebhookCore, url: string | null): Promise<WebhookUrlCore> {
  const checked = url === null ? null : await core.webhookSsrfGuard.check(url);
  return { ...core, urlProblem: checked !== null && 'problem' in checked ? checked.problem : null };
}
