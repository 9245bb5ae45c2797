import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { policyChecks } from '../../src/policies/check/policy-checks.ts';
import { z, type Policy } from '../../src/policies/contract.ts';
import type { PolicyCases } from './policy-case.ts';
import { runCheck } from './run-check.ts';
import { parseDuration } from '../../src/domain/duration.ts';
import { configSchemaOf } from '../../src/policies/runtime/child/config-schema.ts';

const plugins = new URL('../../plugins/', import.meta.url);
const modules = readdirSync(plugins).filter((file) => file.endsWith('.ts'));

/** So many keys are asked about with each configuration. */
const KEYS = 2_000;

describe.each(modules)('plugins/%s', async (file) => {
  const { default: policy } = (await import(new URL(file, plugins).href)) as { default: Policy };
  const examples = policy.config.meta()?.['examples'] as unknown[];

  test(`${policy.name}: it keeps the contract, with {} and with each of its examples`, async () => {
    const { status, output, failed } = await runCheck(`plugins/${file}`);
    expect(failed, output).toEqual([]);
    for (const title of Object.values(policyChecks)) expect(output).toContain(`holds  ${title}`);
    expect(output).toContain(`${KEYS * (1 + examples.length)} keys: `);
    expect(output).not.toContain('unseen');
    expect(output).toContain('The policy keeps the contract.');
    expect(status).toBe(0);
  });

  test(`${policy.name}: it imports nothing but #policy`, () => {
    const text = readFileSync(new URL(file, plugins), 'utf8');
    expect([...text.matchAll(/from '([^']+)'|import\(/g)].map(([, specifier]) => specifier)).toEqual(['#policy']);
  });
});

const pages = modules.filter((file) => !file.startsWith('_')).map((file) => file.slice(0, -'.ts'.length));

describe.each(pages)('docs/policies/%s.md', async (name) => {
  const page = readFileSync(new URL(`../../docs/policies/${name}.md`, import.meta.url), 'utf8');
  const { default: policy } = (await import(new URL(`${name}.ts`, plugins).href)) as { default: Policy };
  const { cases } = (await import(`./${name}.cases.ts`)) as PolicyCases;

  test(`${name}: the presets of the page are the examples of the module`, () => {
    const presets = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, block]) => JSON.parse(block ?? ''));
    expect(presets).toEqual(policy.config.meta()?.['examples']);
  });

  test(`${name}: the table of the page has the members of the configuration, with their defaults`, () => {
    const { properties = {} } = z.toJSONSchema(policy.config, { io: 'input' });
    const members = Object.entries(properties).map(([member, schema]) => [member, written(defaultOf(schema))]);
    const rows = [...page.matchAll(/^\| `([a-z]\w+)` +\| (.+?) +\|/gm)].map(([, member, given]) => [member, given]);
    expect(rows).toEqual(members);
  });

  test(`${name}: its JSON Schema has a title and a description of each member, bounds, and what null means`, () => {
    const { properties = {} } = configSchemaOf(policy.config) as { properties?: Record<string, any> };
    for (const [member, schema] of Object.entries(properties)) {
      expect([member, schema.title, schema.description]).toEqual([member, expect.any(String), expect.any(String)]);
      expect([member, schema.nullMeans]).toEqual([member, undefined]);
      const [value = schema, nothing] = schema.anyOf ?? [];
      if (nothing !== undefined) expect(nothing).toEqual({ type: 'null', description: expect.stringMatching(/\.$/) });
      if (value.format !== 'duration') continue;
      expect([member, value.formatMinimum, value.formatMaximum]).toEqual([
        member,
        expect.any(String),
        expect.any(String),
      ]);
      for (const bound of [value.formatMinimum, value.formatMaximum]) expect(parseDuration(bound)).toHaveProperty('ms');
    }
  });

  test(`${name}: the page has each reason that a case was given, and no other`, () => {
    const given = new Set(cases.map(({ verdict }) => verdict.reason.code));
    const told = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(told.sort()).toEqual([...given].sort());
  });
});

/** What a page writes as people do. */
function written(value: unknown): string {
  if (value === undefined) return 'as `idle`';
  if (value === 2 / 3) return '`2/3`';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function defaultOf(schema: unknown): unknown {
  return (schema as { default?: unknown }).default;
}
