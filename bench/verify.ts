/**
 * Measures what a verification costs: npm run bench:verify [-- <keys>]
 *
 * A gateway process on an embedded PostgreSQL with so many keys (default 10,000), all in memory, is asked by POST /verify
 * and by verifyKey over GraphQL, each with the log line of a request as in production. The baseline is a bare node:http
 * that reads the body and answers as many bytes. Fastify that finds each key by a prepared SELECT, and better-auth with
 * API keys of its own on the same PostgreSQL, are measured beside them.
 * The requests come from a process of its own on 32 connections. All run in turn, in five rounds after one to warm up. The results are requests per CPU-second of the server, their
 * ratios to the bare server in the same round, and the times of the answers: medians, with the least and the most. Then
 * the bare server and POST /verify get half of the requests that POST /verify can answer, for the times at that load.
 */
import { reportFigure } from './goals.ts';
import { measureFullLoad, measureP99 } from './verify/measure.ts';
import { spread, spreadOf } from './verify/spread.ts';
import { openVerifyWorld } from './verify/world.ts';

const count = Number(process.argv[2] ?? 10_000);
const ROUND_MS = 3_000;

const world = await openVerifyWorld(count, { withOthers: true });
try {
  const measured = await measureFullLoad(world, { rounds: 5, roundMs: ROUND_MS });
  console.log(`${count} keys, requests per CPU-second`);
  for (const { target, rates, ratios, results } of measured) {
    const p50 = spread(
      results.map((result) => result.p50),
      2,
    );
    const p99 = spread(
      results.map((result) => result.p99),
      2,
    );
    console.log(`${target.name}: ${spread(rates)}, ratio ${spread(ratios, 3)}, p50 ${p50} ms, p99 ${p99} ms`);
  }
  reportFigure('verify', measured[1]?.ratios ?? []);
  reportFigure('verifyKey', measured[2]?.ratios ?? []);

  const counts = (measured[1]?.results ?? []).map((result) => (result.count / ROUND_MS) * 1000);
  const perSecond = Math.round(spreadOf(counts).middle / 2);
  const halfLoad = await measureP99(world, { rounds: 5, roundMs: ROUND_MS, perSecond });
  const bare = halfLoad[0]?.p99s ?? [];
  for (const { target, p99s } of halfLoad) {
    const ratios = p99s.map((p99, round) => p99 / (bare[round] ?? Number.NaN));
    console.log(`${target.name}, ${perSecond} requests/s: p99 ${spread(p99s, 2)} ms, ratio ${spread(ratios, 2)}`);
    if (target === world.targets[1]) reportFigure('halfLoad', ratios);
  }
} finally {
  await world.stop();
}
