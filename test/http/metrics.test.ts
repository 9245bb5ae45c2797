import { register } from 'prom-client';
import request from 'supertest';
import { expect, test } from 'vitest';
import { Metrics } from '../../src/http/metrics.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { startServer } from '../support/http-server.ts';

async function scrape(metrics: Metrics): Promise<string> {
  const { url } = await startServer({ '/metrics': { handle: metrics.handle } });
  const answer = await request(url).get('/metrics');
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return answer.text;
}

test('metrics: counters are shown together with the process metrics', async () => {
  const metrics = new Metrics();
  metrics.verifications.inc({ outcome: 'VALID' }, 3);
  metrics.events.inc({ type: 'KEY_ISSUED' });
  metrics.reviews.inc(2);
  const text = await scrape(metrics);
  expect(text).toContain('\nkeytide_verifications_total{outcome="VALID"} 3\n');
  expect(text).toContain('\nkeytide_events_total{type="KEY_ISSUED"} 1\n');
  expect(text).toContain('\nkeytide_reviews_total 2\n');
  expect(text).toMatch(/\nprocess_resident_memory_bytes \d+\n/);
  expect(text).toMatch(/\nnodejs_eventloop_lag_seconds /);
});

test('metrics: a gauge is read at each scrape; one that fails is missing without affecting the others', async () => {
  const metrics = new Metrics();
  let length = 3;
  metrics.addGauge('keytide_password_queue_length', 'Waiting.', () => length);
  metrics.addGauge('keytide_log_follower_lag_seconds', 'Behind.', async () => {
    if (length > 3) throw new Error('KTCANARY');
    return await Promise.resolve(0.5);
  });
  const first = await scrape(metrics);
  expect(first).toContain('\nkeytide_password_queue_length 3\n');
  expect(first).toContain('\nkeytide_log_follower_lag_seconds 0.5\n');
  length = 7;
  const second = await scrape(metrics);
  expect(second).toContain('\nkeytide_password_queue_length 7\n');
  expect(second).not.toMatch(/\nkeytide_log_follower_lag_seconds \S/);
  expect(second).not.toContain('KTCANARY');
});

test('metrics: names follow Prometheus: counters end in _total, times are in seconds, all have a help text', async () => {
  const text = await scrape(new Metrics());
  const types = [...text.matchAll(/^# TYPE (keytide_\w+) (\w+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(types.length).toBeGreaterThanOrEqual(4);
  for (const { name, type } of types) {
    expect(name, name).toMatch(/^[a-z][a-z\d_]*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(name, name).not.toMatch(/_(ms|milliseconds|minutes)(_|$)/);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
  }
});

test('metrics: two instances in one process are separate, and the global registry stays empty', async () => {
  const [one, two] = [new Metrics(), new Metrics()];
  one.verifications.inc({ outcome: 'VALID' });
  expect(await scrape(two)).not.toContain('outcome="VALID"');
  expect(await register.getMetricsAsArray()).toEqual([]);
});

test('metrics: the process retains no metrics of a node, and measures itself once for all nodes', async () => {
  const nodes = Array.from({ length: 3 }, () => {
    const node = { queueLength: 3 };
    new Metrics().addGauge('keytide_password_queue_length', 'Waiting.', () => node.queueLength);
    return new WeakRef(node);
  });
  const another = new Metrics();
  await collectGarbage();
  expect(nodes.map((node) => node.deref())).toEqual([undefined, undefined, undefined]);
  const text = await scrape(another);
  expect(text.match(/^# TYPE nodejs_gc_duration_seconds histogram$/gm)).toHaveLength(1);
  expect(text.match(/^# TYPE keytide_events_total counter$/gm)).toHaveLength(1);
});
