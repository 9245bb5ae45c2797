import { expect, test } from 'vitest';
import { changeKey } from '../support/operations.ts';
import { openTown, PUSH } from '../support/town.ts';

const KEY = 'query ($id: ID!) { key(id: $id) { issuedBy { kind id name } } }';
const CHILDREN = /* GraphQL */ `
  query ($parent: ID!) {
    keys(filter: { parent: $parent }) {
      edges {
        node {
          id
          state
        }
      }
    }
  }
`;

test('issuedBy: a key shows its issuer, and the children of a key are found, also after it was revoked', async () => {
  const town = await openTown();
  const { gateway } = town;
  const scopes = [PUSH, { action: 'keytide:issue', resource: '**' }];
  const parent = await town.issue(town.ann.token, { name: 'issuer', owner: town.acme, scopes });
  const child = await town.issue(parent.secret, { name: 'child' });
  const issuedBy = async (id: string) => (await gateway.ask(KEY, { id }, town.mia.token)).data['key'].issuedBy;
  expect(await issuedBy(parent.id)).toEqual({ kind: 'ACCOUNT', id: town.ann.id, name: 'Ann' });
  expect(await issuedBy(child.id)).toEqual({ kind: 'KEY', id: parent.id, name: 'issuer' });

  const childrenOf = async (id: string, credential: string) =>
    (await gateway.ask(CHILDREN, { parent: id }, credential)).data['keys'].edges.map(({ node }: any) => node);
  const input = { keyId: parent.id, reason: 'leaked' };
  const revoked = await gateway.ask(changeKey('revokeKey'), { input }, town.ann.token);
  expect(revoked.errors).toBeUndefined();
  expect(await childrenOf(parent.id, town.mia.token)).toEqual([{ id: child.id, state: 'ACTIVE' }]);
  expect(await childrenOf(child.id, town.mia.token)).toEqual([]);
  expect(await childrenOf(parent.id, town.olga.token)).toEqual([]);
});
