import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges } from 'graphql';
import { expect, test } from 'vitest';
import { printedSchema } from '../../src/graphql/schema.ts';

const before = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

test('schema: every operation of the release before is valid', () => {
  expect(findBreakingChanges(buildSchema(before), buildSchema(printedSchema()))).toEqual([]);
});

test('schema: a removed field would be found', () => {
  const without = before.replace('  stopsAt: DateTime\n', '');
  expect(without).not.toBe(before);
  expect(findBreakingChanges(buildSchema(before), buildSchema(without))).not.toEqual([]);
});
