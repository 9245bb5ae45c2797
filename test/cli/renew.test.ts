import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { openKeepingWorld } from '../support/keeping-world.ts';

test('renew: a key that is not due is left as it is, and one that is due lives on', async () => {
  const world = await openKeepingWorld();
  const { id, secret } = await world.keep('release');
  const early = await world.renew();
  expect(early.status).toBe(0);
  expect(early.keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
  await world.untilDue(secret);
  const due = await world.renew();
  expect(due.keys['release'], due.stderr).toMatchObject({ outcome: 'RENEWED', status: 0 });
  expect(due.keys['release']!.stopsAt).toBe(new Date(world.gateway.clock.now().getTime() + 90 * DAY_MS).toISOString());
  expect(await world.eventTypes(id)).toEqual(['KEY_ISSUED', 'KEY_RENEWED']);
  expect(world.secretOf('release')).toBe(secret);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
});

test('renew: where policy wants it the secret is replaced, and the old one retires when everyone has moved', async () => {
  const world = await openKeepingWorld();
  await world.wantRotation('P60D');
  const { id, secret } = await world.keep('release', '--deploy', 'dotenv', 'file=app.env', 'name=ACME_KEY');
  expect(await world.verify(secret, 'core')).toBe('VALID');
  await world.untilDue(secret);
  const waiting = await world.renew();
  expect(waiting.keys['release'], waiting.stderr).toMatchObject({ outcome: 'WAITING', status: 0 });
  const fresh = world.secretOf('release');
  expect(fresh).not.toBe(secret);
  expect(world.read('app.env')).toBe(`ACME_KEY=${fresh}\n`);
  expect(await world.verify(secret, 'core')).toBe('VALID');
  expect((await world.renew()).keys['release']).toMatchObject({
    outcome: 'WAITING',
    message: expect.stringContaining('no verifier has seen the new secret yet'),
  });
  await world.verify(fresh, 'other');
  expect((await world.renew()).keys['release']!.message).toContain('not seen on the new secret yet: core');
  await world.verify(fresh, 'core');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED', status: 0 });
  expect(await world.verify(secret, 'core')).toBe('SECRET_RETIRED');
  expect(await world.eventTypes(id)).toEqual([
    'KEY_ISSUED',
    'KEY_FIRST_USED',
    'KEY_RENEWED',
    'KEY_ROTATION_STARTED',
    'KEY_FIRST_USED',
    'KEY_ROTATION_COMPLETED',
    'KEY_SECRET_REUSED',
  ]);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
});
