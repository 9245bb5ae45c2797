import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { SECOND_MS } from '../../src/domain/duration.ts';
import { describeSettings } from '../../src/settings/describe-settings.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { settingTable } from '../../src/settings/table.ts';
import { Canary, MARKER } from '../support/canary.ts';
import { openGateway } from '../support/gateway.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { strangersOf } from '../support/strangers.ts';
import { openTown } from '../support/town.ts';

const SETTINGS = '{ settings { name description accepts isSecret source value defaultText } }';
const NODES =
  '{ gatewayNodes { nodeId isAnswering seenAt startedAt release formats modules { hash name isCurrent } } }';

/** An environment that gives every secret, each with the marker of the canary. */
function secretEnvironment() {
  const bytes = Buffer.from(MARKER.padEnd(32, '!'));
  const file = join(scratchFolder(), 'admin-password');
  writeFileSync(file, `${MARKER} of the administrator`);
  return {
    DATABASE_URL: `postgresql://keytide:${MARKER}@db:5432/keytide`,
    KEYTIDE_ADMIN_PASSWORD_FILE: file,
    KEYTIDE_SEALING_KEY: bytes.toString('base64'),
    KEYTIDE_SMTP_URL: `smtps://keytide:${MARKER}@mail:465`,
    KEYTIDE_MAIL_FROM: 'Keytide <keytide@example.com>',
    KEYTIDE_LEAK_SOURCES: `scanner=whsec_${bytes.toString('base64')}`,
    KEYTIDE_LOG_LEVEL: 'debug',
  };
}

test('settings: an administrator sees all of them with their source, and no value of a secret', async () => {
  const environment = secretEnvironment();
  readSettings(environment);
  const gateway = await openGateway({ settings: describeSettings(environment) });
  const { data } = await gateway.ask(SETTINGS, {}, await gateway.admin());
  const text = JSON.stringify(data);
  const canary = new Canary();
  canary.watch('sealing key', environment.KEYTIDE_SEALING_KEY);
  expect(canary.findIn(text)).toEqual([]);
  expect(text).not.toContain(environment.KEYTIDE_ADMIN_PASSWORD_FILE);
  const settings: Record<string, any> = Object.fromEntries(data['settings'].map((row: any) => [row.name, row]));
  expect(Object.keys(settings)).toEqual(Object.values(settingTable).map(({ name }) => name));
  const secrets = data['settings'].filter(({ isSecret }: any) => isSecret);
  expect(secrets.map(({ name, source, value }: any) => [name, source, value])).toEqual([
    ['DATABASE_URL', 'ENVIRONMENT', null],
    ['KEYTIDE_ADMIN_PASSWORD', 'FILE', null],
    ['KEYTIDE_SEALING_KEY', 'ENVIRONMENT', null],
    ['KEYTIDE_SMTP_URL', 'ENVIRONMENT', null],
    ['KEYTIDE_LEAK_SOURCES', 'ENVIRONMENT', null],
  ]);
  expect(settings['KEYTIDE_LOG_LEVEL']).toMatchObject({ source: 'ENVIRONMENT', value: 'debug', defaultText: 'info' });
  expect(settings['PORT']).toMatchObject({ source: 'DEFAULT', value: '4000' });
  expect(settings['KEYTIDE_POLICIES_DIR']).toMatchObject({ source: 'DEFAULT', value: null, defaultText: 'none' });
});

test('nodes: an administrator sees those that run, with their release and modules, until their heartbeat is too old', async () => {
  const first = await openGateway();
  const { clock, prisma } = first;
  const second = await openGateway({ database: first.database, clock });
  const before = { id: 'node_before', seenAt: clock.now(), hashes: ['of a module that nobody has'], current: [] };
  await prisma.node.create({ data: before });
  const nodesOf = async (gateway: typeof first) =>
    (await gateway.ask(NODES, {}, await gateway.admin())).data['gatewayNodes'] as any[];
  const found = await nodesOf(first);
  expect(found).toHaveLength(3);
  const { version } = packageJson;
  expect(found[0]).toMatchObject({ nodeId: first.services.nodeId, isAnswering: true, release: version });
  expect(found[0]).toMatchObject({ startedAt: clock.now().toISOString(), seenAt: clock.now().toISOString() });
  const names = found[0].modules.map(({ name }: any) => name);
  expect(names).toEqual(names.toSorted());
  expect(names).toContain('active-never-expires');
  expect(found.find(({ nodeId }) => nodeId === 'node_before')).toMatchObject({
    isAnswering: false,
    release: null,
    startedAt: null,
    modules: [{ name: null, isCurrent: false }],
  });
  expect((await nodesOf(second))[0]).toMatchObject({ nodeId: second.services.nodeId, isAnswering: true });
  await second.stop();
  await prisma.node.update({
    where: { id: 'node_before' },
    data: { seenAt: new Date(clock.now().getTime() - 31 * SECOND_MS) },
  });
  expect((await nodesOf(first)).map(({ nodeId }) => nodeId)).toEqual([first.services.nodeId]);
});

test('settings, nodes: callers other than administrators see none', async () => {
  const town = await openTown();
  const callers = [town.olga.token, town.ann.token, town.mia.token];
  const strangers = (await strangersOf(town)).flatMap(({ credential }) => credential ?? []);
  for (const credential of [...callers, ...strangers]) {
    for (const query of [SETTINGS, NODES]) {
      const { data } = await town.gateway.ask(query, {}, credential);
      expect(Object.values(data ?? {}).flat()).toEqual([]);
    }
  }
});
