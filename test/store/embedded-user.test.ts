import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startEmbedded } from '../../src/store/embedded.ts';
import { findPostgresPrograms, makeProgramsRunnable } from '../../src/store/postgres-programs.ts';
import { findServerUser } from '../../src/store/server-user.ts';
import { dataFolder, PLAIN_USER, runEmbedded, silent } from '../support/embedded-process.ts';

const isRoot = process.getuid?.() === 0;
const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Whether a plain user can run the checkout at all: not when it is below a folder for root alone. */
function isOpenToAll(): boolean {
  return spawnSync('test', ['-x', join(checkout, 'src')], PLAIN_USER).status === 0;
}

/** Connects as a plain user, to a server of another one, and says how that ended. */
function connectAsPlainUser(connectionString: string): string {
  const program = `
    import { Client } from 'pg';
    const client = new Client({ connectionString: process.argv[1] });
    await client.connect().then(() => console.log('connected'), (error) => console.log(error.message));
    await client.end();`;
  const options = { ...PLAIN_USER, cwd: checkout, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program, connectionString], options).stdout.trim();
}

describe.runIf(isRoot)('embedded, started by root', () => {
  test('runs as postgres, on a data folder that is below a folder for root alone', async () => {
    const folder = join(dataFolder(), 'data');
    const { stop } = await startEmbedded({ folder, fsync: false, log: silent });
    const { name, runAs } = findServerUser(join(folder, 'postgres'), silent);
    expect(name).toBe('postgres');
    expect(statSync(dirname(folder)).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'postgres', '.s.PGSQL.5432')).uid).toBe(runAs?.uid);
    await stop();
  });

  test('runs from a checkout that is below a folder for root alone', async () => {
    const scratch = dataFolder();
    const user = findServerUser(join(scratch, 'none'), silent);
    const installed = await findPostgresPrograms(user);
    const mine = join(scratch, 'checkout');
    mkdirSync(mine, { mode: 0o700 });
    spawnSync('cp', ['-R', '-P', dirname(dirname(installed.initdb)), join(mine, 'native')]);
    chmodSync(scratch, 0o755);
    const placed = makeProgramsRunnable(join(mine, 'native'), user, join(scratch, 'cache'));
    expect(placed.initdb.startsWith(join(scratch, 'cache'))).toBe(true);
    expect(placed.major).toBe(installed.major);
    expect(spawnSync(placed.initdb, ['--version'], { ...user.runAs, cwd: '/', encoding: 'utf8' }).stdout).toMatch(/18/);
    expect(makeProgramsRunnable(join(mine, 'native'), user, join(scratch, 'cache'))).toEqual(placed);
  });

  test.runIf(isOpenToAll())('lets no other local user in, even where every permission was loosened', async () => {
    const folder = dataFolder();
    const { connectionString, stop } = await startEmbedded({ folder, fsync: false, log: silent });
    expect(connectAsPlainUser(connectionString)).toMatch(/EACCES/);
    for (const path of ['.', 'postgres', 'postgres/.s.PGSQL.5432']) chmodSync(join(folder, path), 0o777);
    expect(connectAsPlainUser(connectionString)).toMatch(/Peer authentication failed/);
    chmodSync(join(folder, 'postgres'), 0o700);
    await stop();
  });

  test.runIf(isOpenToAll())('on the folder of a plain user runs as that user, who can go on with it', async () => {
    const folder = dataFolder(PLAIN_USER);
    await (await runEmbedded(folder, PLAIN_USER)).end('SIGTERM');
    const { stop } = await startEmbedded({ folder, fsync: false, log: silent });
    expect(statSync(join(folder, 'postgres', '.s.PGSQL.5432')).uid).toBe(PLAIN_USER.uid);
    await stop();
    const again = await runEmbedded(folder, PLAIN_USER);
    expect(again.refusal).toBeUndefined();
  });
});

describe.runIf(!isRoot || isOpenToAll())('embedded, started by a plain user', () => {
  const user = isRoot ? PLAIN_USER : undefined;

  test('runs as that user', async () => {
    const folder = dataFolder(user);
    const gateway = await runEmbedded(folder, user);
    expect(gateway.refusal).toBeUndefined();
    expect(statSync(join(folder, 'postgres', '.s.PGSQL.5432')).uid).toBe(user?.uid ?? process.getuid?.());
    await gateway.end('SIGTERM');
    expect(existsSync(join(folder, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('is taken over by the next gateway of that user after a kill -9', async () => {
    const folder = dataFolder(user);
    await (await runEmbedded(folder, user)).end('SIGKILL');
    expect((await runEmbedded(folder, user)).wasAdopted).toBe(true);
  });

  test.runIf(isRoot)('is refused on a folder of root in one line', async () => {
    const { refusal } = await runEmbedded(dataFolder(), user);
    expect(refusal).toMatch(/^The data folder .* cannot be used \(.+\).*KEYTIDE_DATA_DIR to another folder\.$/);
  });
});

test('embedded: the programs are executable', async () => {
  const { initdb, pgCtl } = await findPostgresPrograms({ name: 'whoever' });
  for (const program of [initdb, pgCtl]) expect(() => accessSync(program, constants.X_OK)).not.toThrow();
});
