import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { completeFacts } from '../../../src/policies/check/complete-facts.ts';
import type { Facts } from '../../../src/policies/contract.ts';
import { PolicyRuntime, type Evaluation, type ModuleVersion } from '../../../src/policies/runtime/runtime.ts';
import { ManualClock } from '../../support/clock.ts';

/** The moment at which everything is asked. */
export const MOMENT = Date.UTC(2026, 10, 23, 12);

export const DAY = 86_400_000;

/** Folders for modules, and runtimes over them. */
export interface PolicyWorld {
  readonly plugins: string;
  readonly extra: string;
  readonly store: string;
  readonly clock: ManualClock;
  /** What was logged, entry by entry. */
  readonly logged: unknown[];
  /** A started runtime, over the same folders as those before it. */
  start(packages?: readonly string[]): Promise<PolicyRuntime>;
}

export function policyWorld(
  folder: string,
  finished: (clean: () => Promise<void>) => void = onTestFinished,
): PolicyWorld {
  const [plugins, extra, store] = ['plugins', 'extra', 'store'].map((name) => join(folder, name));
  for (const path of [plugins!, extra!]) mkdirSync(path, { recursive: true });
  const clock = new ManualClock();
  const logged: unknown[] = [];
  const log = { warn: (...entry: unknown[]) => logged.push(entry), error: (...entry: unknown[]) => logged.push(entry) };
  return {
    plugins: plugins!,
    extra: extra!,
    store: store!,
    clock,
    logged,
    async start(packages = []) {
      const sources = { pluginsDir: plugins!, extraDir: extra!, packages };
      const runtime = new PolicyRuntime({ sources, storeDir: store!, log: log as never, clock });
      finished(() => runtime.stop());
      await runtime.start();
      return runtime;
    },
  };
}

export function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A module that warns so many days after the last activity; the statements run before it does. */
export function policyText({ name = 'honest', days = 30, before = '', head = '' } = {}): string {
  return `
    import { DAY, definePolicy, z } from '#policy';
    ${head}
    export default definePolicy({
      name: '${name}',
      version: '1.0.0',
      title: 'Warns',
      summary: 'Warns after ${days} days.',
      config: z.object({ spare: z.int().min(0).default(0), note: z.string().optional() }),
      dormancy(facts, { spare }) {
        ${before}
        const reason = { code: 'IDLE', sentence: 'It is idle.' };
        return { warnAt: facts.use.activeAt + (${days} + spare) * DAY, holdAt: null, expireAt: null, reason };
      },
    });`;
}

/** Facts of so many keys, the names of which are their numbers. */
export function manyFacts(count: number): Facts[] {
  return Array.from({ length: count }, (_, index) => completeFacts({ key: { id: `key-${index}`, name: `${index}` } }));
}

/** After how many days of a key's activity a warning is given, the kind of the fault, or that it was not asked. */
export function warnDaysOf(evaluation: Evaluation | undefined, facts: Facts = completeFacts()): number | string | null {
  if (evaluation === undefined) return null;
  if (typeof evaluation === 'string') return evaluation;
  if ('fault' in evaluation) return evaluation.fault.kind;
  const warnAt = evaluation.dormancy?.warnAt ?? null;
  return warnAt === null ? null : (warnAt - facts.use.activeAt) / DAY;
}

/** How often keys are evaluated again that were not evaluated before the deadline, as on a busy machine. Reviews do the same. */
const ROUNDS_MAX = 20;

export async function evaluateDays(
  runtime: PolicyRuntime,
  hash: string,
  count = 1,
): Promise<(number | string | null)[]> {
  const days: (number | string | null)[] = Array.from({ length: count }, () => 'LATER');
  const facts = manyFacts(count);
  for (let round = 0; round < ROUNDS_MAX && (round === 0 || days.includes('LATER')); round += 1) {
    const due = [...days.keys()].filter((index) => days[index] === 'LATER');
    const evaluations = await runtime.evaluate({
      hash,
      config: {},
      moment: MOMENT,
      facts: due.map((index) => facts[index]!),
    });
    expect(evaluations).toHaveLength(due.length);
    for (const [place, index] of due.entries()) days[index] = warnDaysOf(evaluations[place]);
  }
  return days;
}

export function currentVersion(runtime: PolicyRuntime, name: string): ModuleVersion | undefined {
  return runtime.versions().find((version) => version.name === name && version.isCurrent);
}

/** The processes for modules that this one has, by their ids. */
export function childIds(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((id) => {
    const path = `/proc/${id}/cmdline`;
    return id > 0 && existsSync(path) && readFileSync(path, 'utf8').includes('runtime/child/main.ts');
  });
}
