import { ADMIN } from './first-node.ts';
import { type Gateway } from './gateway.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** The response to a form. */
export interface FormResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null: the response is not JSON. */
  readonly json: any;
}

/** The codes of a device authorization. */
export interface Codes {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** Posts a form, as a program or a browser does. */
export async function postForm(
  { url }: Pick<Gateway, 'url'>,
  path: string,
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<FormResponse> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}

/** Starts a device authorization. */
export async function requestCodes(gateway: Gateway, name = 'laptop'): Promise<Codes> {
  const { status, json, text } = await postForm(gateway, '/device/code', { client_id: 'keytide', device_name: name });
  if (status !== 200) throw new Error(text);
  return json as Codes;
}

/** Polls for the device's token. */
export function pollToken(
  gateway: Gateway,
  { device_code }: Codes,
  more: Record<string, string> = {},
): Promise<FormResponse> {
  return postForm(gateway, '/device/token', { grant_type: GRANT, client_id: 'keytide', device_code, ...more });
}

/** Enters a code and signs in on the page. Returns the page for the decision, and the proof in it. */
export async function openDecisionPage(
  gateway: Gateway,
  userCode: string,
  person: { readonly email: string; readonly password: string } = ADMIN,
): Promise<FormResponse & { readonly proof: string }> {
  const page = await postForm(gateway, '/device', {
    user_code: userCode,
    email: person.email,
    password: person.password,
  });
  return { ...page, proof: /name="proof" value="([^"]+)"/.exec(page.text)?.[1] ?? '' };
}

/** Submits a person's decision on the page. */
export function submitDecision(gateway: Gateway, proof: string, decision: 'confirm' | 'refuse'): Promise<FormResponse> {
  return postForm(gateway, '/device', { proof, decision });
}

/** Confirms a device by mutation. Returns the result's fields, or the error code. */
export async function confirmByMutation(gateway: Gateway, token: string | null, userCode: string): Promise<any> {
  const query = `mutation ($input: ConfirmDeviceInput!) {
    confirmDevice(input: $input) {
      __typename
      ... on ConfirmDeviceSuccess { deviceName address askedAt expiresAt }
      ... on UserError { code message }
    }
  }`;
  const { data, errors } = await gateway.ask(query, { input: { userCode } }, token);
  return data?.['confirmDevice'] ?? errors?.[0]?.extensions['code'];
}
