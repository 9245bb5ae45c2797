import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { completeFacts } from '../../src/policies/check/complete-facts.ts';
import type { Policy } from '../../src/policies/contract.ts';
import type { PolicyCases } from './policy-case.ts';

/** Fewer would leave an edge out. */
const FEWEST = 8;

const names = readdirSync(new URL('../../plugins/', import.meta.url))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('_'))
  .map((file) => file.slice(0, -'.ts'.length));

test('plugins: the shipped policies are there', () => {
  expect(names).toEqual(
    expect.arrayContaining([
      'active-never-expires',
      'bounded-lifetime',
      'dormant-owner',
      'renewal-window',
      'steady-cadence',
      'unused-expires',
    ]),
  );
});

describe.each(names)('%s', async (name) => {
  const { default: policy } = (await import(`../../plugins/${name}.ts`)) as { default: Policy };
  const { cases, refused } = (await import(`./${name}.cases.ts`)) as PolicyCases;

  test(`${name}: its name is that of its file, and it has enough cases`, () => {
    expect(policy.name).toBe(name);
    expect(cases.length).toBeGreaterThanOrEqual(FEWEST);
  });

  test.each(cases)(`${name}: $title`, ({ decides, facts, config, moment, verdict }) => {
    expect(policy[decides]?.(completeFacts(facts), policy.config.parse(config), moment)).toEqual(verdict);
  });

  test.each(refused)(`${name}: the configuration $config is refused`, ({ config, at }) => {
    const { error } = policy.config.safeParse(config);
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([at]);
  });
});
