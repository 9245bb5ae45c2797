import { pollDeviceAuthorization, type PollError } from '../../accounts/devices/poll.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { OauthError, type OauthForm } from '../oauth-route.ts';

/** RFC 8628, section 3.4. */
export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** The `error_description` of each error of a poll, for people. */
const pollErrorDescriptions: { readonly [Code in PollError]: string } = {
  authorization_pending: 'The device has not been confirmed yet. Poll again after the interval.',
  slow_down: 'The poll came too soon. Add 5 seconds to the interval between polls from now on.',
  access_denied: 'The sign-in was refused.',
  expired_token: 'The device code has expired. Request another one.',
  invalid_grant: 'The device code is unknown, or was used before.',
};

/** Answers a poll of a device (RFC 8628, sections 3.4 and 3.5): with the token of its session, or with an OAuth error. */
export async function grantDeviceToken(
  services: Parameters<typeof pollDeviceAuthorization>[0],
  { getRequired }: OauthForm,
): Promise<object> {
  const deviceCode = new Sensitive(getRequired('device_code'));
  const result = await pollDeviceAuthorization(services, deviceCode, getRequired('client_id'));
  if ('error' in result) throw new OauthError(result.error, pollErrorDescriptions[result.error]);
  return {
    access_token: result.token.reveal(),
    token_type: 'Bearer',
    expires_in: Math.floor((result.expiresAt.getTime() - result.now.getTime()) / 1000),
  };
}
