import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';

/** How many audits graphql-http 1.23.1 has; fewer would prove less than is claimed. */
const AUDIT_COUNT = 61;

test('graphql over http: all audits pass for a signed-in caller, in production', async () => {
  const { url, admin } = await openGateway({ isOpen: false });
  expect(await failedAudits(url, { Authorization: `Bearer ${await admin()}` })).toEqual([]);
});

test('graphql over http: all audits pass for anyone, in development', async () => {
  const { url } = await openGateway({ isOpen: true });
  expect(await failedAudits(url, {})).toEqual([]);
});

test('graphql over http: without credentials, in production, only the audits that introspect fail', async () => {
  const { url } = await openGateway({ isOpen: false });
  const failed = await failedAudits(url, {});
  expect(failed).not.toEqual([]);
  for (const { query } of failed) expect(query).toContain('__type(');
});

/** The audits that fail, each with the query that it sent last. */
async function failedAudits(url: string, credentials: Record<string, string>) {
  let query = '';
  const fetchFn = (target: string, init: RequestInit = {}) => {
    query = decodeURIComponent(typeof init.body === 'string' ? init.body : target).replaceAll('+', ' ');
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(credentials)) headers.set(name, value);
    return fetch(target, { ...init, headers });
  };
  const audits = serverAudits({ url: `${url}/graphql`, fetchFn });
  expect(audits).toHaveLength(AUDIT_COUNT);
  const failed = [];
  for (const audit of audits) {
    const answer = await audit.fn();
    if (answer.status !== 'ok') failed.push({ name: answer.name, reason: answer.reason, query });
  }
  return failed;
}
