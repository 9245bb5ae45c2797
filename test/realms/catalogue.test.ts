import { expect, test } from 'vitest';
import { changeKey, ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';

const ANSWER = '__typename ... on UserError { code message path }';
const DEFINE = `mutation ($input: DefineActionInput!) { defineAction(input: $input) { ${ANSWER} ... on DefineActionSuccess { realm { actions { name description retiredAt } } } } }`;
const RETIRE = `mutation ($input: RetireActionInput!) { retireAction(input: $input) { ${ANSWER} ... on RetireActionSuccess { realm { actions { name retiredAt } } } } }`;

const deprecate = { action: 'package:deprecate', resource: 'Acme.*' };

test('catalogue: only defined actions can be given to keys', async () => {
  const town = await openTown();
  expect(await issue(town, town.olga.token, [deprecate])).toEqual({
    __typename: 'ScopeNotAllowed',
    code: 'SCOPE_NOT_ALLOWED',
    message:
      'package:deprecate is not an available action of realm default. Available: package:push, package:push-version, package:unlist. Request one of these, or ask an administrator of the gateway to define the action.',
    path: ['input', 'scopes', '0'],
  });
  const defined = await define(town, { name: 'package:deprecate', description: 'Mark as deprecated' });
  expect(defined.realm.actions).toContainEqual({
    name: 'package:deprecate',
    description: 'Mark as deprecated',
    retiredAt: null,
  });
  expect(await issue(town, town.olga.token, [deprecate])).toMatchObject({ __typename: 'IssueKeySuccess' });
  // A catalogue is its realm's own.
  expect(await issue(town, town.olga.token, [deprecate], { realm: 'other' })).toMatchObject({
    code: 'SCOPE_NOT_ALLOWED',
  });
  const [event] = await town.gateway.prisma.event.findMany({ where: { type: 'ACTION_DEFINED' } });
  expect(event).toMatchObject({ realmId: town.realm, data: { name: 'package:deprecate' } });
});

test('catalogue: new keys cannot get a retired action; keys that have it retain it, whatever their owner', async () => {
  const town = await openTown();
  const { gateway } = town;
  const { id: keyId, secret } = await town.issue(town.ann.token, { scopes: [PUSH], owner: town.acme });
  const retiredAt = gateway.clock.now().toISOString();
  expect((await retire(town, PUSH.action)).realm.actions).toContainEqual({ name: PUSH.action, retiredAt });
  expect(await issue(town, town.olga.token, [PUSH])).toMatchObject({ code: 'SCOPE_NOT_ALLOWED' });
  const input = { secret, action: PUSH.action, resource: 'Acme.Core' };
  const outcome = async () =>
    (await gateway.ask(VERIFY_KEY, { input: input }, town.admin.token)).data['verifyKey'].outcome;
  expect(await outcome()).toBe('VALID');
  const transfer = { keyId, owner: town.ann.id };
  const { data } = await gateway.ask(changeKey('transferKey'), { input: transfer }, town.ann.token);
  expect(data['transferKey'].__typename).toBe('TransferKeySuccess');
  expect(await outcome()).toBe('VALID');
  const narrower = { keyId, scopes: [{ ...PUSH, resource: 'Acme.Core' }] };
  const { data: narrowed } = await gateway.ask(changeKey('updateKey'), { input: narrower }, town.ann.token);
  expect(narrowed['updateKey'].__typename).toBe('UpdateKeySuccess');
  expect(await outcome()).toBe('VALID');
});

test('catalogue: an action is defined once, and restored by defining it again', async () => {
  const town = await openTown();
  const again = { name: PUSH.action, description: 'Push it' };
  expect(await define(town, again)).toEqual({
    __typename: 'ActionExists',
    code: 'ACTION_EXISTS',
    message: 'The realm default has the action package:push already. Use the existing action.',
    path: ['input', 'name'],
  });
  await retire(town, PUSH.action);
  const { realm } = await define(town, again);
  expect(realm.actions).toContainEqual({ ...again, retiredAt: null });
  expect(await issue(town, town.olga.token, [PUSH])).toMatchObject({ __typename: 'IssueKeySuccess' });
});

test('catalogue: retiring an action twice is one change', async () => {
  const town = await openTown();
  const first = await retire(town, PUSH.action);
  town.gateway.clock.advance(1_000);
  expect(await retire(town, PUSH.action)).toEqual(first);
  expect(await town.gateway.prisma.event.count({ where: { type: 'ACTION_RETIRED' } })).toBe(1);
  expect(await retire(town, 'package:nothing')).toEqual({
    __typename: 'ActionNotFound',
    code: 'ACTION_NOT_FOUND',
    message: 'The realm default has no action of this name. Check the name in the realm’s catalogue.',
    path: ['input', 'name'],
  });
});

test('catalogue: reserved names, wildcards and invisible names are refused', async () => {
  const town = await openTown();
  const cases = [
    ['keytide:verify', 'name: found a name that begins with keytide:; that prefix is reserved.'],
    ['Keytide:anything', /^name: action Keytide:anything is not a reserved action/],
    ['package:*', "name: action package:* has a wildcard; name a key's actions one by one"],
    ['', 'name: action has 0 characters; expected at least 1'],
    [' package:push', /^name: action " package:push" begins or ends with white space/],
    ['x'.repeat(65), 'name: action has 65 characters; at most 64 are accepted'],
  ] as const;
  for (const [name, message] of cases) {
    const input = { realm: 'default', name, description: 'x' };
    const { errors } = await town.gateway.ask(DEFINE, { input }, town.admin.token);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['input', 'name'] });
    expect(errors?.[0]?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  }
});

async function define(town: Town, input: object): Promise<Record<string, any>> {
  const { data } = await town.gateway.ask(DEFINE, { input: { realm: 'default', ...input } }, town.admin.token);
  return data['defineAction'];
}

async function retire(town: Town, name: string): Promise<Record<string, any>> {
  const { data } = await town.gateway.ask(RETIRE, { input: { realm: 'default', name } }, town.admin.token);
  return data['retireAction'];
}

async function issue(
  town: Town,
  credential: string,
  scopes: object[],
  more: object = {},
): Promise<Record<string, any>> {
  const input = { realm: 'default', name: 'release', scopes, ...more };
  return (await town.gateway.ask(ISSUE_KEY, { input }, credential)).data['issueKey'];
}
