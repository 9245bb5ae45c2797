import { ClientError } from './client-error.ts';
import { endpointOf, unreachable } from './connection.ts';
import { retryAfter } from './read-errors.ts';
import { readText } from './read-text.ts';

/** RFC 8628, section 3.4. */
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const LIMIT_MS = 30_000;

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
export type DeviceAnswer =
  { readonly token: string; readonly expiresInSeconds: number } | { readonly token: null; readonly isTooSoon: boolean };

/** Asks a gateway for the codes of a device (RFC 8628, section 3.1). Throws ClientError as `ask` does. */
export async function beginDevice(url: string, { clientId, name }: DeviceNames): Promise<DeviceCodes> {
  const answer = await post(url, '/device/code', { client_id: clientId, device_name: name });
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
export async function pollDevice(url: string, { clientId }: DeviceNames, deviceCode: string): Promise<DeviceAnswer> {
  try {
    const fields = { grant_type: GRANT, client_id: clientId, device_code: deviceCode };
    const { access_token: token, expires_in: expiresInSeconds } = await post(url, '/device/token', fields);
    if (typeof token === 'string' && typeof expiresInSeconds === 'number') return { token, expiresInSeconds };
  } catch (error) {
    const code = error instanceof ClientError ? error.code : null;
    if (code === 'authorization_pending' || code === 'slow_down')
      return { token: null, isTooSoon: code === 'slow_down' };
    throw error;
  }
  throw new ClientError('UNREADABLE', `${url} answered a device without a token.`);
}

type Answer = Readonly<Record<string, unknown>>;

async function post(url: string, path: string, fields: Record<string, string>): Promise<Answer> {
  const endpoint = endpointOf(url, path);
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const body = new URLSearchParams(fields);
    response = await fetch(endpoint, { method: 'POST', body, redirect: 'manual', signal });
    text = await readText(response);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachable({ url }, error);
  }
  const answer = parse(text);
  if (response.ok && answer !== null) return answer;
  const { error: code = null, error_description: description } = answer ?? {};
  const message = typeof description === 'string' ? description : `${url} answered with status ${response.status}.`;
  if (response.status === 429 || response.status >= 500) {
    throw new ClientError('UNAVAILABLE', message, { retryAfterMs: retryAfter(response) });
  }
  if (typeof code === 'string') throw new ClientError('REFUSED', message, { code });
  throw new ClientError('UNREADABLE', `${url} answered with status ${response.status}, and not as a gateway does.`);
}

function parse(text: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? (answer as Answer) : null;
  } catch {
    return null;
  }
}
