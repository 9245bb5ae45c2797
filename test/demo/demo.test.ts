import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { openDemoGateway } from '../../src/demo/open-demo-gateway.ts';
import { Stage } from '../../src/demo/stage.ts';
import { STORY_DAYS, tellStory } from '../../src/demo/tell-story.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitFor } from '../support/wait-for.ts';

test('demo: the log shows what the story says, and the folder is removed', { timeout: 600_000 }, async () => {
  const gateway = await openDemoGateway(0);
  onTestFinished(() => gateway.remove());
  const lines: string[] = [];
  const pause = () => Promise.resolve();
  await tellStory({ stage: new Stage(gateway), clock: gateway.clock, tell: (line) => lines.push(line), pause });
  const { prisma } = gateway.node.services;
  const keys = await prisma.key.findMany({ include: { organization: true } });
  const nameOf = new Map(keys.map(({ id, name, organization }) => [id, `${organization?.name}/${name}`]));
  const events = await prisma.event.findMany({ orderBy: { position: 'asc' } });
  const keysWith = (type: string) =>
    [
      ...new Set(events.filter((event) => event.type === type).map(({ keyId }) => nameOf.get(keyId ?? '') ?? '')),
    ].toSorted();

  // Keys of 20 owners, sixty of them for builds.
  expect(new Set(keys.map(({ organizationId }) => organizationId)).size).toBe(20);
  const builds = [...nameOf.values()].filter((name) => /\/(build|test|release)$/.test(name)).toSorted();
  expect(builds).toHaveLength(60);
  // No build was refused, and every build's key renewed itself.
  expect(lines.at(-1)).toMatch(
    new RegExp(`^Day ${STORY_DAYS}  The end: \\d+ renewals in ${STORY_DAYS} days, and 0 builds met`),
  );
  expect(keysWith('KEY_RENEWED').filter((name) => builds.includes(name))).toEqual(builds);
  const renewedByKey = events.filter(({ type, actorKind }) => type === 'KEY_RENEWED' && actorKind === 'KEY');
  expect(renewedByKey.length).toBeGreaterThanOrEqual(60);
  // Notices before each stop: what expired is what was not renewed by hand, and what was never used. Reports are another scene.
  const isReport = (name: string) => name.endsWith('/monthly-report');
  const expired = keysWith('KEY_EXPIRED');
  expect(expired.filter((name) => !isReport(name))).toEqual(['Attic/old-script', 'Reef/laptop']);
  const reef = events.filter(({ keyId, type }) => nameOf.get(keyId ?? '') === 'Reef/laptop' && /EXPIR/.test(type));
  expect(reef.map(({ type }) => type)).toEqual([...Array.from({ length: 4 }, () => 'KEY_EXPIRING'), 'KEY_EXPIRED']);
  // The dormant key: warned, held, expired, each in its time.
  const attic = events.filter(({ keyId }) => nameOf.get(keyId ?? '') === 'Attic/old-script').map(({ type }) => type);
  expect(attic.filter((type) => /DORMANCY|HELD|EXPIRED/.test(type))).toEqual([
    'KEY_DORMANCY_WARNED',
    'KEY_HELD',
    'KEY_EXPIRED',
  ]);
  // The rotation stalls at the straggler, and completes after it has moved.
  const rotation = events.filter(({ type }) => type.startsWith('KEY_ROTATION')).map(({ type }) => type);
  expect(rotation).toEqual(['KEY_ROTATION_STARTED', 'KEY_ROTATION_STALLED', 'KEY_ROTATION_COMPLETED']);
  // The preview tells of the builds, and changes nothing.
  expect(lines.join('\n')).toMatch(/8\d of 87 keys of 20 owners would stop sooner, among them all sixty builds/);
  expect(events.filter(({ type }) => type === 'BRAKE_ENGAGED' || type === 'POLICY_CHANGED')).toEqual([]);
  // The rollout waits for the reply to the objection, is paused by the first broken report, and undone: every report works again.
  const rollouts = events.filter(({ type }) => type.startsWith('ROLLOUT_')).map(({ type }) => type);
  expect(rollouts).toEqual([
    'ROLLOUT_PROPOSED',
    'ROLLOUT_ANSWERED',
    'ROLLOUT_ANSWERED',
    'ROLLOUT_ANSWERED',
    'ROLLOUT_REPLIED',
    'ROLLOUT_EXCEPTION_GRANTED',
    'ROLLOUT_STAGE_BEGAN',
    'ROLLOUT_PAUSED',
    'ROLLOUT_UNDONE',
    'ROLLOUT_ENDED',
  ]);
  const broken = keysWith('KEY_BROKE_CONSUMER').filter(isReport);
  expect(broken).toEqual(expired.filter(isReport));
  expect(broken).toContain('Quartz/monthly-report');
  expect(broken).not.toContain('Iris/monthly-report');
  for (const name of broken) expect(lines.join('\n')).toContain(`The report of ${name.split('/')[0]} runs again`);
  expect(keys.filter(({ name, expiredAt }) => name === 'monthly-report' && expiredAt !== null)).toEqual([]);
  const [rollout] = await prisma.rollout.findMany();
  expect(lines.join('\n')).toContain(`${gateway.url}/rollouts/${rollout?.id}`);
  expect(rollout?.state).toBe('UNDONE');
  expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await gateway.remove();
  expect(existsSync(gateway.folder)).toBe(false);
});

test('demo: Ctrl-C ends it and removes everything; it uses no existing database', { timeout: 240_000 }, async () => {
  const home = scratchFolder();
  const temporary = scratchFolder();
  for (const name of ['DATABASE_URL', 'DATABASE_URL_FILE', 'KEYTIDE_DATA_DIR']) {
    const refused = await runCommand(['demo'], { home, env: { [name]: 'x', TMPDIR: temporary } });
    expect([refused.status, refused.stderr]).toEqual([64, expect.stringContaining('never uses an existing database')]);
  }
  for (const words of [
    ['--speed', '0'],
    ['--speed', 'fast'],
    ['--port', '70000'],
  ]) {
    const { status } = await runCommand(['demo', ...words], { home, env: { TMPDIR: temporary } });
    expect(status).toBe(64);
  }
  expect(readdirSync(temporary)).toEqual([]);
  const child = startCommand(['demo', '--speed', '1'], { home, env: { TMPDIR: temporary } });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  await waitFor(() => expect(seen).toContain('Day   0'));
  expect(seen).toMatch(/^http:\/\/127\.0\.0\.1:\d+ {2}sign in as admin@localhost with the password \S+/);
  expect(readdirSync(temporary)).toHaveLength(1);
  child.kill('SIGINT');
  const [status] = (await once(child, 'exit')) as [number | null];
  expect(status).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
});
