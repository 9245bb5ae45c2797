import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { outcomes, type Outcome } from '../../src/domain/verification.ts';
import { systemRandom } from '../../src/store/random.ts';
import { changeKey, ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';

const purpose = { action: PUSH.action, resource: 'Acme.Core' };

test('verify: the response is the same, byte for byte, for every secret that is not of the verifier’s realm', async () => {
  const town = await openTown();
  const verifier = await openVerifier(town, 'default');
  const unknown = newSecret(systemRandom).reveal();
  const wrongChecksum = unknown.slice(0, -1) + (unknown.endsWith('a') ? 'b' : 'a');
  const elsewhere = await secretsOf(town, 'other');
  const asked = { unknown, wrongChecksum, empty: '', noSecret: 'password', long: 'kt_'.repeat(20_000), ...elsewhere };
  for (const more of [{}, purpose, { ...purpose, consumer: 'ci' }, { ...purpose, action: 'package:psuh' }]) {
    const answers = new Set<string>();
    for (const secret of Object.values(asked)) answers.add(await rawAnswer(town, verifier, { secret, ...more }));
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('KEY_UNKNOWN');
    // From memory too: the node has not read the log for a while, which `asOf` of a known key would show.
    town.gateway.clock.advance(300);
    const short = new Set<string>();
    for (const secret of Object.values(asked)) {
      short.add(await rawAnswer(town, verifier, { secret, ...more }, '/verify'));
    }
    expect([...short]).toHaveLength(1);
    expect([...short][0]).toContain('KEY_UNKNOWN');
  }
  // In their own realm the same secrets are no strangers.
  const there = await openVerifier(town, 'other');
  const told = await Promise.all(Object.values(elsewhere).map((secret) => outcomeOf(town, there, { secret })));
  expect(told).toEqual(['VALID', 'KEY_REVOKED', 'SECRET_RETIRED', 'KEY_EXPIRED', 'KEY_HELD']);
});

test('verify: a whole secret gets the outcome that comes first in precedence, in all combinations', async () => {
  const town = await openTown();
  const verifier = await openVerifier(town, 'default');
  const wrongs = ['KEY_REVOKED', 'SECRET_RETIRED', 'KEY_EXPIRED', 'KEY_HELD', 'SCOPE_MISSING'] as const;
  const every = Array.from({ length: 2 ** wrongs.length }, (_, bits) =>
    wrongs.filter((_wrong, bit) => bits & (1 << bit)),
  );
  const made = [];
  for (const wrong of every) {
    const has = (outcome: Outcome) => wrong.some((one) => one === outcome);
    const { id, secret } = await town.issue(town.olga.token, has('KEY_EXPIRED') ? { lifetime: 'P1D' } : {});
    if (has('SECRET_RETIRED')) await rotate(town, id);
    if (has('KEY_HELD')) await change(town, 'holdKey', id);
    made.push({ id, secret, wrong, has });
  }
  await town.gateway.travel(DAY_MS);
  const olga = await town.signInAgain(town.olga);
  for (const { id, has } of made) if (has('KEY_REVOKED')) await change({ ...town, olga }, 'revokeKey', id);
  for (const { secret, wrong, has } of made) {
    const resource = has('SCOPE_MISSING') ? 'Other.Core' : 'Acme.Core';
    const expected = outcomes.find((outcome) => has(outcome)) ?? 'VALID';
    expect([wrong, await outcomeOf(town, verifier, { secret, ...purpose, resource })]).toEqual([wrong, expected]);
    // An action that the realm has never had is the verifier's mistake: it comes before the scopes, and after the rest.
    const ofState = outcomes.find((outcome) => outcome !== 'SCOPE_MISSING' && has(outcome)) ?? 'ACTION_UNKNOWN';
    const mistaken = { secret, ...purpose, resource, action: 'package:psuh' };
    expect([wrong, await outcomeOf(town, verifier, mistaken)]).toEqual([wrong, ofState]);
    // Without action and resource, scopes are not checked.
    const without = outcomes.find((outcome) => outcome !== 'SCOPE_MISSING' && has(outcome)) ?? 'VALID';
    expect([wrong, await outcomeOf(town, verifier, { secret })]).toEqual([wrong, without]);
  }
});

test('verify: only an action that the realm has never had is unknown: a retired one, and a reserved one, are known', async () => {
  const town = await openTown();
  const { admin, gateway } = town;
  const verifier = await openVerifier(town, 'default');
  const { secret } = await town.issue(town.olga.token);
  const verify = async (action: string, resource = 'Acme.Core', credential = verifier) => {
    const { data } = await gateway.ask(VERIFY_KEY, { input: { secret, action, resource } }, credential);
    return [data['verifyKey'].outcome, data['verifyKey'].message];
  };
  const [outcome, message] = await verify('package:psuh');
  expect(outcome).toBe('ACTION_UNKNOWN');
  expect(message).toBe(
    'Realm default has never had the action package:psuh. The API that verifies the key must name an action of the realm; the key may be good.',
  );
  // Actions are compared exactly, and each realm has its own.
  const input = { realm: 'other', name: 'elsewhere:only', description: 'Of another realm.' };
  const define = 'mutation ($input: DefineActionInput!) { defineAction(input: $input) { __typename } }';
  await gateway.ask(define, { input }, admin.token);
  for (const action of ['Package:push', 'elsewhere:only', 'keytide:nothing']) {
    expect([action, (await verify(action))[0]]).toEqual([action, 'ACTION_UNKNOWN']);
    // An administrator who verifies gets the same.
    expect([action, (await verify(action, 'Acme.Core', admin.token))[0]]).toEqual([action, 'ACTION_UNKNOWN']);
  }
  expect((await verify('keytide:read'))[0]).toBe('SCOPE_MISSING');
  await gateway.ask(define, { input: { ...input, realm: 'default' } }, admin.token);
  expect((await verify('elsewhere:only'))[0]).toBe('SCOPE_MISSING');
  const retire = 'mutation ($input: RetireActionInput!) { retireAction(input: $input) { __typename } }';
  for (const name of ['elsewhere:only', PUSH.action]) {
    const { data } = await gateway.ask(retire, { input: { realm: 'default', name } }, admin.token);
    expect(data['retireAction'].__typename).toBe('RetireActionSuccess');
  }
  expect((await verify('elsewhere:only'))[0]).toBe('SCOPE_MISSING');
  expect((await verify(PUSH.action))[0]).toBe('VALID');
  expect(await verify(PUSH.action, 'Other')).toEqual([
    'SCOPE_MISSING',
    'The key is valid, but none of its scopes covers package:push on Other. Ask its owner for a key with such a scope.',
  ]);
});

test('verify: the response has the key’s id, owner and labels, and whether scopes were checked', async () => {
  const town = await openTown();
  const verifier = await openVerifier(town, 'default');
  const labels = [{ name: 'repo', value: 'core' }];
  const { id, secret } = await town.issue(town.mia.token, { owner: town.acme, labels, lifetime: 'P30D' });
  const key = { id, realm: 'default', ownerId: town.acme, labels, scopes: [PUSH] };
  const stopsAt = new Date(town.gateway.clock.now().getTime() + 30 * DAY_MS).toISOString();
  const answer = async (input: object) => (await town.gateway.ask(VERIFY_KEY, { input }, verifier)).data['verifyKey'];
  const good = { outcome: 'VALID', key, stopsAt, renewalDue: false, message: 'The key is valid.' };
  expect(await answer({ secret, ...purpose })).toEqual({ ...good, scopeChecked: true });
  expect(await answer({ secret })).toEqual({ ...good, scopeChecked: false });
  expect(await answer({ secret: `${secret}x`, ...purpose })).toEqual({
    outcome: 'KEY_UNKNOWN',
    key: null,
    scopeChecked: true,
    stopsAt: null,
    renewalDue: false,
    message: 'No key of this realm has this secret. Check that it was copied completely and belongs to this realm.',
  });
});

test('verify: verifiers may verify in their realm, administrators everywhere, all others nowhere', async () => {
  const town = await openTown();
  const { secret } = await town.issue(town.olga.token);
  const elsewhere = await town.issue(town.olga.token, { realm: 'other' });
  for (const asked of [secret, elsewhere.secret]) {
    expect(await outcomeOf(town, town.admin.token, { secret: asked })).toBe('VALID');
  }
  for (const credential of [town.olga.token, town.ann.token, secret]) {
    const { errors } = await town.gateway.ask(VERIFY_KEY, { input: { secret } }, credential);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' }, path: ['verifyKey'] }]);
  }
  const { errors } = await town.gateway.ask(VERIFY_KEY, { input: { secret } });
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' }, path: ['verifyKey'] }]);
});

async function openVerifier(town: Town, realm: string): Promise<string> {
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  return (await town.issue(town.admin.token, { realm, name: 'the API', scopes })).secret;
}

/** Secrets of a realm in every state. A day passes. */
async function secretsOf(town: Town, realm: string): Promise<Record<string, string>> {
  const issue = () => town.issue(town.olga.token, { realm });
  const expired = await town.issue(town.olga.token, { realm, lifetime: 'P1D' });
  const [good, revoked, retired, held] = [await issue(), await issue(), await issue(), await issue()];
  await change(town, 'revokeKey', revoked.id);
  await rotate(town, retired.id);
  await change(town, 'holdKey', held.id);
  await town.gateway.travel(DAY_MS);
  Object.assign(town, { admin: await town.signInAgain(town.admin), olga: await town.signInAgain(town.olga) });
  return {
    good: good.secret,
    revoked: revoked.secret,
    retired: retired.secret,
    expired: expired.secret,
    held: held.secret,
  };
}

async function change({ gateway, olga }: Town, mutation: 'holdKey' | 'revokeKey', keyId: string): Promise<void> {
  const { data } = await gateway.ask(changeKey(mutation), { input: { keyId, reason: 'it leaked' } }, olga.token);
  expect(data[mutation].__typename).toMatch(/Success$/);
}

async function rotate({ gateway, olga }: Town, keyId: string): Promise<void> {
  const { data } = await gateway.ask(ROTATE_KEY, { input: { keyId, gracePeriod: 'PT0S' } }, olga.token);
  expect(data['rotateKey'].__typename).toBe('RotateKeySuccess');
}

async function outcomeOf({ gateway }: Town, credential: string, input: object): Promise<Outcome> {
  return (await gateway.ask(VERIFY_KEY, { input }, credential)).data['verifyKey'].outcome;
}

/** All that comes over the wire, but when it was sent and under which request id. */
async function rawAnswer({ gateway }: Town, credential: string, input: object, path = '/graphql'): Promise<string> {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
    body: JSON.stringify(path === '/graphql' ? { query: VERIFY_KEY, variables: { input } } : input),
  });
  const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return JSON.stringify([response.status, headers, await response.text()]);
}
