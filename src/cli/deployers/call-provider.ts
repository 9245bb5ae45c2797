import { readResponseText } from '../../client/read-response-text.ts';
import { SECOND_MS } from '../../domain/duration.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { redact } from '../../redact.ts';
import { plainLine } from '../output.ts';

/** A request to a provider's API. */
export interface ProviderCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A provider, as messages name it, and what differs between them. */
export interface Provider {
  readonly name: string;
  /** How long to wait before asking again, in ms, where an answer says that too much was asked; null: it does not. */
  readonly readRetryDelay: (response: Response) => number | null;
  readonly pause: (ms: number) => Promise<void>;
}

/** An answer that was not refused, or was in a way that the caller expects. Its body is JSON, or null. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const TIMEOUT_MS = 30 * SECOND_MS;

/** Longer than this is left to the next run. */
const RETRY_DELAY_MAX_MS = 60 * SECOND_MS;

/** How often one request is sent when the provider puts it off or is away. */
const ATTEMPT_COUNT = 3;

/** What says that the same request is to be sent elsewhere (RFC 9110, section 15.4). */
const redirectStatuses: readonly number[] = [301, 302, 307, 308];

const HOPS_MAX = 3;

/**
 * Asks a provider, again when it puts the request off for up to a minute or fails with a 5xx.
 *
 * @throws CommandError TEMPORARY when it is away or puts off for longer; NO_PERMISSION for 401 and 403; UNAVAILABLE for all other refusals
 *   but those whose status is expected.
 */
export async function callProvider(
  provider: Provider,
  call: ProviderCall,
  expected: readonly number[] = [],
): Promise<ProviderResponse> {
  for (let tried = 1; ; tried += 1) {
    const response = await sendWithRedirects(provider, call);
    const waitMs = provider.readRetryDelay(response) ?? (response.status >= 500 ? SECOND_MS * 2 ** tried : null);
    if (waitMs === null) return readResponse(provider, call, response, expected);
    await response.body?.cancel();
    if (tried === ATTEMPT_COUNT || waitMs > RETRY_DELAY_MAX_MS) {
      const when =
        waitMs > RETRY_DELAY_MAX_MS ? `; it is to be asked again in ${String(Math.ceil(waitMs / 1000))} s` : '';
      throw new CommandError(
        exitStatus.TEMPORARY,
        `${provider.name} answered with status ${String(response.status)}${when}.`,
      );
    }
    await provider.pause(waitMs);
  }
}

/** Follows redirects within the provider's own origin: elsewhere neither its token was meant to go, nor the secret. */
async function sendWithRedirects(provider: Provider, call: ProviderCall): Promise<Response> {
  let { url } = call;
  for (let hops = 0; ; hops += 1) {
    const response = await sendOnce(provider, call, url);
    const location = redirectStatuses.includes(response.status) ? response.headers.get('location') : null;
    if (location === null || !URL.canParse(location, url)) return response;
    await response.body?.cancel();
    const { href, origin } = new URL(location, url);
    if (origin !== new URL(url).origin || hops === HOPS_MAX) {
      const found = `${provider.name} leads from ${new URL(url).origin} to ${origin}`;
      throw new CommandError(exitStatus.UNAVAILABLE, `${found}: its token does not go there. See to apiUrl.`);
    }
    url = href;
  }
}

async function sendOnce({ name }: Provider, call: ProviderCall, url: string): Promise<Response> {
  const { method, headers, body } = call;
  try {
    return await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw unreachableError(name, url, error);
  }
}

function unreachableError(name: string, url: string, error: unknown): CommandError {
  return new CommandError(exitStatus.TEMPORARY, `${name} cannot be reached at ${new URL(url).origin}.`, error);
}

async function readResponse(
  { name }: Provider,
  { method, url }: ProviderCall,
  response: Response,
  expected: readonly number[],
): Promise<ProviderResponse> {
  const { status, headers } = response;
  const text = await readResponseText(response).catch((error: unknown) => {
    // Half of an answer is none.
    throw unreachableError(name, url, error);
  });
  const body = parseJson(text);
  if (response.ok || expected.includes(status)) return { status, headers, body };
  const said = readRefusal(body);
  throw new CommandError(
    status === 401 || status === 403 ? exitStatus.NO_PERMISSION : exitStatus.UNAVAILABLE,
    `${name} answered ${method} ${new URL(url).pathname} with status ${String(status)}${said === '' ? '' : `: ${said}`}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Names a place by its host, where that is not the provider's own; of that nothing is said. */
export function formatHostSuffix(apiUrl: string, usual: string): string {
  return apiUrl === usual ? '' : ` at ${new URL(apiUrl).host}`;
}

/** What a provider says of a refusal: GitHub by `message`, GitLab by `message` or `error`, a text or an object of texts. */
function readRefusal(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const said = 'message' in body ? body.message : 'error' in body ? body.error : '';
  return redact(plainLine(typeof said === 'string' ? said : JSON.stringify(said))).slice(0, 200);
}
