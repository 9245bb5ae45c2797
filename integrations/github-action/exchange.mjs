// @ts-check

import { setTimeout as pause } from 'node:timers/promises';
import { give, mask, needInput, readInput, StepError } from './job.mjs';

const TRIES = 3;
/** In seconds: how long is waited for a gateway that does not say. */
const PAUSE = 2;
const PAUSE_MAX = 30;
const ANSWER_MAX_MS = 30_000;

/** Exchanges the job's token (RFC 8693) for a key, which later steps get masked. */
export async function exchange() {
  const url = baseOf(needInput('url'));
  const audience = readInput('audience') || `${url}/default`;
  const { secret, keyId } = await exchangeToken(url, audience);
  mask(secret);
  give('GITHUB_OUTPUT', 'key', secret);
  give('GITHUB_OUTPUT', 'key-id', keyId);
  const variable = readInput('variable');
  if (variable !== '' && !/^[A-Za-z_]\w*$/.test(variable)) throw new StepError('The variable has no name of one.');
  if (variable !== '') give('GITHUB_ENV', variable, secret);
  process.stdout.write(`The key ${keyId} lives 15 minutes.\n`);
}

/**
 * Each try has a token of its own: one is good for one key, and an answer may be lost after it was used.
 *
 * @param {string} url
 * @param {string} audience
 */
async function exchangeToken(url, audience) {
  for (let left = TRIES; ; left -= 1) {
    const token = await askForToken(audience);
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: token,
    };
    const answer = await ask('The gateway', `${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: secret, key_id: keyId, error_description, detail } = answer.body;
    if (answer.status === 200 && secret && keyId) return { secret, keyId };
    const isPassing = answer.status === 0 || answer.status === 429 || answer.status >= 500;
    if (!isPassing || left === 1) {
      const found = error_description ?? detail ?? `It answered with ${answer.status}.`;
      throw new StepError(`The gateway gave no key. ${found}`);
    }
    await pause(Math.min(answer.retryAfter ?? PAUSE, PAUSE_MAX) * 1000);
  }
}

/**
 * The job's token for an audience (docs.github.com, "OpenID Connect reference").
 *
 * @param {string} audience
 */
async function askForToken(audience) {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: at = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential = '' } = process.env;
  if (at === '' || credential === '') {
    throw new StepError('The job may not ask for a token: give it the permission id-token: write.');
  }
  const url = new URL(at);
  url.searchParams.set('audience', audience);
  const { status, body } = await ask('GitHub', url.href, { headers: { Authorization: `Bearer ${credential}` } });
  if (status !== 200 || !body.value) throw new StepError(`GitHub gave no token: it answered with ${status}.`);
  mask(body.value);
  return body.value;
}

/**
 * Status 0: there was no answer. Redirects are not followed, for a credential is for one address.
 *
 * @param {string} whom
 * @param {string} url
 * @param {RequestInit} request
 * @returns {Promise<{ status: number, body: Record<string, string | undefined>, retryAfter: number | null }>}
 */
async function ask(whom, url, request) {
  try {
    const response = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MAX_MS) });
    const told = Number(response.headers.get('retry-after') ?? Number.NaN);
    const body = await response.json().catch(() => ({}));
    return { status: response.status, body, retryAfter: Number.isNaN(told) ? null : told };
  } catch {
    return { status: 0, body: { detail: `${whom} does not answer.` }, retryAfter: null };
  }
}

/** @param {string} text */
function baseOf(text) {
  const url = URL.parse(text);
  const isNear = ['127.0.0.1', 'localhost'].includes(url?.hostname ?? '');
  if (url === null || !(url.protocol === 'https:' || isNear)) throw new StepError('The url is none of https.');
  return url.href.replace(/\/+$/, '');
}
