import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicyRuntime } from '../../../src/policies/runtime/runtime.ts';
import { failing, notLoaded } from './hostile/cases.ts';
import { evaluateDays, currentVersion, manyFacts, MOMENT, policyText, policyWorld, writeText } from './policy-world.ts';

/** Files of what does not even parse have another ending, so that nothing else stumbles over them. */
const loadedName = (file: string) => file.replace(/\.txt$/, '');

describe('runtime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keytide-test-'));
  const hostile = new URL('./hostile/', import.meta.url);
  const closing: (() => Promise<void>)[] = [];
  const world = policyWorld(folder, (close) => void closing.push(close));
  const prototypesBefore = prototypes();
  let runtime: PolicyRuntime;

  beforeAll(async () => {
    writeText(join(world.plugins, 'honest.ts'), policyText());
    for (const file of readdirSync(hostile)) {
      if (file !== 'cases.ts') copyFileSync(new URL(file, hostile), join(world.extra, loadedName(file)));
    }
    runtime = await world.start();
  }, 60_000);

  afterAll(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true });
  });

  test('runtime: every hostile module is in the table, and there are at least forty', () => {
    const named = [...notLoaded, ...failing].map(([file]) => file);
    expect(named.toSorted()).toEqual(
      readdirSync(hostile)
        .filter((file) => file !== 'cases.ts')
        .toSorted(),
    );
    expect(named.length).toBeGreaterThan(40);
  });

  test.each(notLoaded)('runtime: %s is refused, and the problem says why', (file, says) => {
    const problem = runtime.problems().find(({ source }) => source === join(world.extra, loadedName(file)));
    expect(problem?.message).toMatch(says);
    expectFitToTell(problem?.message);
    expect(runtime.versions().map(({ name }) => name)).not.toContain(file.replace(/\..*/, ''));
  });

  test.each(failing)('runtime: %s fails alone, and harms no other module', async (file, kinds, says) => {
    const { hash } = currentVersion(runtime, file.replace(/\..*/, ''))!;
    // What grows from key to key has to be asked about many.
    const facts = manyFacts(file === 'grows-key-by-key.js' ? 300 : 1);
    const question = { hash, config: {}, moment: MOMENT, facts };
    let evaluations = await runtime.evaluate(question);
    // On a busy machine it may not be its turn before the deadline.
    for (let round = 1; round < 10 && evaluations.at(-1) === 'LATER'; round += 1) {
      evaluations = await runtime.evaluate(question);
    }
    const last = evaluations.at(-1)!;
    const fault = typeof last !== 'string' && 'fault' in last ? last.fault : null;
    expect(evaluations).toHaveLength(facts.length);
    expect(kinds).toContain(fault?.kind);
    expect(fault?.message).toMatch(says);
    expectFitToTell(fault?.message);
    expect(await evaluateDays(runtime, currentVersion(runtime, 'honest')!.hash)).toEqual([30]);
    expect(prototypes()).toEqual(prototypesBefore);
  });

  function expectFitToTell(message: string | undefined): void {
    expect(message).toMatch(/^[^\p{Control}\u2028\u2029]{1,300}$/u);
    expect(message).not.toContain(world.store);
    expect(message).not.toContain(process.cwd());
    expect(message).not.toMatch(/kt_Ab1|\n\s+at /);
  }
});

/** What a module would change if it reached this process. */
function prototypes(): string[] {
  const objects = [Object.prototype, Array.prototype, Function.prototype, Promise.prototype, globalThis, JSON, Math];
  return objects.flatMap((object) => Reflect.ownKeys(object).map(String));
}
