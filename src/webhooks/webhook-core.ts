import type { Core } from '../store/core.ts';
import type { OutboundAddresses } from '../outbound/addresses.ts';

/** What changes of webhooks stand on. */
export type WebhookCore = Core & { readonly webhookAddresses: OutboundAddresses };

/** The same with what was found of a new url before the change began: no transaction waits for a name server. */
export type CheckedCore = Core & { readonly urlProblem: string | null };

/** Looks at the url of an input, if it has one. */
export async function checkUrl(core: WebhookCore, url: string | null): Promise<CheckedCore> {
  const checked = url === null ? null : await core.webhookAddresses.check(url);
  return { ...core, urlProblem: checked !== null && 'problem' in checked ? checked.problem : null };
}
