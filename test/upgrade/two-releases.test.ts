import { expect, test } from 'vitest';
import { emptyDatabase } from '../support/database.ts';
import { askAt, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { unpackReleaseBefore } from './release-before.ts';

const password = 'a good long password';
const scopes = [{ action: 'package:push', resource: 'Acme.*' }];

/** How many keys live through both releases at once. */
const KEY_COUNT = 24;

/** How often a caller tries a change that is UNAVAILABLE, because nodes of both releases change its key at the same moment. */
const TRIES = 3;

interface LiveKey {
  readonly id: string;
  secret: string;
}

test(
  'two releases: nodes of the release before and of this one serve one database, and each continues what the other began',
  { timeout: 120_000 },
  async () => {
    const folder = scratchFolder();
    const settings = {
      DATABASE_URL: await emptyDatabase(),
      KEYTIDE_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
      KEYTIDE_ADMIN_PASSWORD: password,
      KEYTIDE_DATA_DIR: folder,
    };
    const command = await unpackReleaseBefore();
    const before = await startGateway(folder, settings, `exec node ${command} serve`);
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
    const { data } = await askAt(before.url, signIn, { input: { email: 'admin@localhost', password } });
    const { token } = data['signIn'];

    const perform = async (
      node: GatewayProcess,
      mutation: string,
      input: object,
      selection: string,
      credential = token,
    ) => {
      let answer: any;
      for (let tries = 1; tries <= TRIES; tries += 1) {
        answer = await askAt(node.url, mutationQuery(mutation, selection), { input }, credential);
        const result = answer.data?.[mutation];
        if (result?.__typename.endsWith('Success')) return result;
        if (answer.errors?.[0].extensions.code !== 'UNAVAILABLE') break;
      }
      throw new Error(
        `${mutation} at ${node === before ? 'the release before' : 'this release'}: ${JSON.stringify(answer)}\n${node.written().stderr.slice(-3000)}${node.written().stdout.slice(-3000)}`,
      );
    };
    const outcomeAt = async (node: GatewayProcess, secret: string): Promise<string> => {
      const input = { secret, action: 'package:push', resource: 'Acme.Core', consumer: 'acme/core' };
      return (await askAt(node.url, VERIFY_KEY, { input }, token)).data['verifyKey'].outcome;
    };
    const issueAt = async (node: GatewayProcess, name: string): Promise<LiveKey> => {
      const input = { realm: 'default', name, scopes, lifetime: 'P90D' };
      const { secret, key } = await perform(node, 'issueKey', input, 'secret key { id }');
      return { id: key.id, secret };
    };

    const keys: LiveKey[] = [];
    for (let index = 0; index < KEY_COUNT / 2; index++) keys.push(await issueAt(before, `before ${index}`));
    const after = await startGateway(folder, settings);
    for (let index = 0; index < KEY_COUNT / 2; index++) keys.push(await issueAt(after, `after ${index}`));

    // Each key is rotated at one node and confirmed at the other, renewed at both, while all are verified at both.
    const live = async (key: LiveKey, index: number) => {
      const [first, second] = index % 2 === 0 ? [before, after] : [after, before];
      const rotate = { keyId: key.id, gracePeriod: 'P1D', idempotencyKey: `rotate ${key.id}` };
      const { secret } = await perform(first, 'rotateKey', rotate, 'secret');
      const repeated = await perform(second, 'rotateKey', rotate, 'secret');
      expect(repeated.secret).toBe(secret);
      for (const node of [before, after]) {
        expect(await outcomeAt(node, key.secret)).toBe('VALID');
        expect(await outcomeAt(node, secret)).toBe('VALID');
        await perform(node, 'renewKey', {}, 'key { id }', secret);
      }
      await perform(second, 'confirmRotation', {}, 'key { id }', secret);
      expect(await outcomeAt(second, key.secret)).toBe('SECRET_RETIRED');
      key.secret = secret;
    };
    for (let start = 0; start < keys.length; start += 8)
      await Promise.all(keys.slice(start, start + 8).map((key, index) => live(key, start + index)));

    // A change of policy at either node is reviewed by both, from verdicts that either has stored.
    for (const node of [before, after]) {
      const bind = { realm: 'default', policy: 'bounded-lifetime', mode: 'SHADOW', config: { longest: 'P180D' } };
      await perform(node, 'bindPolicy', bind, 'binding { id }');
    }
    const explain =
      'query ($id: ID!) { key(id: $id) { stopsAt explanation { summary verdicts { binding { id } decides } } } }';
    const explainAt = async (node: GatewayProcess, id: string) =>
      (await askAt(node.url, explain, { id }, token)).data['key'];
    await expect
      .poll(
        async () =>
          (await Promise.all(keys.map(({ id }) => explainAt(after, id)))).map((key) => key.explanation.verdicts.length),
        { timeout: 30_000 },
      )
      .toEqual(keys.map(() => 5));
    for (const { id } of keys) {
      const [one, other] = [await explainAt(before, id), await explainAt(after, id)];
      expect(other.stopsAt).toBe(one.stopsAt);
      expect(other.explanation.verdicts).toEqual(one.explanation.verdicts);
    }

    const [revoked, ...rest] = keys;
    await perform(before, 'revokeKey', { keyId: revoked!.id, reason: 'no longer in use' }, 'key { id }');
    await expect.poll(() => outcomeAt(after, revoked!.secret), { timeout: 5_000 }).toBe('KEY_REVOKED');
    await before.end('SIGTERM');
    for (const { secret } of rest) expect(await outcomeAt(after, secret)).toBe('VALID');
    expect(after.written().stderr).not.toMatch(/uncaught|unhandled/i);
  },
);
