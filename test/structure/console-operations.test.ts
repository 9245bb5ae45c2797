import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findOperations } from '../../src/console/tools/find-operations.ts';
import { writeOperationTypes } from '../../src/console/tools/write-operation-types.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test('console: the types of its operations are those of the schema (npm run console:types writes them)', async () => {
  const documents = findOperations(at('src/console'));
  expect(documents.length).toBeGreaterThan(3);
  const { types, overloads } = await writeOperationTypes(readFileSync(at('schema.graphql'), 'utf8'), documents);
  await expect(types).toMatchFileSnapshot(at('src/console/api/operations.ts'));
  await expect(overloads).toMatchFileSnapshot(at('src/console/api/graphql.ts'));
});
