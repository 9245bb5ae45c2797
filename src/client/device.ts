import { ClientError } from './client-error.ts';
import { postForm } from './post-form.ts';

/** RFC 8628, section 3.4. */
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** The names under which a device asks to be signed in. */
export interface DeviceNames {
  /** The program. */
  readonly clientId: string;
  /** The name of its machine. */
  readonly name: string;
}

/** The codes of a device: a person enters the user code at the address; the device keeps the device code secret. */
export interface DeviceCodes {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly address: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** The result of a poll: a token, or the instruction to poll again, more slowly if `isTooSoon`. */
export type DevicePollResult =
  { readonly token: string; readonly expiresInSeconds: number } | { readonly token: null; readonly isTooSoon: boolean };

/** Requests the codes of a device (RFC 8628, section 3.1). Throws ClientError as `Client.ask` does. */
export async function requestDeviceCodes(url: string, { clientId, name }: DeviceNames): Promise<DeviceCodes> {
  const result = await postForm(url, '/device/code', { client_id: clientId, device_name: name });
  const { device_code: deviceCode, user_code: userCode, verification_uri: address } = result;
  const { expires_in: expiresInSeconds, interval: intervalSeconds = 5 } = result;
  const areTexts = [deviceCode, userCode, address].every((value) => typeof value === 'string');
  if (!areTexts || typeof expiresInSeconds !== 'number' || typeof intervalSeconds !== 'number') {
    throw new ClientError('UNREADABLE', `${url} returned no device codes.`);
  }
  return { deviceCode, userCode, address, expiresInSeconds, intervalSeconds } as DeviceCodes;
}

/**
 * Polls for the token of a device. @throws ClientError as `Client.ask` does; REFUSED with the code access_denied or
 * expired_token if the device can no longer be confirmed.
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
  throw new ClientError('UNREADABLE', `${url} returned no token.`);
}
