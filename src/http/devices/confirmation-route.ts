import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignInServices } from '../../accounts/sign-in.ts';
import { decideDevice, showDevice } from '../../accounts/devices/decide-by-proof.ts';
import { isFailure } from '../../domain/failure.ts';
import { RequestError, requestErrorStatus } from '../../domain/request-error.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { isUnavailable } from '../../store/unavailable.ts';
import { FORM_MAX, readForm } from '../read-form.ts';
import type { Route } from '../find-route.ts';
import { sendPage, decisionPage, signInPage, messagePage } from './device-pages.ts';

/**
 * Returns the route of /device, the page on which a person confirms or refuses a device. The person signs in with each
 * visit and for that one device. The cookie of the console does not count here; the decision carries a sealed
 * proof of the sign-in, which only the gateway can make.
 */
export function confirmationRoute(services: SignInServices): Route {
  return {
    methods: ['GET', 'POST'],
    body: { limit: FORM_MAX },
    refuse: (_request, response, { status, detail }) => sendPage(response, status, signInPage(detail)),
    handle: async (request, response, { address }) => {
      if (request.method !== 'POST') return sendPage(response, 200, signInPage());
      if (isCrossOrigin(request)) {
        return sendPage(
          response,
          403,
          messagePage('This form was sent from another site. Open /device in your browser yourself.'),
        );
      }
      const fields = await readForm(request);
      if (fields === null)
        return sendPage(
          response,
          400,
          signInPage('The request was not sent by this form. Fill in the form and try again.'),
        );
      try {
        const proof = fields.get('proof');
        if (proof !== undefined) return await applyDecision(services, response, proof, fields.get('decision'));
        await askDecision(services, response, fields, address);
      } catch (error) {
        sendErrorPage(response, error);
      }
    },
  };
}

async function askDecision(
  services: SignInServices,
  response: ServerResponse,
  fields: ReadonlyMap<string, string>,
  address: string,
): Promise<void> {
  const [code, email, password] = ['user_code', 'email', 'password'].map((name) => fields.get(name));
  if (code === undefined || email === undefined || password === undefined) {
    return sendPage(response, 400, signInPage('Fill in the code, your email and your password.', code));
  }
  // No account's email has a control character, and PostgreSQL rejects a NUL: with spaces the email matches no account.
  const person = { email: email.replaceAll(/\p{Cc}/gu, ' '), password: new Sensitive(password), address };
  const question = await showDevice(services, code, person);
  if (isFailure(question)) return sendPage(response, 400, signInPage(question.message, code));
  sendPage(response, 200, decisionPage(question, services.clock.now()));
}

async function applyDecision(
  services: SignInServices,
  response: ServerResponse,
  proof: string,
  decision: string | undefined,
): Promise<void> {
  if (decision !== 'confirm' && decision !== 'refuse') return sendPage(response, 400, signInPage());
  const result = await decideDevice(services, proof, decision === 'confirm' ? 'CONFIRM' : 'REFUSE');
  if (isFailure(result)) return sendPage(response, 400, signInPage(result.message));
  const { deviceName } = result;
  const message =
    decision === 'confirm'
      ? `${deviceName} is signed in as you, for 12 hours. You can close this page.`
      : `${deviceName} was refused. You can close this page.`;
  sendPage(response, 200, messagePage(message));
}

function sendErrorPage(response: ServerResponse, error: unknown): void {
  if (isUnavailable(error)) {
    response.setHeader('Retry-After', '1');
    return sendPage(response, 503, signInPage('Keytide is not available right now. Try again in a few seconds.'));
  }
  if (!(error instanceof RequestError)) throw error;
  const { retryAfter } = error.details;
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', retryAfter);
  sendPage(response, requestErrorStatus[error.code], signInPage(error.message));
}

/**
 * Returns whether the browser says that another site sent the form (W3C Fetch Metadata, or Origin in older browsers).
 */
function isCrossOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host);
}
