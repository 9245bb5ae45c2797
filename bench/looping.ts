// Measures what modules that loop cost everybody else: npm run bench:looping [-- <pairs of blocks>]
//
// Binds 1, 3 and 12 modules that never return, in SHADOW, in one realm of a fresh embedded PostgreSQL, while its keys are
// reviewed. Blocks of operations with and without the modules run in turn; each block binds them anew, so that no node knows
// yet that they loop. Prints the median and the 99th percentile of each write and of a verification, without → with, in
// milliseconds: in another realm, and in the same one.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindPolicy } from '../src/bindings/bind.ts';
import { unbindPolicy } from '../src/bindings/unbind.ts';
import { isFailure, type Failure } from '../src/domain/failure.ts';
import { parseSecret } from '../src/domain/secret.ts';
import { loadSecrets } from '../src/keys/table/load-secrets.ts';
import { holdKey } from '../src/keys/hold.ts';
import { issueKey } from '../src/keys/issue.ts';
import { renewKey } from '../src/keys/renew.ts';
import { revokeKey } from '../src/keys/revoke.ts';
import { rotateKey } from '../src/keys/rotate.ts';
import { ReviewLoop } from '../src/keys/review-loop.ts';
import { UseRecorder } from '../src/keys/use-recorder.ts';
import { createRealm } from '../src/realms/create-realm.ts';
import { openPolicyBench } from './policy-bench.ts';

/** The durations of operations, by their names. */
class Times {
  readonly #all = new Map<string, number[]>();

  async time<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
    const from = performance.now();
    const value = await run();
    this.#all.set(name, [...(this.#all.get(name) ?? []), performance.now() - from]);
    return value;
  }

  names(): readonly string[] {
    return [...this.#all.keys()];
  }

  at(name: string, share: number): number {
    const sorted = (this.#all.get(name) ?? []).toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  }
}

const pairs = Number(process.argv[2] ?? 8);
/** Operations of each kind in a block. */
const ROUNDS = 4;
const HOSTILE_MAX = 12;
const bench = await openPolicyBench((extraDir) => {
  mkdirSync(extraDir);
  for (let index = 0; index < HOSTILE_MAX; index += 1) {
    writeFileSync(
      join(extraDir, `loop-${index}.ts`),
      `import { definePolicy, z } from '#policy';
export default definePolicy({
  name: 'loop-${index}', version: '1.0.0', title: 'Loops', summary: 'Never returns.', config: z.strictObject({}),
  expiry: () => { for (;;); },
});
`,
    );
  }
});
const { core, admin } = bench;
try {
  const uses = new UseRecorder(core, () => undefined);
  const reviewer = new ReviewLoop(
    { ...core, uses, channels: [] },
    { mayReview: () => true, onReviewed: () => undefined, onFailure: (error) => console.error(error) },
  );
  for (const slug of ['hostile', 'other']) succeed(await createRealm(core, admin, { slug, name: slug }));
  const issue = async (realm: string) => {
    const scopes = [{ action: 'keytide:verify', resource: '**' }];
    const issued = succeed(await issueKey(core, admin, { realm, name: 'bench', scopes, labels: [], ask: null }));
    return { keyId: issued.keyId, text: issued.delivery.text?.reveal() ?? '' };
  };
  for (let index = 0; index < 50; index += 1) await issue('hostile');
  reviewer.start();

  const bind = async (index: number) =>
    succeed(await bindPolicy(core, admin, { realm: 'hostile', policy: `loop-${index}`, mode: 'SHADOW' })).bindingId;
  for (const count of [1, 3, HOSTILE_MAX]) {
    const without = new Times();
    const beside = new Times();
    for (let pair = 0; pair < pairs; pair += 1) {
      await runBlock(without);
      const bound: string[] = [];
      for (let index = 0; index < count; index += 1) bound.push(await bind(index));
      await runBlock(beside);
      for (const bindingId of bound) succeed(await unbindPolicy(core, admin, { bindingId }));
      await reviewer.reviewDue();
    }
    console.log(`beside ${count} looping in SHADOW, median and p99 without → with, in ms`);
    for (const name of without.names()) console.log(`  ${name.padEnd(24)} ${compare(name, without, beside)}`);
  }

  async function runBlock(times: Times): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const realm of ['other', 'hostile']) {
        const where = realm === 'other' ? 'another realm' : 'the same realm';
        const time = <Value>(name: string, run: () => Promise<Value>) => times.time(`${name}, ${where}`, run);
        const { keyId, text } = await time('issue', () => issue(realm));
        const secret = parseSecret(text);
        const digest = secret === null ? [] : [Buffer.from(secret.digest()).toString('hex')];
        await time('verify', () => loadSecrets(core, digest));
        await time('renew', async () => succeed(await renewKey(core, admin, { keyId, ask: null, accept: ['EXTEND'] })));
        await time('rotate', async () => succeed(await rotateKey(core, admin, { keyId })));
        await time('hold', async () => succeed(await holdKey(core, admin, { keyId, reason: 'bench' })));
        await time('revoke', async () => succeed(await revokeKey(core, admin, { keyId, reason: 'bench' })));
      }
    }
  }
  await reviewer.stop();
} finally {
  await bench.close();
}

function compare(name: string, without: Times, beside: Times): string {
  const [a, b] = [0.5, 0.99].map((share) => {
    const [from, to] = [without.at(name, share), beside.at(name, share)];
    return `${from.toFixed(0)} → ${to.toFixed(0)} (${to >= from ? '+' : ''}${(to - from).toFixed(0)})`;
  });
  return `median ${a}, p99 ${b}`;
}

function succeed<Value extends object>(result: Value | Failure): Value {
  if (isFailure(result)) throw new Error(`${result.failure}: ${result.message}`);
  return result;
}
