import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { PolicyRuntime } from '../../../src/policies/runtime/runtime.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import {
  evaluateDays,
  childIds,
  currentVersion,
  manyFacts,
  MOMENT,
  policyText,
  policyWorld,
  warnDaysOf,
  writeText,
} from './policy-world.ts';

/** A runtime with an honest module, and another one that does something before it answers. */
async function withModules(before = '', head = ''): Promise<{ runtime: PolicyRuntime; honest: string; odd: string }> {
  const world = policyWorld(scratchFolder());
  writeText(join(world.plugins, 'honest.ts'), policyText());
  writeText(join(world.plugins, 'odd.ts'), policyText({ name: 'odd', before, head }));
  const runtime = await world.start();
  expect(runtime.problems()).toEqual([]);
  return { runtime, honest: currentVersion(runtime, 'honest')!.hash, odd: currentVersion(runtime, 'odd')!.hash };
}

test('runtime: an evaluation returns one verdict per key, in order, for any number of keys', async () => {
  const { runtime, odd } = await withModules(
    'facts = { use: { activeAt: facts.use.activeAt + Number(facts.key.name) * DAY } };',
  );
  expect(await evaluateDays(runtime, odd, 0)).toEqual([]);
  for (const count of [1, 2, 249, 250, 251, 1_000]) {
    expect(await evaluateDays(runtime, odd, count)).toEqual(Array.from({ length: count }, (_, index) => 30 + index));
  }
});

test('runtime: only the looping key of a batch is reported', async () => {
  const { runtime, odd } = await withModules(`if (facts.key.name === '77') for (;;);`);
  const days = await evaluateDays(runtime, odd, 120);
  expect(days).toEqual(Array.from({ length: 120 }, (_, index) => (index === 77 ? 'LOOPS' : 30)));
});

test('runtime: after three looping keys the others fail without a call', async () => {
  const { runtime, odd } = await withModules('if (Number(facts.key.name) >= 10) for (;;);');
  const began = performance.now();
  const question = { hash: odd, config: {}, moment: MOMENT, facts: manyFacts(1_000) };
  expect(await runtime.evaluate(question)).toHaveLength(1_000);
  expect(performance.now() - began).toBeLessThan(3_500);
  // Again, because on a busy machine the deadline may come before the third of them; the rest is then left for later.
  const days = await evaluateDays(runtime, odd, 1_000);
  expect(days.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 30));
  const loopCount = days.filter((day) => day === 'LOOPS').length;
  expect(loopCount).toBeGreaterThan(0);
  const rest = Array.from({ length: 990 }, (_, index) => (index < loopCount ? 'LOOPS' : 'LATER'));
  expect(days.slice(10)).toEqual(rest);
});

test('runtime: a slow module returns what it evaluates in 3 seconds', async () => {
  const slow =
    'let spins = 0; for (let turn = 0; turn < 4e6; turn += 1) spins += turn % 7; if (spins < 0) return null;';
  const { runtime, odd } = await withModules(slow);
  expect(await evaluateDays(runtime, odd, 20)).toEqual(Array.from({ length: 20 }, () => 30));
  const began = performance.now();
  const evaluations = await runtime.evaluate({ hash: odd, config: {}, moment: MOMENT, facts: manyFacts(1_000) });
  expect(performance.now() - began).toBeLessThan(3_500);
  const days = evaluations.map((evaluation) => warnDaysOf(evaluation));
  expect(days[0]).toBe(30);
  const left = days.filter((day) => day !== 30);
  expect(days).toEqual([...days.filter((day) => day === 30), ...left]);
  // LATER on a busy machine: it had so little processor time that it is not at fault.
  expect([['LOOPS'], ['LATER']]).toContainEqual([...new Set(left)]);
});

test('runtime: a single key passes a batch of thousands', async () => {
  const { runtime, honest } = await withModules();
  const order: string[] = [];
  const large = evaluateDays(runtime, honest, 5_000).then(() => order.push('large'));
  const small = [1, 2, 3].map((count) => evaluateDays(runtime, honest, count).then(() => order.push(`small ${count}`)));
  await Promise.all([large, ...small]);
  expect(order).toEqual(['small 1', 'small 2', 'small 3', 'large']);
});

test('runtime: while one module keeps looping, others are evaluated', async () => {
  const { runtime, honest, odd } = await withModules('for (;;);');
  const question = { hash: odd, config: {}, moment: MOMENT, facts: manyFacts(2) };
  const looping = Array.from({ length: 6 }, () => runtime.evaluate(question));
  const days = await Promise.all(Array.from({ length: 20 }, () => evaluateDays(runtime, honest)));
  expect(days).toEqual(days.map(() => [30]));
  for (const answer of await Promise.all(looping)) {
    expect(answer).toHaveLength(2);
    for (const evaluation of answer) expect(['LOOPS', 'LATER']).toContain(warnDaysOf(evaluation));
  }
});

test('runtime: the memory of one module is not blamed on another', async () => {
  const keep = 'if (facts.key.name === "0") for (let i = 0; i < 4; i += 1) kept.push(new Array(1e6).fill(i + 0.5));';
  const { runtime, honest, odd } = await withModules(keep, 'const kept = [];');
  for (let round = 0; round < 6; round += 1) {
    await evaluateDays(runtime, odd);
    expect(await evaluateDays(runtime, honest, 300)).toEqual(Array.from({ length: 300 }, () => 30));
  }
});

test('runtime: after the process was killed, the evaluation is repeated', async () => {
  const { runtime, honest } = await withModules();
  for (let round = 0; round < 5; round += 1) {
    const answer = evaluateDays(runtime, honest, 3_000);
    for (const id of childIds()) process.kill(id, 'SIGKILL');
    expect(new Set(await answer)).toEqual(new Set([30]));
  }
});

test('runtime: the process has no environment, and may read only what it needs', async () => {
  const { runtime, honest } = await withModules();
  expect(await evaluateDays(runtime, honest)).toEqual([30]);
  const [id, ...others] = childIds();
  expect(others).toEqual([]);
  const environment = readFileSync(`/proc/${id}/environ`, 'utf8').split('\0').filter(Boolean);
  expect(environment.map((entry) => entry.split('=')[0]).toSorted()).toEqual([
    'NODE_CHANNEL_FD',
    'NODE_CHANNEL_SERIALIZATION_MODE',
  ]);
  const allowed = readFileSync(`/proc/${id}/cmdline`, 'utf8')
    .split('\0')
    .filter((argument) => argument.startsWith('--'));
  expect(allowed.filter((argument) => !argument.startsWith('--allow-fs-read='))).toEqual([
    '--permission',
    '--max-old-space-size=64',
    '--max-semi-space-size=8',
    '--disallow-code-generation-from-strings',
  ]);
  expect(allowed.filter((argument) => /=\/?\*?$/.test(argument.replace('size=64', '')))).toEqual([]);
  expect(allowed.join()).not.toMatch(/prisma|settings|store\.ts/);
});

test('runtime: a process that has loaded 300 modules makes room for a new one', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.plugins, 'honest.ts'), policyText());
  const runtime = await world.start();
  const [before] = childIds();
  for (let index = 0; index < 301; index += 1)
    writeText(join(world.plugins, `p${index}.ts`), policyText({ name: `p${index}` }));
  await runtime.refresh();
  expect(runtime.versions()).toHaveLength(302);
  const [after] = childIds();
  expect(after).not.toBe(before);
  expect(await evaluateDays(runtime, currentVersion(runtime, 'honest')!.hash)).toEqual([30]);
  expect(await evaluateDays(runtime, currentVersion(runtime, 'p300')!.hash)).toEqual([30]);
});

test('runtime: a module of others that has never returned runs in a process apart, and shares one once it has returned', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.plugins, 'honest.ts'), policyText());
  const runtime = await world.start();
  const honest = currentVersion(runtime, 'honest')!.hash;
  expect(await evaluateDays(runtime, honest)).toEqual([30]);
  const [shared] = childIds();
  writeText(join(world.extra, 'odd.js'), policyText({ name: 'odd', before: 'if (facts.key.name === "1") for (;;);' }));
  await runtime.refresh();
  const odd = currentVersion(runtime, 'odd')!.hash;
  expect(await runtime.readConfig(odd, { spare: 1 })).toHaveProperty('config');
  expect(childIds()).toHaveLength(2);
  const looping = { hash: odd, config: {}, moment: MOMENT, facts: manyFacts(2).slice(1) };
  const question = { hash: honest, config: {}, moment: MOMENT, facts: manyFacts(1), isForRequest: true };
  const [loop, reply] = await Promise.all([runtime.evaluate(looping), runtime.evaluate(question)]);
  expect([warnDaysOf(loop[0]), warnDaysOf(reply[0])]).toEqual([expect.toBeOneOf(['LOOPS', 'LATER']), 30]);
  expect(childIds()).toContain(shared);
});

test('runtime: there is one process while all modules return; one that loops goes into another, and the first one stays', async () => {
  const { runtime, honest, odd } = await withModules('if (facts.key.name === "1") for (;;);');
  expect(await evaluateDays(runtime, honest, 1_000)).toContain(30);
  expect(await evaluateDays(runtime, odd, 1)).toEqual([30]);
  expect(await runtime.readConfig(honest, { spare: 1 })).toHaveProperty('config');
  expect(childIds()).toHaveLength(1);
  const looping = { hash: odd, config: {}, moment: MOMENT, facts: manyFacts(2) };
  while (warnDaysOf((await runtime.evaluate(looping)).at(-1)) !== 'LOOPS');
  const question = { hash: honest, config: {}, moment: MOMENT, facts: manyFacts(1), isForRequest: true };
  await runtime.evaluate(question);
  const [shared] = childIds();
  await expect.poll(() => childIds().length).toBeGreaterThan(1);
  await Promise.all([runtime.evaluate(looping), runtime.evaluate(question), runtime.evaluate(looping)]);
  expect(childIds()).toContain(shared);
});

test('runtime: if no process can be started, evaluations fail with CRASHES', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.plugins, 'honest.ts'), policyText());
  const runtime = await world.start();
  const { hash } = currentVersion(runtime, 'honest')!;
  rmSync(world.store, { recursive: true });
  for (const id of childIds()) process.kill(id, 'SIGKILL');
  const [evaluation] = await runtime.evaluate({ hash, config: {}, moment: MOMENT, facts: manyFacts(1) });
  expect(warnDaysOf(evaluation)).toBe('CRASHES');
});

test('runtime: an unknown version is MISSING', async () => {
  const { runtime } = await withModules();
  const fault = { kind: 'MISSING', message: `This node has no module version ${'0'.repeat(12)}….` };
  const hash = '0'.repeat(64);
  expect(await runtime.evaluate({ hash, config: {}, moment: MOMENT, facts: manyFacts(2) })).toEqual([
    { fault },
    { fault },
  ]);
  expect(await runtime.readConfig(hash, {})).toEqual({ fault });
  expect(runtime.find(hash)).toBeUndefined();
});

test('runtime: a configuration is stored as written, or refused with its issues and their paths', async () => {
  const { runtime, honest } = await withModules();
  expect(await runtime.readConfig(honest, {})).toEqual({ config: {} });
  expect(await runtime.readConfig(honest, { spare: 5 })).toEqual({ config: { spare: 5 } });
  expect(await runtime.readConfig(honest, { spare: -1, note: 1 })).toEqual({
    issues: [
      { path: ['spare'], message: 'Too small: expected number to be >=0' },
      { path: ['note'], message: 'Invalid input: expected string, received number' },
    ],
  });
  expect(await runtime.readConfig(honest, { spair: 5 })).toEqual({
    issues: [{ path: ['spair'], message: 'Unknown member. Members: spare, note.' }],
  });
  for (const wrong of [undefined, 1n, { note: 'x'.repeat(20_000) }]) {
    expect(await runtime.readConfig(honest, wrong)).toEqual({
      issues: [{ path: [], message: 'Expected JSON of at most 16 kB.' }],
    });
  }
  const [evaluation] = await runtime.evaluate({
    hash: honest,
    config: { spare: 5 },
    moment: MOMENT,
    facts: manyFacts(1),
  });
  expect(warnDaysOf(evaluation)).toBe(35);
});

test('runtime: a schema that throws or loops is a fault of the configuration that is read', async () => {
  const world = policyWorld(scratchFolder());
  const text = (name: string, refine: string) =>
    policyText({ name }).replace('z.object({', `z.object({ a: z.unknown().refine(${refine}),`);
  writeText(join(world.plugins, 'throws.ts'), text('throws', `() => { throw new Error('not today'); }`));
  writeText(join(world.plugins, 'loops.ts'), text('loops', '() => { for (;;); }'));
  const runtime = await world.start();
  const read = (name: string) => runtime.readConfig(currentVersion(runtime, name)!.hash, { a: 1 });
  expect(await read('throws')).toEqual({
    fault: { kind: 'THROWS', message: "Its configuration's schema throws Error: not today" },
  });
  expect(await read('loops')).toMatchObject({ fault: { kind: 'LOOPS' } });
});

test('runtime: a configuration that waits 10 seconds for others is not checked: BUSY, which blames no module', async () => {
  const world = policyWorld(scratchFolder());
  const loops = policyText({ name: 'loops' }).replace(
    'z.object({',
    'z.object({ a: z.unknown().refine(() => { for (;;); }).optional(),',
  );
  writeText(join(world.extra, 'loops.ts'), loops);
  writeText(join(world.extra, 'honest.ts'), policyText());
  const runtime = await world.start();
  const [looping, honest] = ['loops', 'honest'].map((name) => currentVersion(runtime, name)!.hash);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const waiting = [looping!, looping!, honest!].map((hash) =>
    runtime.readConfig(hash, hash === honest ? { spare: 1 } : { a: 1 }),
  );
  // The first one loops. The others wait until they are given up.
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await Promise.all(waiting)).slice(1)).toEqual(['BUSY', 'BUSY']);
  vi.useRealTimers();
  expect(await runtime.readConfig(honest!, { spare: 1 })).toEqual({ config: { spare: 1 } });
});

test('runtime: a configuration is checked as if its module were alone, whatever others change in zod', async () => {
  const world = policyWorld(scratchFolder());
  // Loaded first, and never asked.
  const head = `
    for (const schema of [z.strictObject({}), z.object({}), z.string(), z.number()]) {
      for (const name of ['safeParse', 'parse']) {
        const value = () => ({ success: true, data: {}, error: undefined });
        Object.defineProperty(Object.getPrototypeOf(schema), name, { value, configurable: true });
      }
    }`;
  writeText(join(world.extra, 'a-patch.ts'), policyText({ name: 'a-patch', head }));
  writeText(join(world.extra, 'honest.ts'), policyText());
  const runtime = await world.start();
  expect(runtime.problems()).toEqual([]);
  const [patch, honest] = ['a-patch', 'honest'].map((name) => currentVersion(runtime, name)!.hash);
  const wrong = { spare: 'much' };
  for (let round = 0; round < 2; round += 1) {
    expect(await runtime.readConfig(patch!, wrong)).toEqual({ config: wrong });
    expect(await runtime.readConfig(honest!, wrong)).toHaveProperty('issues');
  }
});

test('runtime: stop settles pending evaluations and ends the process', async () => {
  const { runtime, honest, odd } = await withModules('for (;;);');
  const answers = [evaluateDays(runtime, odd, 100), evaluateDays(runtime, honest, 5_000)];
  await runtime.stop();
  expect(childIds()).toEqual([]);
  for (const answer of await Promise.all(answers)) expect(['LATER', 'LOOPS']).toContain(answer.at(-1));
  expect(await evaluateDays(runtime, honest)).toEqual(['LATER']);
  expect(childIds()).toEqual([]);
});

test('runtime: a signal to the process group does not end the policy process', async () => {
  const { runtime, honest } = await withModules();
  expect(await evaluateDays(runtime, honest)).toEqual([30]);
  const before = childIds();
  for (const id of before) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(id, signal);
  expect(await evaluateDays(runtime, honest, 1_000)).toContain(30);
  expect(childIds()).toEqual(expect.arrayContaining(before));
});
