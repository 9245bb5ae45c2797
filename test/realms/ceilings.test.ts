import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { changeKey, ISSUE_KEY } from '../support/operations.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';

const UPDATE =
  'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename ... on UpdateRealmSuccess { warnings realm { rolesWithoutCeiling } } } }';

const acme = { action: 'package:push', resource: 'Acme.*' };
const core = { action: 'package:push', resource: 'Acme.Core' };
const all = { action: 'package:push', resource: '**' };
const unlist = { action: 'package:unlist', resource: 'Acme.*' };

test('ceilings: an account gives no more than the ceiling of its role in the realm', async () => {
  const town = await openTown();
  await setCeilings(town, [
    { role: 'MEMBER', scopes: [{ action: 'package:push', resource: 'Acme.*' }] },
    { role: 'ADMIN', scopes: [{ action: 'package:*', resource: 'Acme.*' }] },
  ]);
  const { mia, adam, ann, admin } = town;
  const found: Record<string, string[]> = {};
  for (const [name, { token }] of Object.entries({ mia, adam, ann, admin })) {
    for (const [what, scope] of Object.entries({ acme, core, all, unlist })) {
      const answer = await issue(town, token, [scope], { owner: town.acme });
      if (answer['__typename'] === 'IssueKeySuccess') (found[name] ??= []).push(what);
      else expect(answer).toMatchObject({ code: 'SCOPE_NOT_ALLOWED', path: ['input', 'scopes', '0'] });
    }
  }
  // Ann is OWNER, for which no ceiling is set; to administrators none applies.
  expect(found).toEqual({
    mia: ['acme', 'core'],
    adam: ['acme', 'core', 'unlist'],
    ann: ['acme', 'core', 'all', 'unlist'],
    admin: ['acme', 'core', 'all', 'unlist'],
  });
  // One scope too many, and no key is made.
  expect(await issue(town, mia.token, [core, unlist], { owner: town.acme })).toMatchObject({
    code: 'SCOPE_NOT_ALLOWED',
    message:
      'package:unlist on Acme.* is not provably within the ceiling of realm default for the role MEMBER: package:push on Acme.*. Request narrower scopes, or ask an administrator of the gateway to raise the ceiling.',
    path: ['input', 'scopes', '1'],
  });
});

test('ceilings: the example of the guide leaves no role open, and closes what it says', async () => {
  const town = await openTown();
  const guide = readFileSync(new URL('../../docs/guides/operate.md', import.meta.url), 'utf8');
  const [, example = ''] = /```graphql\n([^`]*mutation LimitRoles[^`]*)```/.exec(guide) ?? [];
  const { data } = await town.gateway.ask(example, {}, town.admin.token);
  expect(data).toEqual({ updateRealm: { warnings: [] } });
  const outcomeOf = async ({ token }: { token: string }, scope: object, input = {}) =>
    (await issue(town, token, [scope], input))['__typename'] as string;
  for (const person of [town.eve, town.mia, town.adam, town.ann]) {
    expect(await outcomeOf(person, all)).toBe('ScopeNotAllowed');
    expect(await outcomeOf(person, acme)).toBe('IssueKeySuccess');
  }
  const owner = { owner: town.acme };
  expect(await outcomeOf(town.mia, unlist, owner)).toBe('ScopeNotAllowed');
  expect(await outcomeOf(town.adam, unlist, owner)).toBe('IssueKeySuccess');
});

test('ceilings: for its own keys an account has the OWNER ceiling; each realm has its own ceilings', async () => {
  const town = await openTown();
  await setCeilings(town, [{ role: 'OWNER', scopes: [core] }]);
  expect((await issue(town, town.mia.token, [core]))['__typename']).toBe('IssueKeySuccess');
  expect((await issue(town, town.mia.token, [acme]))['__typename']).toBe('ScopeNotAllowed');
  expect((await issue(town, town.mia.token, [acme], { owner: town.acme }))['__typename']).toBe('IssueKeySuccess');
  expect((await issue(town, town.mia.token, [acme], { realm: 'other' }))['__typename']).toBe('IssueKeySuccess');
});

test('ceilings: without one for OWNER, keys of one’s own have the MEMBER ceiling, and the answer warns of the open role', async () => {
  const town = await openTown();
  const members = { role: 'MEMBER', scopes: [acme] };
  const owners = { role: 'OWNER', scopes: [{ action: '*', resource: 'Acme.*' }] };
  const warned = (answer: { warnings: string[] }) => answer.warnings.join();
  const first = await setCeilings(town, [members]);
  expect(warned(first)).toMatch(
    /^ceilings: found no ceiling for OWNER and ADMIN, .* Every account can create an organization/,
  );
  expect(first.realm.rolesWithoutCeiling).toEqual(['OWNER', 'ADMIN']);
  expect((await issue(town, town.olga.token, [all]))['__typename']).toBe('ScopeNotAllowed');
  expect((await issue(town, town.olga.token, [core]))['__typename']).toBe('IssueKeySuccess');

  // A transfer to oneself and an organization of one’s own are other ways to the same scope.
  const { id: keyId } = await town.issue(town.ann.token, { owner: town.acme, scopes: [all] });
  const transfer = { input: { keyId, owner: town.ann.id } };
  const { data } = await town.gateway.ask(changeKey('transferKey'), transfer, town.ann.token);
  expect(data['transferKey'].__typename).toBe('ScopeNotAllowed');

  const second = await setCeilings(town, [owners, members]);
  expect(warned(second)).toBe('ceilings: found no ceiling for ADMIN, so accounts with that role may give every scope.');
  const create =
    'mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { ... on CreateOrganizationSuccess { organization { id } } } }';
  const made = await town.gateway.ask(create, { input: { name: 'Mine' } }, town.olga.token);
  const { token: olga } = await town.signInAgain(town.olga);
  const own = { owner: made.data['createOrganization'].organization.id };
  expect((await issue(town, olga, [all], own))['__typename']).toBe('ScopeNotAllowed');
  expect((await issue(town, olga, [unlist], own))['__typename']).toBe('IssueKeySuccess');

  expect(warned(await setCeilings(town, [owners, { ...owners, role: 'ADMIN' }, members]))).toBe('');
  expect(warned(await setCeilings(town, []))).toBe('');
});

test('ceilings: a realm that folds case folds it in ceilings too', async () => {
  const town = await openTown();
  await setCeilings(town, [{ role: 'OWNER', scopes: [acme] }]);
  const scope = { ...acme, resource: 'ACME.core' };
  expect((await issue(town, town.olga.token, [scope]))['__typename']).toBe('ScopeNotAllowed');
  await town.gateway.ask(UPDATE, { input: { realm: 'default', foldsCase: true } }, town.admin.token);
  expect((await issue(town, town.olga.token, [scope]))['__typename']).toBe('IssueKeySuccess');
});

test('ceilings: a key is transferred only to an owner who could have issued it', async () => {
  const town = await openTown();
  const { id: keyId } = await town.issue(town.ann.token, { owner: town.acme, scopes: [all] });
  await setCeilings(town, [{ role: 'OWNER', scopes: [acme] }]);
  const transfer = async (owner: string) => {
    const { data } = await town.gateway.ask(changeKey('transferKey'), { input: { keyId, owner } }, town.ann.token);
    return data['transferKey'].__typename;
  };
  expect(await transfer(town.ann.id)).toBe('ScopeNotAllowed');
  await setCeilings(town, []);
  expect(await transfer(town.ann.id)).toBe('TransferKeySuccess');
});

test('reserved actions: only administrators give keytide:verify and keytide:follow; managers give keytide:read and keytide:issue', async () => {
  const town = await openTown();
  const { admin, ann, adam, mia, olga } = town;
  const found: Record<string, string[]> = {};
  for (const name of ['keytide:verify', 'keytide:follow', 'keytide:read', 'keytide:issue']) {
    const callers = { admin, ann, adam, mia };
    for (const [who, { token }] of Object.entries(callers)) {
      const answer = await issue(town, token, [{ action: name, resource: '**' }], { owner: town.acme });
      if (answer['__typename'] === 'IssueKeySuccess') (found[name] ??= []).push(who);
      else expect(answer['message']).toMatch(`You may not give ${name} to a key.`);
    }
  }
  expect(found).toEqual({
    'keytide:verify': ['admin'],
    'keytide:follow': ['admin'],
    'keytide:read': ['admin', 'ann', 'adam'],
    'keytide:issue': ['admin', 'ann', 'adam'],
  });
  expect((await issue(town, olga.token, [{ action: 'keytide:read', resource: '**' }]))['__typename']).toBe(
    'IssueKeySuccess',
  );
  for (const action of ['keytide:everything', 'KEYTIDE:verify', 'keytide:*']) {
    const input = { realm: 'default', name: 'x', scopes: [{ action, resource: '**' }] };
    const { errors } = await town.gateway.ask(ISSUE_KEY, { input }, admin.token);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'scopes', '0'] } }]);
  }
});

test('ceilings: a key gives only the scopes that it has, reserved actions included, but never keytide:follow', async () => {
  const town = await openTown();
  const reserved = ['keytide:issue', 'keytide:verify'].map((action) => ({ action, resource: '**' }));
  const parent = await town.issue(town.admin.token, { owner: town.olga.id, scopes: [acme, ...reserved] });
  const plain = await town.issue(town.olga.token);
  const follow = { action: 'keytide:follow', resource: '**' };
  const follower = await town.issue(town.admin.token, { owner: town.olga.id, scopes: [...reserved, follow] });
  expect((await issue(town, follower.secret, [follow]))['__typename']).toBe('ScopeNotAllowed');
  expect((await issue(town, parent.secret, [core, ...reserved]))['__typename']).toBe('IssueKeySuccess');
  for (const scope of [all, unlist, { action: 'keytide:read', resource: '**' }]) {
    expect((await issue(town, parent.secret, [scope]))['__typename']).toBe('ScopeNotAllowed');
  }
  const input = { realm: 'default', name: 'child', scopes: [PUSH] };
  const { errors } = await town.gateway.ask(ISSUE_KEY, { input }, plain.secret);
  expect(errors).toMatchObject([
    { message: 'This key may not issue keys: it lacks the scope keytide:issue.', extensions: { code: 'FORBIDDEN' } },
  ]);
});

async function setCeilings(town: Town, ceilings: object[]): Promise<any> {
  const { data } = await town.gateway.ask(UPDATE, { input: { realm: 'default', ceilings } }, town.admin.token);
  expect(data['updateRealm'].__typename).toBe('UpdateRealmSuccess');
  return data['updateRealm'];
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
