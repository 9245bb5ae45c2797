// @ts-check

import { setTimeout as pause } from 'node:timers/promises';
import { writeVariable, mask, requireInput, readInput, StepError } from './job.mjs';

const ATTEMPT_COUNT = 3;
/** Delay before a retry in seconds, if the gateway sends no Retry-After. */
const RETRY_DELAY_S = 2;
const RETRY_DELAY_MAX_S = 30;
const RESPONSE_TIMEOUT_MS = 30_000;

/** Exchanges the job's token (RFC 8693) for a key, which later steps receive as a masked output. */
export async function exchange() {
  const url = readBaseUrl(requireInput('url'));
  const audience = readInput('audience') || `${url}/default`;
  const { secret, keyId } = await exchangeToken(url, audience);
  mask(secret);
  writeVariable('GITHUB_OUTPUT', 'key', secret);
  writeVariable('GITHUB_OUTPUT', 'key-id', keyId);
  const variable = readInput('variable');
  if (variable !== '' && !/^[A-Za-z_]\w*$/.test(variable))
    throw new StepError('The input variable must be the name of an environment variable.');
  if (variable !== '') writeVariable('GITHUB_ENV', variable, secret);
  process.stdout.write(`The key ${keyId} is valid for 15 minutes.\n`);
}

/**
 * Requests a new token for each attempt: a token can be exchanged once, and the response may be lost after the
 * exchange.
 *
 * @param {string} url
 * @param {string} audience
 */
async function exchangeToken(url, audience) {
  for (let attemptsLeft = ATTEMPT_COUNT; ; attemptsLeft -= 1) {
    const token = await requestJobToken(audience);
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: token,
    };
    const response = await sendRequest('The gateway', `${url}/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const { access_token: secret, key_id: keyId, error_description, detail } = response.body;
    if (response.status === 200 && secret && keyId) return { secret, keyId };
    const isPassing = response.status === 0 || response.status === 429 || response.status >= 500;
    if (!isPassing || attemptsLeft === 1) {
      const found = error_description ?? detail ?? `It returned status ${response.status}.`;
      throw new StepError(`The gateway issued no key. ${found}`);
    }
    await pause(Math.min(response.retryAfterS ?? RETRY_DELAY_S, RETRY_DELAY_MAX_S) * 1000);
  }
}

/**
 * Requests the job's token for an audience (docs.github.com, "OpenID Connect reference").
 *
 * @param {string} audience
 */
async function requestJobToken(audience) {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential = '' } = process.env;
  if (tokenUrl === '' || credential === '') {
    throw new StepError('The job may not request a token: give it the permission id-token: write.');
  }
  const url = new URL(tokenUrl);
  url.searchParams.set('audience', audience);
  const { status, body } = await sendRequest('GitHub', url.href, {
    headers: { Authorization: `Bearer ${credential}` },
  });
  if (status !== 200 || !body.value) throw new StepError(`GitHub issued no token: it returned status ${status}.`);
  mask(body.value);
  return body.value;
}

/**
 * Sends a request. Status 0 means that no response came, or a redirect. Redirects are not followed, because a
 * credential is meant for one address.
 *
 * @param {string} server
 * @param {string} url
 * @param {RequestInit} request
 * @returns {Promise<{ status: number, body: Record<string, string | undefined>, retryAfterS: number | null }>}
 */
async function sendRequest(server, url, request) {
  try {
    const response = await fetch(url, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
    const retryAfterS = Number(response.headers.get('retry-after') ?? Number.NaN);
    const body = await response.json().catch(() => ({}));
    return { status: response.status, body, retryAfterS: Number.isNaN(retryAfterS) ? null : retryAfterS };
  } catch {
    return { status: 0, body: { detail: `${server} cannot be reached, or redirects the request.` }, retryAfterS: null };
  }
}

/** @param {string} text */
function readBaseUrl(text) {
  const url = URL.parse(text);
  const isLoopback = ['127.0.0.1', 'localhost'].includes(url?.hostname ?? '');
  if (url === null || !(url.protocol === 'https:' || isLoopback))
    throw new StepError('The input url must be an https URL.');
  return url.href.replace(/\/+$/, '');
}
