import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

async function load(block: string, name: string): Promise<Record<string, (...args: any[]) => Promise<boolean>>> {
  const path = join(scratchFolder(), `${name}.mjs`);
  writeFileSync(path, block);
  return import(path);
}

test('guide to moving: old and new keys are good, and what Keytide has refused does not become good again', async () => {
  const [both = '', byForm = ''] = codeBlocks(readGuide('move'), 'js');
  const { isGood } = await load(both, 'both');
  const { isGoodByForm } = await load(byForm, 'by-form');
  const gateway = await openGateway();
  const verifier = await gateway.admin();
  const [kept, revoked] = [await issue(gateway, verifier), await issue(gateway, verifier)];
  const revoke = 'mutation ($id: ID!) { revokeKey(input: { keyId: $id, reason: "over" }) { __typename } }';
  await gateway.ask(revoke, { id: revoked.id }, verifier);

  const old = new Set(['old secret', revoked.secret].map((text) => createHash('sha256').update(text).digest('hex')));
  const asked: string[] = [];
  const findOld = async (digest: string) => {
    asked.push(digest);
    return old.has(digest);
  };
  const request = { action: 'package:push', resource: 'Acme.Core', consumer: 'acme/core' };
  const ask = (secret: string, keytide = gateway.url) => isGood!(secret, request, { keytide, verifier, findOld });
  expect(await ask(kept.secret)).toBe(true);
  expect(await ask(revoked.secret)).toBe(false);
  expect(asked).toEqual([]);
  expect(await ask('old secret')).toBe(true);
  expect(await ask('nobody has this secret')).toBe(false);
  expect(asked).toHaveLength(2);
  // Nothing listens there.
  await expect(ask('old secret', 'http://127.0.0.1:9')).rejects.toThrow();
  expect(asked).toHaveLength(2);

  const ways = {
    prefixes: ['kt_'],
    isGoodInKeytide: ask,
    isGoodInOld: async (secret: string) => secret === 'old secret',
  };
  const secrets = [kept.secret, revoked.secret, 'old secret', 'nobody has this secret'];
  const found = await Promise.all(secrets.map((secret) => isGoodByForm!(secret, undefined, ways)));
  expect(found).toEqual([true, false, true, false]);
});
