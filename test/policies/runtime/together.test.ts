import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluateTogether } from '../../../src/policies/runtime/evaluate-together.ts';
import { createLane } from '../../../src/policies/runtime/lane.ts';
import type { PolicyRuntime } from '../../../src/policies/runtime/runtime.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import {
  childIds,
  currentVersion,
  manyFacts,
  MOMENT,
  policyText,
  policyWorld,
  warnDaysOf,
  writeText,
} from './policy-world.ts';

/** A runtime with modules of these names, the code that each runs before it answers, and their hashes. */
async function withModules(
  modules: Readonly<Record<string, string>>,
): Promise<{ runtime: PolicyRuntime; hashOf: (name: string) => string }> {
  const world = policyWorld(scratchFolder());
  let days = 30;
  for (const [name, before] of Object.entries(modules)) {
    writeText(join(world.plugins, `${name}.ts`), policyText({ name, before, days, head: 'let calls = 0;' }));
    days += 1;
  }
  const runtime = await world.start();
  return { runtime, hashOf: (name) => currentVersion(runtime, name)!.hash };
}

/** Asks a module about one key for a caller who waits, and returns after how many days it warns, or its fault. */
async function ask(runtime: PolicyRuntime, hash: string, name = '0'): Promise<number | string | null> {
  const [facts] = manyFacts(1);
  const named = { ...facts!, key: { ...facts!.key, name } };
  const question = { hash, config: {}, moment: MOMENT, facts: [named], isForRequest: true };
  const [evaluation] = await runtime.evaluate(question);
  return warnDaysOf(evaluation);
}

test('together: each of many questions at once gets the reply of its own module about its own key', async () => {
  const before = 'facts = { use: { activeAt: facts.use.activeAt + Number(facts.key.name) * DAY } };';
  const { runtime, hashOf } = await withModules({ one: before, two: before, three: before });
  const names = ['one', 'two', 'three'];
  // A module is asked beside others once it has returned.
  for (const [index, name] of names.entries()) expect(await ask(runtime, hashOf(name))).toBe(30 + index);
  const asked = Array.from({ length: 400 }, (_, index) => ({ place: index % 3, key: index }));
  const days = await Promise.all(asked.map(({ place, key }) => ask(runtime, hashOf(names[place]!), `${key}`)));
  expect(days).toEqual(asked.map(({ place, key }) => 30 + place + key));
});

test('together: a module that loops for a key delays the questions beside it, and is the only one at fault', async () => {
  const { runtime, hashOf } = await withModules({ honest: '', odd: `if (facts.key.name === '7') for (;;);` });
  for (const name of ['honest', 'odd']) await ask(runtime, hashOf(name));
  const replies = await Promise.all([
    ask(runtime, hashOf('honest'), '7'),
    ask(runtime, hashOf('odd'), '7'),
    ask(runtime, hashOf('honest'), '8'),
  ]);
  expect(replies).toEqual([30, 'LOOPS', 30]);
  expect(runtime.isSteady(hashOf('honest'))).toBe(true);
  expect(runtime.isSteady(hashOf('odd'))).toBe(false);
  expect(await ask(runtime, hashOf('honest'))).toBe(30);
});

test('together: a module that loops now and then is asked alone after two requests that it ended, and is found to loop', async () => {
  const { runtime, hashOf } = await withModules({ honest: '', odd: 'calls += 1; if (calls > 8) for (;;);' });
  for (const name of ['honest', 'odd']) await ask(runtime, hashOf(name));
  const steady: boolean[] = [];
  // Each question alone returns in a new process, because it counts from 0 there.
  for (let round = 0; round < 40 && runtime.isSteady(hashOf('odd')); round += 1) {
    const replies = await Promise.all(['honest', 'odd', 'honest'].map((name) => ask(runtime, hashOf(name))));
    expect(replies).toEqual([30, 31, 30]);
    steady.push(runtime.isSteady(hashOf('odd')));
  }
  expect(steady).toContain(false);
  expect(runtime.isSteady(hashOf('honest'))).toBe(true);
});

test('together: a module that throws spoils only its own reply', async () => {
  const { runtime, hashOf } = await withModules({
    honest: '',
    odd: `if (facts.key.name === '7') throw new Error('no');`,
  });
  for (const name of ['honest', 'odd']) await ask(runtime, hashOf(name));
  expect(
    await Promise.all([
      ask(runtime, hashOf('honest'), '7'),
      ask(runtime, hashOf('odd'), '7'),
      ask(runtime, hashOf('odd')),
    ]),
  ).toEqual([30, 'THROWS', 31]);
});

test('together: a malformed reply leaves only its own question unanswered', async () => {
  const verdicts = { expiry: null, renewal: null, dormancy: null };
  const malformed = [null, 7, 'text', { fault: null }, { fault: { kind: 'THROWS', message: 7 } }];
  const reply = { value: [...malformed.map((one) => [one]), [verdicts]], usedMs: 0 };
  const keeper = {
    load: async () => ({ reply: { described: null }, request: async () => reply }),
    hasLoaded: () => true,
    restart: async () => undefined,
    stop: async () => undefined,
  };
  const askTogether = evaluateTogether(createLane(keeper), () => undefined);
  const asked = reply.value.map((_, index) =>
    askTogether({ hash: `module ${index}`, entry: '' }, { config: {}, moment: MOMENT, facts: manyFacts(1) }),
  );
  expect(await Promise.all(asked)).toEqual([...malformed.map(() => null), [verdicts]]);
});

test('together: questions that a killed process had are asked again', async () => {
  const { runtime, hashOf } = await withModules({ honest: '', other: '' });
  for (const name of ['honest', 'other']) await ask(runtime, hashOf(name));
  for (let round = 0; round < 5; round += 1) {
    const asked = ['honest', 'other', 'honest'].map((name) => ask(runtime, hashOf(name)));
    for (const id of childIds()) process.kill(id, 'SIGKILL');
    expect(await Promise.all(asked)).toEqual([30, 31, 30]);
  }
});

test('together: a stopped runtime answers what waits', async () => {
  const { runtime, hashOf } = await withModules({ honest: '' });
  await ask(runtime, hashOf('honest'));
  const asked = Array.from({ length: 600 }, () => ask(runtime, hashOf('honest')));
  await runtime.stop();
  for (const reply of await Promise.all(asked)) expect([30, 'LATER', 'CRASHES']).toContain(reply);
});
