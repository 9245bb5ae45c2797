import type { Webhook } from 'standardwebhooks';
import { type NodeResponse, PATIENCE_MS } from './ask-node.ts';

/** Who tells nodes of secrets that were found in public, and signs for it. */
export interface Scanner {
  readonly name: string;
  readonly signer: Webhook;
}

/** Reports one secret to a node, as the report of that id. Never rejects. */
export async function reportLeak(
  { url }: { readonly url: string },
  { name, signer }: Scanner,
  id: string,
  secret: string,
): Promise<NodeResponse> {
  const body = JSON.stringify([{ token: secret, type: 'keytide_api_key' }]);
  const at = new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signer.sign(id, at, body),
  };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${url}/leaks/${name}`, { method: 'POST', headers, body, signal });
    if (response.status === 503) return { code: 'UNAVAILABLE' };
    if (!response.ok) return { code: `HTTP ${response.status}` };
    const [found] = (await response.json()) as { label: string }[];
    return { value: found?.label };
  } catch {
    return { code: 'NO_ANSWER' };
  }
}
