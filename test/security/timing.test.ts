import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { newSecret, type Secret } from '../../src/domain/secret.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { systemRandom } from '../../src/store/random.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway } from '../support/gateway.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { unsafeComparisons } from '../support/unsafe-comparisons.ts';
import { median, timingT } from '../support/welch.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** How often argon2 was asked to verify, for whichever password. */
const hashing = vi.hoisted(() => ({ count: 0 }));
vi.mock('argon2', async (original) => {
  const argon2 = await original<typeof import('argon2')>();
  const verify: typeof argon2.verify = (...args) => {
    hashing.count += 1;
    return argon2.verify(...args);
  };
  return { ...argon2, verify };
});

test('timing: secrets and digests are compared in one place, in constant time', () => {
  const found = globSync('src/**/*.ts', { cwd: root }).flatMap((path) =>
    unsafeComparisons(readFileSync(join(root, path), 'utf8')).map((line) => `${path}: ${line}`),
  );
  expect(found.sort()).toEqual([
    // Part of a proof that the gateway sealed itself, so that it cannot be guessed.
    'src/accounts/devices/decide-by-proof.ts: if (account === null || account.disabledAt !== null || fingerprintPassword(account) !== proven.password)',
    // The mark at the end of a table in a backup.
    'src/backup/read-backup.ts: const end = this.#rest.subarray(0, TERMINATOR.length).equals(TERMINATOR) ? 0 : inner === -1 ? -1 : inner + 1;',
    // The hash of a module's files, which is public.
    'src/bindings/check-binding.ts: .find((version) => version.name === name && (hash === null ? version.isCurrent : version.hash === hash));',
    // The command compares a secret with a file of the same user, on that user's machine.
    'src/cli/deployers/files/deploy-to-file.ts: if (format.read(text, settings) === secret) return text;',
    'src/cli/deployers/files/dotenv.ts: return dotenvFormat.read(written, { name }) === secret ? written : appendLine(written, `${name}=${secret}`);',
    // The element in a page compares its own token, to notice that it was replaced while it waited.
    "src/console/my-keys/portal-access.ts: const isOver = this.#token !== token || (await outcomeOfResponse(response)) === 'SESSION_ENDED';",
    'src/console/my-keys/portal-access.ts: if (this.#token !== token) return this.#token !== null;',
    // A character of a pattern.
    'src/domain/glob.ts: if (token === globstar) globstars |= bit;',
    // The hash of an operation's text: the caller sent both.
    "src/graphql/persisted-queries.ts: if (sha256Hash === hash('sha256', query)) return null;",
    // The name of a kind of token.
    "src/http/token-route.ts: if ((get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {",
    // The caller's own record, found by a digest of its idempotency key: the caller compares its own input.
    "src/log/idempotency.ts: return Buffer.from(record.inputDigest).equals(inputDigest) ? record : 'CONFLICT';",
    // The hash of a module's files, which is public.
    'src/policies/runtime/run-modules.ts: const isOther = (other: string) => other !== hash && !isOwn(other);',
    // The id of a sealing key, which is in the clear in every sealed value.
    'src/store/sealing.ts: if (!header.subarray(1).equals(this.#keyId)) {',
    // The name of a column of a record in memory.
    'src/verifier/secret-store.ts: if (word === Word.digest) return this.#records.read(record, word);',
  ]);
});

test('timing: the check finds comparisons that are not constant-time, and no others', () => {
  for (const line of [
    'if (found.digest === digest) return;',
    'return hash(text) !== row.passwordHash;',
    'const isRight = token == given.reveal();',
    'if (secret.reveal() === shown) return;',
    'return Buffer.from(a).equals(b);',
    'return Buffer.compare(a, b) === 0;',
  ]) {
    expect(unsafeComparisons(line), line).toEqual([line]);
  }
  for (const line of [
    'if (secret === null) return;',
    "if (typeof token === 'string') return;",
    'return isSameDigest(found.digest, digest);',
    'if (secret.length !== 52) return;',
    '// digest === other',
    "if (code === 'SECRET') return;",
  ]) {
    expect(unsafeComparisons(line), line).toEqual([]);
  }
});

test('timing: the test statistic detects a difference of 1 % and no difference where there is none', () => {
  const times = (mean: number) =>
    Array.from({ length: 5_000 }, (_, index) => mean + ((index * 7_919) % 1_000) / 10_000);
  expect(Math.abs(timingT(times(1), times(1)))).toBeLessThan(4.5);
  expect(Math.abs(timingT(times(1), times(1.01)))).toBeGreaterThan(4.5);
});

test(
  'timing: looking up a secret that is wrong only in its last bits takes as long as any other',
  { timeout: 300_000, retry: 3 },
  async () => {
    const count = isLong ? 20_000 : 5_000;
    const gateway = await openGateway({ isClockTrusted: () => false });
    const bytes = systemRandom(32);
    // A different one each time: a node remembers which secrets are unknown.
    let difference = 0;
    const nearlySame = () => {
      const nearly = Uint8Array.from(bytes);
      difference += 1;
      nearly[31]! ^= difference & 255;
      nearly[30]! ^= difference >> 8;
      return newSecret(() => nearly);
    };
    const input = { realm: 'default', name: 'timed', scopes: [{ action: 'package:push', resource: '**' }] };
    const administrator = await gateway.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
    await gateway.ask(ISSUE_KEY, { input }, await gateway.admin());
    await gateway.prisma.secret.updateMany({ data: { digest: Buffer.from(newSecret(() => bytes).digest()) } });

    const caller = {
      kind: 'ACCOUNT',
      id: administrator.id,
      name: '',
      sessionId: '',
      isAdministrator: true,
      roles: new Map(),
    } as const;
    const check = async (secret: Secret) => {
      const given = { secret: secret.reveal(), purpose: null, consumer: null };
      const beganAt = process.hrtime.bigint();
      const { outcome } = await verifyKey(gateway.services, caller, given);
      const tookNs = Number(process.hrtime.bigint() - beganAt);
      expect(outcome).toBe('KEY_UNKNOWN');
      return tookNs;
    };
    expect(
      (
        await verifyKey(gateway.services, caller, {
          secret: newSecret(() => bytes).reveal(),
          purpose: null,
          consumer: null,
        })
      ).outcome,
    ).toBe('VALID');
    const times: { near: number[]; far: number[] } = { near: [], far: [] };
    for (let warm = 0; warm < 200; warm += 1) await check(nearlySame());
    for (let index = 0; index < count; index += 1) {
      const far = newSecret(systemRandom);
      // In an order that is drawn each time, so that nothing that goes on at regular intervals meets one of them more often.
      const isNearFirst = systemRandom(1)[0]! < 128;
      const near = nearlySame();
      if (isNearFirst) times.near.push(await check(near));
      times.far.push(await check(far));
      if (!isNearFirst) times.near.push(await check(near));
    }
    expect(Math.abs(timingT(times.near, times.far))).toBeLessThan(4.5);
  },
);

test(
  'timing: an unknown email takes as long as a wrong password, and both cost one hash',
  { timeout: 300_000, retry: 3 },
  async () => {
    const count = isLong ? 200 : 40;
    const gateway = await openGateway({
      proxies: new TrustedProxies([{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }]),
      isClockTrusted: () => false,
    });
    // Of several accounts, none of which is tried too often.
    const people = await Promise.all(['ada', 'bea', 'cleo', 'dora'].map((name) => gateway.person(name)));
    expect(people).toHaveLength(4);
    let askedCount = 0;
    const signIn = async (email: string) => {
      askedCount += 1;
      const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
      const from = { 'X-Forwarded-For': `198.51.${askedCount >> 8}.${askedCount & 255}` };
      const hashedBefore = hashing.count;
      const beganAt = performance.now();
      const answer = await gateway.ask(query, { input: { email, password: 'a wrong password' } }, null, from);
      const tookMs = performance.now() - beganAt;
      expect(answer.data['signIn']).toEqual({ __typename: 'InvalidCredentials' });
      expect(hashing.count - hashedBefore).toBe(1);
      return tookMs;
    };
    // One beside the other: what the machine does meanwhile slows both.
    const ratios: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const known = `${['ada', 'bea', 'cleo', 'dora'][index % 4]}@example.com`;
      const unknown = `nobody-${index % 4}@example.com`;
      const first = await signIn(index % 2 === 0 ? known : unknown);
      const second = await signIn(index % 2 === 0 ? unknown : known);
      ratios.push(index % 2 === 0 ? first / second : second / first);
    }
    const ratio = median(ratios);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  },
);
