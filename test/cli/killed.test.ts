import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { issue } from '../support/issue.ts';
import { openRenewalWorld, type RenewalWorld } from '../support/renewal-world.ts';
import { runCommand } from '../support/command.ts';

/** Sent with the key's own secret, which does not count as use. */
const OWN = '{ viewer { ... on Key { state } } }';
const activeReply = { data: { viewer: { state: 'ACTIVE' } } };

const preload = fileURLToPath(new URL('../support/kill-at.ts', import.meta.url));

/** Sets up a machine with a registered key, as `keytide keep` would, and with hooks. */
async function openMachine(world: RenewalWorld, name: string, hooks: object = {}) {
  const issued = await issue(world.gateway, await world.gateway.admin(), { name, lifetime: 'P90D' });
  const home = world.path(name);
  mkdirSync(`${home}/.config/keytide/keys`, { recursive: true });
  const configuration = {
    url: world.gateway.url,
    keyId: issued.id,
    secretFile: `${home}/secret`,
    proof: 'accepted',
    deploy: [
      { to: 'dotenv', file: `${home}/.env`, name: 'ACME_KEY' },
      { to: 'exec', command: `cat >> ${home}/deployed`, secret: 'stdin' },
    ],
    hooks: { before: 'true', after: `echo "$KEYTIDE_OUTCOME" >> ${home}/after`, ...hooks },
  };
  writeFileSync(`${home}/.config/keytide/keys/release.json`, JSON.stringify(configuration), { mode: 0o600 });
  writeFileSync(`${home}/secret`, `${issued.secret}\n`, { mode: 0o600 });
  writeFileSync(`${home}/.env`, 'OTHER=1\n', { mode: 0o600 });
  return { ...issued, home };
}

/** Runs `keytide renew` until it is killed at a call, by number; 0: to its end. Returns the names of its calls. */
async function renewKilledAt(home: string, killAt: number) {
  const log = `${home}/calls`;
  const env = { KILL_AT: String(killAt), KILL_LOG: log };
  const run = await runCommand(['renew', '--json'], { home, env, node: ['--import', preload] });
  return { run, calls: readFileSync(log, 'utf8').trimEnd().split('\n') };
}

/**
 * Picks every other call with a lasting effect: between them no visible state changes. Picks all calls in long tests.
 */
function pickKillPoints(calls: readonly string[]): number[] {
  const numbers = [...calls.keys()].map((index) => index + 1);
  if (process.env['KEYTIDE_TEST_LONG'] !== undefined) return numbers;
  const isTelling = (call: string) => /^(?:(?:ask|lose .* to) (?!OwnKey)|rename|unlink|spawn|appendFile)/.test(call);
  return numbers.filter((number) => isTelling(calls[number - 1]!)).filter((_, index) => index % 2 === 0);
}

async function expectDone(
  world: RenewalWorld,
  { id, home, secret }: Awaited<ReturnType<typeof openMachine>>,
  label: string,
) {
  const fresh = readFileSync(`${home}/secret`, 'utf8').trim();
  expect(fresh, label).not.toBe(secret);
  expect(await world.verify(fresh), label).toBe('VALID');
  expect(await world.verify(secret), label).toBe('SECRET_RETIRED');
  expect(readFileSync(`${home}/.env`, 'utf8'), label).toBe(`OTHER=1\nACME_KEY=${fresh}\n`);
  expect(new Set(readFileSync(`${home}/deployed`, 'utf8').trim().split('\n')), label).toEqual(new Set([fresh]));
  expect(new Set(readFileSync(`${home}/after`, 'utf8').trim().split('\n')), label).toEqual(new Set(['ROTATED']));
  const types = await world.eventTypes(id);
  expect(types.filter((type) => type === 'KEY_ROTATION_STARTED').length, label).toBe(1);
  expect(types.filter((type) => type === 'KEY_RENEWED').length, label).toBe(1);
  expect(types, label).not.toContain('KEY_ROTATION_UNDONE');
  expect(readdirSync(`${home}/.local/state/keytide/journals`), label).toEqual([]);
  const leftovers = readdirSync(home, { recursive: true }).filter((path) => String(path).includes('keytide-new'));
  expect(leftovers, label).toEqual([]);
}

test(
  'renew killed: killed at any call, the next run succeeds, with one rotation and no secret lost',
  { timeout: 600_000 },
  async () => {
    const world = await openRenewalWorld();
    await world.wantRotation('P60D');
    const whole = await openMachine(world, 'whole');
    await world.gateway.travel(56 * DAY_MS);
    const { calls } = await renewKilledAt(whole.home, 0);
    await expectDone(world, whole, 'not killed');
    // Its requests, writes and processes.
    const way = [
      'ask Renew',
      'lose the answer to Renew',
      'rename .release.json.keytide-new',
      'rename .secret.keytide-new',
    ];
    for (const name of [...way, 'rename ..env.keytide-new', 'ask Confirm', 'unlink release.json']) {
      expect(calls).toContain(name);
    }
    for (const killAt of pickKillPoints(calls)) {
      const label = `killed before call ${killAt} of ${calls.length}: ${calls[killAt - 1]!}`;
      const machine = await openMachine(world, `killed-${killAt}`);
      await world.gateway.travel(56 * DAY_MS);
      const { run } = await renewKilledAt(machine.home, killAt);
      expect(run.status, `${label} ${run.stderr}`).toBeNull();
      const next = await runCommand(['renew', '--json'], { home: machine.home });
      expect(next.status, `${label} ${next.stderr} ${next.stdout}`).toBe(0);
      await expectDone(world, machine, label);
    }
  },
);

/** Sets up a machine whose next run rolls the rotation back: most of the grace period is over, and the proof fails. */
async function openLateMachine(world: RenewalWorld, name: string) {
  const machine = await openMachine(world, name, { prove: 'false' });
  expect((await runCommand(['renew', 'release', '--rotate'], { home: machine.home })).status).toBe(69);
  const journal = `${machine.home}/.local/state/keytide/journals/release.json`;
  const startedAt = new Date(Date.now() - 20 * HOUR_MS).toISOString();
  writeFileSync(journal, JSON.stringify({ ...JSON.parse(readFileSync(journal, 'utf8')), startedAt }));
  return machine;
}

test(
  'renew killed: killed at any call of a rollback, every place has a valid secret, and finally the old one',
  { timeout: 600_000 },
  async () => {
    const world = await openRenewalWorld();
    const whole = await openLateMachine(world, 'whole');
    const { run, calls } = await renewKilledAt(whole.home, 0);
    expect(run.json.keys).toMatchObject([{ outcome: 'TAKEN_BACK', status: 75 }]);
    expect(calls).toContain('ask Undo');
    for (const killAt of [0, ...pickKillPoints(calls)]) {
      const label = `killed before call ${killAt} of ${calls.length}: ${calls[killAt - 1] ?? 'none'}`;
      const { id, home, secret } = killAt === 0 ? whole : await openLateMachine(world, `killed-${killAt}`);
      const held = () => [
        readFileSync(`${home}/secret`, 'utf8').trim(),
        /^ACME_KEY=(.*)$/m.exec(readFileSync(`${home}/.env`, 'utf8'))?.[1],
        readFileSync(`${home}/deployed`, 'utf8').trim().split('\n').at(-1),
      ];
      if (killAt > 0) {
        expect((await renewKilledAt(home, killAt)).run.status, label).toBeNull();
        for (const one of new Set(held()))
          expect(await world.gateway.ask(OWN, {}, one), label).toMatchObject(activeReply);
        expect([0, 75], label).toContain((await runCommand(['renew'], { home })).status);
      }
      expect(new Set(held()), label).toEqual(new Set([secret]));
      expect(await world.gateway.ask(OWN, {}, secret), label).toMatchObject(activeReply);
      const types = await world.eventTypes(id);
      expect(types.filter((type) => type === 'KEY_ROTATION_UNDONE').length, label).toBe(1);
      expect(readdirSync(`${home}/.local/state/keytide/journals`), label).toEqual([]);
    }
  },
);
