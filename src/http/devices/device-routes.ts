import type { RateLimits } from '../../accounts/rate-limits.ts';
import type { SignInServices } from '../../accounts/sign-in.ts';
import { beginDeviceAuthorization, DEVICE_LIFETIME_MS, POLL_INTERVAL_SECONDS } from '../../devices/begin.ts';
import { pollDeviceAuthorization, type PollError } from '../../devices/poll.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { OauthError, oauthRoute } from '../oauth-route.ts';
import type { Route } from '../http-server.ts';
import { confirmationRoute } from './confirmation-route.ts';

/** RFC 8628, section 3.4. */
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** What a program is told when it polls, for people. */
const pollErrorDescriptions: { readonly [Code in PollError]: string } = {
  authorization_pending: 'Nobody has confirmed it yet. Ask again after the interval.',
  slow_down: 'That was too soon. Wait 5 seconds more between two times from now on.',
  access_denied: 'It was refused.',
  expired_token: 'Its time is over. Ask for another code.',
  invalid_grant: 'There is no such device code, or it was used.',
};

type Services = SignInServices & { readonly rateLimits: RateLimits };

/**
 * Signs in programs at a terminal (RFC 8628): /device/code gives the codes, /device is where a person confirms, /device/token
 * is polled for the token.
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
      throw new OauthError('unsupported_grant_type', `${DEVICE_CODE_GRANT} is accepted.`);
    const polled = await pollDeviceAuthorization(
      services,
      new Sensitive(getRequired('device_code')),
      getRequired('client_id'),
    );
    if ('error' in polled) throw new OauthError(polled.error, pollErrorDescriptions[polled.error]);
    return {
      access_token: polled.token.reveal(),
      token_type: 'Bearer',
      expires_in: Math.floor((polled.expiresAt.getTime() - polled.now.getTime()) / 1000),
    };
  });
  return [
    ['/device', confirmationRoute(services)],
    ['/device/code', code],
    ['/device/token', token],
  ];
}
