import type { RateLimits } from '../../accounts/rate-limits.ts';
import type { SignInServices } from '../../accounts/sign-in.ts';
import { beginDeviceAuthorization, DEVICE_LIFETIME_MS, POLL_INTERVAL_SECONDS } from '../../accounts/devices/begin.ts';
import { OauthError, oauthRoute } from '../oauth-route.ts';
import type { Route } from '../find-route.ts';
import { confirmationRoute } from './confirmation-route.ts';
import { DEVICE_CODE_GRANT, grantDeviceToken } from './device-grant.ts';

type Services = SignInServices & { readonly rateLimits: RateLimits };

/**
 * Returns the routes of the device authorization grant (RFC 8628), which signs in programs at a terminal: /device/code
 * issues the codes, a person confirms at /device, and the program polls /token for its token. Earlier programs poll
 * /device/token, which accepts only this grant.
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
  const token = oauthRoute((form) => {
    if (form.getRequired('grant_type') !== DEVICE_CODE_GRANT)
      throw new OauthError('unsupported_grant_type', `grant_type must be ${DEVICE_CODE_GRANT}.`);
    return grantDeviceToken(services, form);
  });
  return [
    ['/device', confirmationRoute(services)],
    ['/device/code', code],
    ['/device/token', token],
  ];
}
