import { expect, test } from 'vitest';
import { changeKey } from '../support/operations.ts';
import { openTown } from '../support/town.ts';

const HISTORY = /* GraphQL */ `
  query ($id: ID!) {
    key(id: $id) {
      events(first: 50) {
        edges {
          node {
            type
            owner {
              __typename
              id
              name
              ... on Account {
                email
                memberships {
                  role
                  organization {
                    name
                  }
                }
              }
              ... on Organization {
                members {
                  role
                }
              }
            }
          }
        }
      }
    }
  }
`;

test('event owner: is shown with its relations to each caller that may see it, to keys too', async () => {
  const town = await openTown();
  await town.join(town.globex, town.olga, 'MEMBER');
  const olga = await town.signInAgain(town.olga);
  const scopes = [{ action: 'keytide:read', resource: '**' }];
  const reader = await town.issue(olga.token, { scopes });
  const { id } = await town.issue(olga.token);
  const ownerFor = async (credential: string, keyId: string) => {
    const { data, errors } = await town.gateway.ask(HISTORY, { id: keyId }, credential);
    expect(errors).toBeUndefined();
    return data['key'].events.edges.map(({ node }: any) => node.owner);
  };
  const account = { __typename: 'Account', id: olga.id, name: 'Olga' };
  const memberships = [{ role: 'MEMBER', organization: { name: 'Globex' } }];
  expect(await ownerFor(olga.token, id)).toEqual([{ ...account, email: 'olga@example.com', memberships }]);
  expect(await ownerFor(town.admin.token, id)).toEqual([{ ...account, email: 'olga@example.com', memberships }]);
  expect(await ownerFor(reader.secret, id)).toEqual([{ ...account, email: null, memberships: [] }]);

  const ofAcme = await town.issue(town.ann.token, { owner: town.acme });
  const organization = { __typename: 'Organization', id: town.acme, name: 'Acme' };
  const roles = ['OWNER', 'ADMIN', 'MEMBER', 'MEMBER'];
  const [shown] = await ownerFor(town.mia.token, ofAcme.id);
  expect(shown).toMatchObject(organization);
  expect(shown.members.map(({ role }: any) => role).toSorted()).toEqual(roles.toSorted());
});

test('event owner: of a transferred key each owner sees itself, and not the other', async () => {
  const town = await openTown();
  const { id: keyId } = await town.issue(town.olga.token);
  const transfer = { input: { keyId, owner: town.acme } };
  expect((await town.gateway.ask(changeKey('transferKey'), transfer, town.admin.token)).errors).toBeUndefined();
  const { data, errors } = await town.gateway.ask(HISTORY, { id: keyId }, town.ann.token);
  expect(errors).toBeUndefined();
  const owners = data['key'].events.edges.map(({ node }: any) => [node.type, node.owner?.name ?? null]);
  expect(owners).toEqual([
    ['KEY_ISSUED', null],
    ['KEY_TRANSFERRED', 'Acme'],
  ]);
});
