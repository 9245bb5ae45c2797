// Measures what a rollout costs: npm run bench:rollout [-- <keys>]
//
// Creates keys (default 20,000) of as many owners in a fresh embedded PostgreSQL, with a policy bound to them. Reviews all keys
// without a change, in turn outside a rollout of that binding and in its stage COHORT, and prints the ratio of the CPU times: of
// this process, the policy modules and PostgreSQL, since other programs change them less than the time that passes. Then enforces
// the rollout for all keys, undoes it, and prints how long it took until every stop was restored.

import { bindPolicy } from '../src/bindings/bind.ts';
import { previewPolicy } from '../src/bindings/preview.ts';
import { isFailure } from '../src/domain/failure.ts';
import { ReviewLoop } from '../src/keys/review-loop.ts';
import { UseRecorder } from '../src/keys/use-recorder.ts';
import { maintainLog } from '../src/log/maintain-log.ts';
import { proposeRollout } from '../src/rollouts/propose.ts';
import { RolloutLoop } from '../src/rollouts/rollout-loop.ts';
import { undoRollout } from '../src/rollouts/undo.ts';
import { clock, openPolicyBench } from './policy-bench.ts';
import { cpuParts, cpuTimes, cpuTimesBetween, type CpuTimes } from './verify/cpu-times.ts';
import { spread } from './verify/spread.ts';

const count = Number(process.argv[2] ?? 20_000);
const ROUNDS = 3;
const bench = await openPolicyBench();
const { core, admin, store } = bench;
const { prisma } = core;
try {
  const onFailure = (error: unknown) => console.error(error);
  const uses = new UseRecorder(core, onFailure);
  const options = { mayReview: () => true, onReviewed: () => undefined, onFailure };
  const reviewer = new ReviewLoop({ ...core, uses, channels: [] }, options);
  const loop = new RolloutLoop(core, { mayRun: () => true, onFailure });
  await makeKeys();
  const bound = { realm: 'default', policy: 'active-never-expires', config: { idle: 'P300D' } };
  const { previewToken } = await previewPolicy(core, admin, bound);
  const { bindingId } = successOf(await bindPolicy(core, admin, { ...bound, previewToken }));
  const connect = async () => {
    const client = store.openClient();
    await client.connect();
    return client;
  };
  await maintainLog({ clock, connect, retentionMs: null, signal: new AbortController().signal });
  await reviewer.reviewDue();

  const change = { realm: 'default', bindingId, config: { idle: 'P200D' }, mode: 'ENFORCED' as const };
  const propose = async (atLeastMs: number) => {
    const preview = await previewPolicy(core, admin, change);
    const cohort = { kind: 'COHORT' as const, atLeastMs, share: 0.1, windows: [] };
    const enforced = { kind: 'ENFORCED' as const, atLeastMs: 86_400_000, share: null, windows: [] };
    const shadow = { ...enforced, kind: 'SHADOW' as const, atLeastMs: 0 };
    const stages = [shadow, ...(atLeastMs === 0 ? [] : [cohort]), enforced];
    const texts = { title: 'Shorter', explanation: 'A benchmark.', budget: { owners: 0, share: null } };
    const input = { ...change, ...texts, stages, previewToken: preview.previewToken };
    const { rolloutId } = successOf(await proposeRollout(core, admin, input));
    if (atLeastMs > 0) await loop.runDue();
    await reviewer.reviewDue();
    return rolloutId;
  };
  const undo = async (rolloutId: string) => {
    successOf(await undoRollout(core, admin, { rolloutId }));
    do await reviewer.reviewDue();
    while (await loop.runDue());
  };
  const review = async () => {
    await prisma.binding.updateMany({ where: { id: bindingId }, data: { sweepCursor: '', sweepDone: 0 } });
    return costOf(() => reviewer.reviewDue());
  };

  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const outside = await review();
    const id = await propose(86_400_000);
    const inside = await review();
    await undo(id);
    ratios.push(sumOf(inside.cpu) / sumOf(outside.cpu));
    console.log(`review of ${count} keys outside: ${textOf(outside)}; in a rollout: ${textOf(inside)}`);
  }
  console.log(`ratio of the CPU times: ${spread(ratios, 2)}`);

  const id = await propose(0);
  const enforcing = await costOf(async () => {
    await loop.runDue();
    await reviewer.reviewDue();
  });
  const moved = await countBefore(201);
  console.log(`enforced: ${moved} stops moved in ${textOf(enforcing)}`);
  const undoing = await costOf(() => undo(id));
  console.log(`undone: ${moved - (await countBefore(201))} stops restored in ${textOf(undoing)}`);

  /** Creates keys, each of an account of its own, that were used over the last 150 days. */
  async function makeKeys(): Promise<void> {
    const { id: realmId } = await prisma.realm.findFirstOrThrow();
    await prisma.$executeRaw`
      INSERT INTO "Account" (id, email, name, "passwordHash", "createdAt")
      SELECT 'account_' || lpad(n::text, 26, '0'), n || '@example.com', 'owner ' || n, '', now()
      FROM generate_series(1, ${count}::int) AS n`;
    await prisma.$executeRaw`
      INSERT INTO "Key" (id, "realmId", "accountId", name, scopes, "createdAt", "grantedAt", "activeAt", "lastUsedAt",
                         "stopsAt", "stopsBasis", "reviewAt")
      SELECT 'key_' || lpad(to_hex(n), 26, '0'), ${realmId}, 'account_' || lpad(n::text, 26, '0'), 'key ' || n,
             '[{"action":"package:push","resource":"Acme.*"}]'::jsonb, at, at, at, at, at + interval '395 days', 'BY_USE',
             at + interval '365 days'
      FROM (SELECT n, now() - (n % 150) * interval '1 day' AS at FROM generate_series(1, ${count}::int) AS n) AS drawn`;
    await prisma.$executeRaw`
      INSERT INTO "Secret" (id, "keyId", generation, digest, start, "createdAt")
      SELECT 'secret_' || id, id, 1, sha256(id::bytea), 'kt_', "createdAt" FROM "Key"`;
    await prisma.$executeRaw`ANALYZE`;
  }

  function countBefore(days: number): Promise<number> {
    return prisma.key.count({ where: { stopsAt: { lt: new Date(Date.now() + days * 86_400_000) } } });
  }
} finally {
  await bench.close();
}

interface Cost {
  readonly seconds: number;
  readonly cpu: CpuTimes;
}

async function costOf(run: () => Promise<unknown>): Promise<Cost> {
  const before = cpuTimes(bench.folder);
  const from = performance.now();
  await run();
  return { seconds: (performance.now() - from) / 1000, cpu: cpuTimesBetween(before, cpuTimes(bench.folder)) };
}

function sumOf(cpu: CpuTimes): number {
  return cpuParts.reduce((sum, part) => sum + cpu[part], 0);
}

function textOf({ seconds, cpu }: Cost): string {
  const parts = cpuParts.map((part) => `${part} ${(cpu[part] / 1000).toFixed(2)}`).join(', ');
  return `${seconds.toFixed(1)} s (CPU ${(sumOf(cpu) / 1000).toFixed(2)} s: ${parts})`;
}

function successOf<Result extends object>(result: Result): Exclude<Result, { readonly failure: unknown }> {
  if (isFailure(result)) throw new Error(result.message);
  return result as Exclude<Result, { readonly failure: unknown }>;
}
