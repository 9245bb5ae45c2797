import { ClientError } from './client-error.ts';
import { resolveEndpoint, unreachableGateway } from './connection.ts';
import { readRetryAfterMs } from './to-client-error.ts';
import { readResponseText } from './read-response-text.ts';

/** RFC 8628, section 3.4. */
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const TIMEOUT_MS = 30_000;

/** What a device that asks to be signed in is called. */
export interface DeviceNames {
  /** Which program it is. */
  readonly clientId: string;
  /** What it calls its machine. */
  readonly name: string;
}

/** The codes of a device: a person types the user code at the address, the device keeps the other one for itself. */
export interface DeviceCodes {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly address: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** What a device was told: its token, or to go on asking, and how much slower. */
export type DevicePollResult =
  { readonly token: string; readonly expiresInSeconds: number } | { readonly token: null; readonly isTooSoon: boolean };

/** Asks a gateway for the codes of a device (RFC 8628, section 3.1). Throws ClientError as `ask` does. */
export async function requestDeviceCodes(url: string, { clientId, name }: DeviceNames): Promise<DeviceCodes> {
  const answer = await postForm(url, '/device/code', { client_id: clientId, device_name: name });
  const { device_code: deviceCode, user_code: userCode, verification_uri: address } = answer;
  const { expires_in: expiresInSeconds, interval: intervalSeconds = 5 } = answer;
  const areTexts = [deviceCode, userCode, address].every((value) => typeof value === 'string');
  if (!areTexts || typeof expiresInSeconds !== 'number' || typeof intervalSeconds !== 'number') {
    throw new ClientError('UNREADABLE', `${url} answered a device without codes.`);
  }
  return { deviceCode, userCode, address, expiresInSeconds, intervalSeconds } as DeviceCodes;
}

/**
 * Asks whether a device was confirmed. @throws ClientError as `ask` does: REFUSED with the code access_denied or
 * expired_token when it never will be.
 */
export async function pollDeviceToken(
  url: string,
  { clientId }: DeviceNames,
  deviceCode: string,
): Promise<DevicePollResult> {
  try {
    const fields = { grant_type: DEVICE_GRANT, client_id: clientId, device_code: deviceCode };
    const { access_token: token, expires_in: expiresInSeconds } = await postForm(url, '/device/token', fields);
    if (typeof token === 'string' && typeof expiresInSeconds === 'number') return { token, expiresInSeconds };
  } catch (error) {
    const code = error instanceof ClientError ? error.code : null;
    if (code === 'authorization_pending' || code === 'slow_down')
      return { token: null, isTooSoon: code === 'slow_down' };
    throw error;
  }
  throw new ClientError('UNREADABLE', `${url} answered a device without a token.`);
}

type JsonObject = Readonly<Record<string, unknown>>;

async function postForm(url: string, path: string, fields: Record<string, string>): Promise<JsonObject> {
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
  const answer = parseJsonObject(text);
  if (response.ok && answer !== null) return answer;
  const { error: code = null, error_description: description } = answer ?? {};
  const message = typeof description === 'string' ? description : `${url} answered with status ${response.status}.`;
  if (response.status === 429 || response.status >= 500) {
    throw new ClientError('UNAVAILABLE', message, { retryAfterMs: readRetryAfterMs(response) });
  }
  if (typeof code === 'string') throw new ClientError('REFUSED', message, { code });
  throw new ClientError('UNREADABLE', `${url} answered with status ${response.status}, and not as a gateway does.`);
}

function parseJsonObject(text: string): JsonObject | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? (answer as JsonObject) : null;
  } catch {
    return null;
  }
}
