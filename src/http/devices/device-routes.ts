import type { RateLimits } from '../../accounts/rate-limits.ts';
import type { SignInServices } from '../../accounts/sign-in.ts';
import { beginDeviceAuthorization, DEVICE_LIFETIME_MS, POLL_INTERVAL_SECONDS } from '../../accounts/devices/begin.ts';
import { pollDeviceAuthorization, type PollError } from '../../accounts/devices/poll.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { OauthError, oauthRoute } from '../oauth-route.ts';
import type { Route } from '../http-server.ts';
import { confirmationRoute } from './confirmation-route.ts';

/** RFC 8628, section 3.4. */
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** The `error_description` of each error of a poll, for people. */
const pollErrorDescriptions: { readonly [Code in PollError]: string } = {
  authorization_pending: 'The device has not been confirmed yet. Poll again after the interval.',
  slow_down: 'The poll came too soon. Add 5 seconds to the interval between polls from now on.',
  access_denied: 'The sign-in was refused.',
  expired_token: 'The device code has expired. Request another one.',
  invalid_grant: 'The device code is unknown, or was used before.',
};

type Services = SignInServices & { readonly rateLimits: RateLimits };

/**
 * Returns the routes of the device authorization grant (RFC 8628), which signs in programs at a terminal: /device/code
 * issues the codes, a person confirms at /device, and the program polls /device/token for its token.
 */
export function deviceRoutes(services: Services, publicUrl: () => string): [string, Route][] {
  const code = oauthRoute(async ({ getRequired, get }, address) => {
    const clientId = getRequired('client_id');
    const name = get('device_name') ?? clientId;
    const { deviceCode, userCode } = await beginDeviceAuthorization(services, { clientId, name, address });
    return {
      device_code: deviceCode.reveal(),
      user_code: userCode,
      verification_uri: `${publicUrl()}/device`,
      expires_in: DEVICE_LIFETIME_MS / 1000,
      interval: POLL_INTERVAL_SECONDS,
    };
  });
  const token = oauthRoute(async ({ getRequired }) => {
    if (getRequired('grant_type') !== DEVICE_CODE_GRANT)
      throw new OauthError('unsupported_grant_type', `grant_type must be ${DEVICE_CODE_GRANT}.`);
    const result = await pollDeviceAuthorization(
      services,
      new Sensitive(getRequired('device_code')),
      getRequired('client_id'),
    );
    if ('error' in result) throw new OauthError(result.error, pollErrorDescriptions[result.error]);
    return {
      access_token: result.token.reveal(),
      token_type: 'Bearer',
      expires_in: Math.floor((result.expiresAt.getTime() - result.now.getTime()) / 1000),
    };
  });
  return [
    ['/device', confirmationRoute(services)],
    ['/device/code', code],
    ['/device/token', token],
  ];
}
