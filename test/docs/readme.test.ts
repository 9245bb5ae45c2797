import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { codeBlocks } from './read-guide.ts';

const root = new URL('../../', import.meta.url);
const readme = read('README.md');

test('README: the quick start runs as it stands', async () => {
  const gateway = await openGateway();
  const known: Record<string, string> = { ...ADMIN };
  const ran: string[] = [];
  for (const block of codeBlocks(readme, 'graphql')) {
    const name = await run(gateway, block, known);
    ran.push(name);
  }
  expect(ran).toEqual(['SignIn', 'Issue', 'Verify', 'Renew', 'Rotate', 'Watch']);
});

test('README and CONTRIBUTING: every npm script that they name is there', () => {
  for (const file of ['README.md', 'CONTRIBUTING.md']) {
    const named = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? '');
    expect(Object.keys(packageJson.scripts), file).toEqual(expect.arrayContaining(named));
  }
});

/** Asks what a block asks, with the credential that its comment names, and remembers what it was answered. */
async function run(gateway: Gateway, block: string, known: Record<string, string>): Promise<string> {
  const [definition] = parse(block).definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error(`no operation: ${block}`);
  const [, credential] = /^# Authorization: Bearer \$(\w+)/.exec(block) ?? [];
  const bearer = credential === undefined ? null : (known[credential] ?? null);
  if (definition.operation === 'subscription') {
    const next = await gateway
      .socket(bearer)
      .iterate({ query: block, variables: { after: start } })
      .next();
    expect(next.value.errors).toBeUndefined();
    return definition.name?.value ?? '';
  }
  const answer = await gateway.ask(block, known, bearer);
  expect(answer.errors, block).toBeUndefined();
  const [result] = Object.values(answer.data);
  expect(result.code, JSON.stringify(result)).toBeUndefined();
  for (const name of ['token', 'secret']) if (result[name]) known[name] = result[name];
  if (definition.name?.value === 'Verify') expect(result.outcome).toBe('VALID');
  return definition.name?.value ?? '';
}

/** Before the first event of every log. */
const start = Buffer.from('1:0').toString('base64url');

function read(file: string): string {
  return readFileSync(new URL(file, root), 'utf8');
}
