import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignInServices } from '../../accounts/sign-in.ts';
import { decideDevice, showDevice } from '../../devices/decide-by-proof.ts';
import { isFailure } from '../../domain/failure.ts';
import { RequestError, requestErrorStatus } from '../../domain/request-error.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { isUnavailable } from '../../store/unavailable.ts';
import { FORM_MAX, readForm } from '../read-form.ts';
import type { Route } from '../http-server.ts';
import { sendPage, decisionPage, signInPage, messagePage } from './device-pages.ts';

/**
 * /device: the page on which a person confirms or refuses a device. The person signs in for this one device with each
 * visit: there is no cookie that a foreign page could make use of, and what confirms is a proof that nobody else can make.
 */
export function confirmationRoute(services: SignInServices): Route {
  return {
    methods: ['GET', 'POST'],
    body: {
      limit: FORM_MAX,
      refuse: (_request, response) => sendPage(response, 413, signInPage('That is too long.')),
    },
    handle: async (request, response, { address }) => {
      if (request.method !== 'POST') return sendPage(response, 200, signInPage());
      if (isCrossOrigin(request)) {
        return sendPage(response, 403, messagePage('This form comes from another page. Open /device yourself.'));
      }
      const fields = await readForm(request);
      if (fields === null) return sendPage(response, 400, signInPage('That is not this page’s form.'));
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
    return sendPage(response, 400, signInPage('Fill in all three.', code));
  }
  // What no email has is nobody's.
  const person = { email: email.replaceAll(/\p{Cc}/gu, ' '), password: new Sensitive(password), address };
  const shown = await showDevice(services, code, person);
  if (isFailure(shown)) return sendPage(response, 400, signInPage(shown.message, code));
  sendPage(response, 200, decisionPage(shown, services.clock.now()));
}

async function applyDecision(
  services: SignInServices,
  response: ServerResponse,
  proof: string,
  decision: string | undefined,
): Promise<void> {
  if (decision !== 'confirm' && decision !== 'refuse') return sendPage(response, 400, signInPage());
  const decided = await decideDevice(services, proof, decision === 'confirm' ? 'CONFIRM' : 'REFUSE');
  if (isFailure(decided)) return sendPage(response, 400, signInPage(decided.message));
  const { deviceName } = decided;
  const words =
    decision === 'confirm'
      ? `${deviceName} is signed in as you, for 12 hours. You can close this page.`
      : `${deviceName} is refused. You can close this page.`;
  sendPage(response, 200, messagePage(words));
}

function sendErrorPage(response: ServerResponse, error: unknown): void {
  if (isUnavailable(error)) {
    response.setHeader('Retry-After', '1');
    return sendPage(response, 503, signInPage('The gateway cannot answer right now. Try again.'));
  }
  if (!(error instanceof RequestError)) throw error;
  const { retryAfter } = error.details;
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', retryAfter);
  const wait = typeof retryAfter === 'number' ? ` Try again in ${String(retryAfter)} seconds.` : '';
  sendPage(response, requestErrorStatus[error.code], signInPage(`${error.message}${wait}`));
}

/** Whether a browser says that a form was sent from elsewhere (W3C Fetch Metadata; Origin for those without). */
function isCrossOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host);
}
