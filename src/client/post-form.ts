import { ClientError } from './client-error.ts';
import { resolveEndpoint, unreachableGateway } from './connection.ts';
import { readRetryAfterMs } from './to-client-error.ts';
import { readResponseText } from './read-response-text.ts';

const TIMEOUT_MS = 30_000;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Sends a form to an OAuth endpoint and returns the JSON object of the response (RFC 6749, section 5).
 *
 * @throws ClientError as `Client.ask` does; REFUSED with the OAuth error as code.
 */
export async function postForm(url: string, path: string, fields: Record<string, string>): Promise<JsonObject> {
  const endpoint = resolveEndpoint(url, path);
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const body = new URLSearchParams(fields);
    response = await fetch(endpoint, { method: 'POST', body, redirect: 'manual', signal });
    text = await readResponseText(response);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachableGateway({ url }, error);
  }
  const result = parseJsonObject(text);
  if (response.ok && result !== null) return result;
  const { error: code = null, error_description: description } = result ?? {};
  const message = typeof description === 'string' ? description : `${url} returned status ${response.status}.`;
  if (response.status === 429 || response.status >= 500) {
    throw new ClientError('UNAVAILABLE', message, { retryAfterMs: readRetryAfterMs(response) });
  }
  if (typeof code === 'string') throw new ClientError('REFUSED', message, { code });
  throw new ClientError('UNREADABLE', `${url} is not a gateway: it returned status ${response.status}.`);
}

function parseJsonObject(text: string): JsonObject | null {
  try {
    const result: unknown = JSON.parse(text);
    return typeof result === 'object' && result !== null ? (result as JsonObject) : null;
  } catch {
    return null;
  }
}
