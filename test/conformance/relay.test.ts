import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const compiler = fileURLToPath(import.meta.resolve('relay-compiler/cli.js'));
const schema = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

/** A page of keys, an object that is loaded again by its id, and a mutation that removes what it changed from a list. */
const SOURCE = `
  graphql\`
    query PageQuery { viewer { ...PageFragment_viewer } }
  \`;
  graphql\`
    fragment PageFragment_list on Query @refetchable(queryName: "PageListQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
      keys(first: $count, after: $cursor) @connection(key: "Page_keys") { edges { node { id ...PageFragment_key } } }
    }
  \`;
  graphql\`
    fragment PageFragment_viewer on Viewer { __typename }
  \`;
  graphql\`
    fragment PageFragment_key on Key @refetchable(queryName: "PageKeyQuery") { name expiresAt owner { __typename } }
  \`;
  graphql\`
    query PageKeysQuery { ...PageFragment_list }
  \`;
  graphql\`
    mutation PageRevokeMutation($input: RevokeKeyInput!) {
      revokeKey(input: $input) { __typename ... on RevokeKeySuccess { key { id @deleteRecord } } ... on UserError { message } }
    }
  \`;
  graphql\`
    subscription PageSubscription { events { cursor type } }
  \`;
`;

test('relay: its compiler takes the schema, and what it generates pages through keys and loads one again by its id', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'src'));
  copyFileSync(schema, join(folder, 'schema.graphql'));
  writeFileSync(join(folder, 'src', 'Page.js'), SOURCE);
  writeFileSync(join(folder, 'persisted.json'), '{}');
  const persistConfig = { file: './persisted.json', algorithm: 'SHA256' };
  const config = { src: './src', schema: './schema.graphql', language: 'javascript', persistConfig };
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
  await promisify(execFile)(process.execPath, [compiler, '--repersist'], { cwd: folder });
  const persisted = JSON.parse(readFileSync(join(folder, 'persisted.json'), 'utf8')) as Record<string, string>;
  const textOf = (name: string) =>
    Object.values(persisted).find((text) => new RegExp(`^(query|mutation|subscription) ${name}\\b`).test(text))!;

  const gateway = await openGateway();
  const admin = await gateway.admin();
  for (const name of ['one', 'two', 'three']) {
    await issue(gateway, admin, { name });
    gateway.clock.advance(1_000);
  }
  const first = await gateway.ask(textOf('PageKeysQuery'), {}, admin);
  expect(first.errors).toBeUndefined();
  const { edges, pageInfo } = first.data['keys'] as {
    edges: { node: { id: string; name: string; __typename: string } }[];
    pageInfo: { endCursor: string; hasNextPage: boolean };
  };
  expect([edges.map(({ node }) => node.name), pageInfo.hasNextPage]).toEqual([['three', 'two'], true]);
  const next = await gateway.ask(textOf('PageListQuery'), { count: 2, cursor: pageInfo.endCursor }, admin);
  expect(next.data['keys']).toMatchObject({ edges: [{ node: { name: 'one' } }], pageInfo: { hasNextPage: false } });
  const { node } = edges[0]!;
  const again = await gateway.ask(textOf('PageKeyQuery'), { id: node.id }, admin);
  expect(again.data['node']).toMatchObject({ __typename: 'Key', id: node.id, name: 'three' });
  const input = { keyId: node.id, reason: 'test' };
  const revoked = await gateway.ask(textOf('PageRevokeMutation'), { input }, admin);
  expect(revoked.data['revokeKey']).toMatchObject({ __typename: 'RevokeKeySuccess', key: { id: node.id } });
});
