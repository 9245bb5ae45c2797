import { readResponseText } from '../../client/read-response-text.ts';
import { SECOND_MS } from '../../domain/duration.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { redact } from '../../logging/redact.ts';
import { plainLine } from '../output.ts';

/** A request to a provider's API. */
export interface ProviderCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A provider: its name in messages, and how it limits requests. */
export interface Provider {
  readonly name: string;
  /** Returns the delay before a retry in ms if the response reports a rate limit; null: it reports none. */
  readonly readRetryDelay: (response: Response) => number | null;
  readonly pause: (ms: number) => Promise<void>;
}

/** A successful response, or one with an expected status. Its body is parsed JSON, or null if it is not JSON. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const TIMEOUT_MS = 30 * SECOND_MS;

/** The longest delay before a retry. If a provider requests a longer one, the next run tries again. */
const RETRY_DELAY_MAX_MS = 60 * SECOND_MS;

/** How many times a request is sent while the provider limits it or fails. */
const ATTEMPT_COUNT = 3;

/** Redirect statuses (RFC 9110, section 15.4). */
const redirectStatuses: readonly number[] = [301, 302, 307, 308];

const HOPS_MAX = 3;

/**
 * Sends a request to a provider. Retries it after a rate limit of up to a minute and after a 5xx.
 *
 * @throws CommandError TEMPORARY if the provider is unavailable or limits requests for longer; NO_PERMISSION for 401
 *   and 403; UNAVAILABLE for any other status that is neither successful nor expected.
 */
export async function callProvider(
  provider: Provider,
  call: ProviderCall,
  expected: readonly number[] = [],
): Promise<ProviderResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await sendWithRedirects(provider, call);
    const waitMs = provider.readRetryDelay(response) ?? (response.status >= 500 ? SECOND_MS * 2 ** attempt : null);
    if (waitMs === null) return readResponse(provider, call, response, expected);
    await response.body?.cancel();
    if (attempt === ATTEMPT_COUNT || waitMs > RETRY_DELAY_MAX_MS) {
      const retryNote = waitMs > RETRY_DELAY_MAX_MS ? `; retry after ${String(Math.ceil(waitMs / 1000))} s` : '';
      throw new CommandError(
        exitStatus.TEMPORARY,
        `${provider.name} returned status ${String(response.status)}${retryNote}.`,
      );
    }
    await provider.pause(waitMs);
  }
}

/**
 * Sends a request and follows redirects within the provider's own origin. Another origin must receive neither the token
 * nor the secret.
 */
async function sendWithRedirects(provider: Provider, call: ProviderCall): Promise<Response> {
  let { url } = call;
  for (let hops = 0; ; hops += 1) {
    const response = await sendOnce(provider, call, url);
    const location = redirectStatuses.includes(response.status) ? response.headers.get('location') : null;
    if (location === null || !URL.canParse(location, url)) return response;
    await response.body?.cancel();
    const { href, origin } = new URL(location, url);
    if (origin !== new URL(url).origin || hops === HOPS_MAX) {
      const problem =
        origin === new URL(url).origin
          ? `redirects more than ${String(HOPS_MAX)} times within ${origin}`
          : `redirects from ${new URL(url).origin} to ${origin}: the token was not sent there`;
      throw new CommandError(exitStatus.UNAVAILABLE, `${provider.name} ${problem}. Check apiUrl.`);
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
    // A truncated response counts as no response.
    throw unreachableError(name, url, error);
  });
  const body = parseJson(text);
  if (response.ok || expected.includes(status)) return { status, headers, body };
  const refusal = readRefusal(body);
  throw new CommandError(
    status === 401 || status === 403 ? exitStatus.NO_PERMISSION : exitStatus.UNAVAILABLE,
    `${name} returned status ${String(status)} for ${method} ${new URL(url).pathname}${refusal === '' ? '' : `: ${refusal}`}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Returns the suffix that names a host in a place's name; empty for the provider's own host. */
export function formatHostSuffix(apiUrl: string, defaultUrl: string): string {
  return apiUrl === defaultUrl ? '' : ` at ${new URL(apiUrl).host}`;
}

/**
 * Reads the message of a refusal, with secrets redacted: GitHub sends `message`, GitLab `message` or `error`, as a text
 * or an object of texts.
 */
function readRefusal(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const refusal = 'message' in body ? body.message : 'error' in body ? body.error : '';
  return redact(plainLine(typeof refusal === 'string' ? refusal : JSON.stringify(refusal))).slice(0, 200);
}
