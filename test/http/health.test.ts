import request from 'supertest';
import { expect, test } from 'vitest';
import { Health, type HealthCheck } from '../../src/http/health.ts';
import { ManualClock } from '../support/clock.ts';
import { startServer, type RunningServer } from '../support/http-server.ts';

const fine: HealthCheck = () => ({ isReady: true, message: 'The database responds.' });

async function start(checks: {
  readonly [name: string]: HealthCheck;
}): Promise<RunningServer & { health: Health; clock: ManualClock }> {
  const clock = new ManualClock();
  const health = new Health(clock, checks, '1.2.3');
  const routes = { '/livez': { handle: health.live }, '/readyz': { handle: health.ready } };
  return { ...(await startServer(routes)), health, clock };
}

test('health: /livez answers 200 whatever the checks say', async () => {
  const { url } = await start({ database: () => ({ isReady: false, message: 'It is gone.' }) });
  const answer = await request(url).get('/livez');
  expect([answer.status, answer.body]).toEqual([200, { status: 'ALIVE', version: '1.2.3' }]);
});

test('health: /readyz answers 200 if every check passes', async () => {
  const { url } = await start({ database: fine, clock: () => ({ isReady: true, message: '3 ms off.' }) });
  const answer = await request(url).get('/readyz');
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    status: 'READY',
    checks: {
      database: { isReady: true, message: 'The database responds.' },
      clock: { isReady: true, message: '3 ms off.' },
    },
  });
});

test('health: /readyz answers 503 and names the check that fails or throws', async () => {
  const { url, entries } = await start({
    database: async () => {
      await new Promise(setImmediate);
      throw new Error('KTCANARY at db.internal');
    },
    follower: () => ({ isReady: false, message: '40 s behind.' }),
    clock: fine,
  });
  const answer = await request(url).get('/readyz');
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({
    status: 'NOT_READY',
    checks: {
      database: { isReady: false, message: 'The check failed; the log of the gateway has the details.' },
      follower: { isReady: false, message: '40 s behind.' },
      clock: { isReady: true, message: 'The database responds.' },
    },
  });
  expect(entries[0]).toMatchObject({ level: 'warn', check: 'database', err: { message: 'KTCANARY at db.internal' } });
});

test('health: a check that throws synchronously counts as failed', async () => {
  const { url } = await start({
    database: () => {
      throw new Error('no');
    },
  });
  expect((await request(url).get('/readyz')).status).toBe(503);
});

test('health: a check that hangs counts as failed after 2 s, and is not started again before it has ended', async () => {
  let startedCount = 0;
  let started = Promise.withResolvers<void>();
  let hanging = Promise.withResolvers<{ isReady: boolean; message: string }>();
  const { url, server, clock } = await start({
    database: async () => {
      startedCount += 1;
      started.resolve();
      return await hanging.promise;
    },
  });
  const first = request(url).get('/readyz');
  const answered = first.then((answer) => answer);
  await started.promise;
  clock.advance(2_000);
  const late = { isReady: false, message: 'The check took longer than 2 s.' };
  expect((await answered).body).toEqual({ status: 'NOT_READY', checks: { database: late } });

  const askedAgain = new Promise((resolve) => server.once('request', resolve));
  const second = request(url)
    .get('/readyz')
    .then((answer) => answer);
  await askedAgain;
  // The server handles a request when the turn of the event loop ends in which it arrived.
  await new Promise(setImmediate);
  hanging.resolve({ isReady: true, message: 'Late, but well.' });
  expect((await second).status).toBe(200);
  expect(startedCount).toBe(1);

  started = Promise.withResolvers();
  hanging = Promise.withResolvers();
  hanging.resolve({ isReady: true, message: 'Well.' });
  expect((await request(url).get('/readyz')).body).toMatchObject({ checks: { database: { message: 'Well.' } } });
  expect(startedCount).toBe(2);
});

test('health: a draining gateway is not ready', async () => {
  const { url, health } = await start({ database: fine });
  health.drain();
  const answer = await request(url).get('/readyz');
  expect([answer.status, (answer.body as { status: string }).status]).toEqual([503, 'DRAINING']);
  expect((await request(url).get('/livez')).status).toBe(200);
});
