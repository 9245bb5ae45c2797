import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/scratch-folder.ts';
import {
  checkEnvironment,
  checkout,
  findDeployFiles,
  image,
  program,
  readDeployFile,
  readYaml,
} from './deploy-files.ts';

/** Where kubernetes-types has the kinds that are used. */
const types: Readonly<Record<string, string>> = {
  'v1 Namespace': 'core/v1',
  'v1 Service': 'core/v1',
  'v1 PersistentVolumeClaim': 'core/v1',
  'apps/v1 StatefulSet': 'apps/v1',
  'batch/v1 CronJob': 'batch/v1',
  'policy/v1 PodDisruptionBudget': 'policy/v1',
  'networking.k8s.io/v1 NetworkPolicy': 'networking/v1',
};

const [kustomization] = readYaml('kubernetes/kustomization.yaml');
const files: readonly string[] = kustomization.resources;
const objects = files.flatMap((file) => readYaml(`kubernetes/${file}`));
const find = (kind: string) => objects.filter((object) => object.kind === kind);

/** Returns what TypeScript finds wrong with objects as literals of their types, by file: unknown fields, wrong types. */
async function checkTypes(given: Readonly<Record<string, readonly any[]>>): Promise<string> {
  const folder = scratchFolder();
  for (const [name, list] of Object.entries(given)) {
    const lines = list.map((object, index) => {
      const module = types[`${object.apiVersion} ${object.kind}`];
      if (module === undefined) throw new Error(`${object.apiVersion} ${object.kind} has no type here`);
      const path = join(checkout, 'node_modules/kubernetes-types', module);
      return `export const object${index}: import('${path}').${object.kind} = ${JSON.stringify(object)};`;
    });
    writeFileSync(join(folder, name), lines.join('\n'));
  }
  const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--ignoreConfig', '--skipLibCheck', '--module', 'preserve', '--types', ''];
  const running = promisify(execFile)(process.execPath, [compiler, ...options, ...Object.keys(given)], { cwd: folder });
  return running.then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

test('Kubernetes: every object has only fields of its type', async () => {
  const wrong = structuredClone(find('StatefulSet')[0]);
  wrong.spec.template.spec.containers[0].securityContext.readOnlyRootFileSystem = true;
  const found = await checkTypes({ 'objects.ts': objects, 'wrong.ts': [wrong] });
  expect(found.split('\n').filter((line) => line.startsWith('objects.ts'))).toEqual([]);
  expect(found).toMatch(/^wrong\.ts.*readOnlyRootFileSystem/);
});

test('Kubernetes: the kustomization names every file, and the image of this version', () => {
  const own = findDeployFiles('kubernetes/*.yaml').map((path) => path.replace('kubernetes/', ''));
  expect([...files, 'kustomization.yaml'].sort()).toEqual(own);
  const fields = ['apiVersion', 'kind', 'namespace', 'labels', 'resources', 'configMapGenerator', 'images'];
  expect(Object.keys(kustomization)).toEqual(fields);
  expect(kustomization.images.map(({ name, newTag }: any) => `${name}:${newTag}`)).toEqual([image]);
  expect(find('Namespace')[0].metadata.name).toBe(kustomization.namespace);
});

const [nodes] = find('StatefulSet');
const [cronJob] = find('CronJob');
const [generated] = kustomization.configMapGenerator;
const settings = Object.fromEntries(generated.literals.map((line: string) => /^(\w+)=(.*)$/.exec(line)!.slice(1)));

test('Kubernetes: each pod is restricted, and the gateway accepts its settings', () => {
  for (const { spec } of [nodes.spec.template, cronJob.spec.jobTemplate.spec.template]) {
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    });
    const [container, ...others] = spec.containers;
    expect(others).toEqual([]);
    expect(container).toMatchObject({
      image: 'keytide',
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      resources: {
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      },
    });
    const env = Object.fromEntries(container.env.map(({ name, value }: any) => [name, value]));
    expect(checkEnvironment({ ...(container.envFrom === undefined ? {} : settings), ...env })).toEqual([]);
    // Secrets come by reference, as files that are mounted.
    expect(Object.keys(env).filter((name) => !name.endsWith('_FILE'))).toEqual([]);
    const mounts = container.volumeMounts.map(({ mountPath }: any) => mountPath);
    for (const path of Object.values<string>(env)) expect(mounts).toContain(path.replace(/\/[^/]+$/, ''));
    const claims = [nodes, ...find('PersistentVolumeClaim')].flatMap(({ spec: { volumeClaimTemplates }, metadata }) =>
      volumeClaimTemplates === undefined
        ? [metadata.name]
        : volumeClaimTemplates.map((claim: any) => claim.metadata.name),
    );
    const volumes = [...spec.volumes.map(({ name }: any) => name), ...claims];
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
  }
  expect(nodes.spec.template.spec.containers[0].envFrom).toEqual([{ configMapRef: { name: generated.name } }]);
  expect(cronJob.spec.jobTemplate.spec.template.spec.containers[0].args[0]).toContain(`node /app/${program} backup`);
});

test('Kubernetes: selectors lead to the gateway, and its port and probes are those of the gateway', () => {
  const { labels } = nodes.spec.template.metadata;
  const [service] = find('Service');
  expect(service.spec.selector).toEqual(labels);
  expect(service.metadata.name).toBe(nodes.spec.serviceName);
  for (const kind of ['PodDisruptionBudget', 'NetworkPolicy']) {
    const [{ spec }] = find(kind);
    expect((spec.selector ?? spec.podSelector).matchLabels).toEqual(labels);
  }
  const [{ ports, startupProbe, livenessProbe, readinessProbe, lifecycle }] = nodes.spec.template.spec.containers;
  const [, port] = /^ENV PORT=(\d+)$/m.exec(readDeployFile('docker/Dockerfile'))!;
  expect(ports).toEqual([{ name: 'http', containerPort: Number(port) }]);
  expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)).toEqual(
    ['/livez', '/livez', '/readyz'].map((path) => ({ path, port: 'http' })),
  );
  const drainSeconds = Number(lifecycle.preStop.exec.command[1]) + 25;
  expect(nodes.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds);
});
