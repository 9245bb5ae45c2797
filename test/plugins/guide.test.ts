import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/scratch-folder.ts';
import { codeBlocks, readGuide } from '../docs/read-guide.ts';
import { runCheck } from './run-check.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

test('guide: its policy keeps the contract, wherever the file is', async () => {
  const [policy, ...others] = codeBlocks(readGuide('write-a-policy'), 'ts');
  expect(others).toEqual([]);
  const path = join(scratchFolder(), 'forgotten-experiments.ts');
  writeFileSync(path, policy ?? '');
  const { output, failed, status } = await runCheck(path);
  expect(failed, output).toEqual([]);
  expect(output).toContain('forgotten-experiments 1.0.0, decides dormancy');
  expect(status).toBe(0);

  const configured = await runCheck(path, '--config', '{ "idle": "P30D" }');
  expect(configured.output).toContain('2000 keys: ');
  expect(configured.status).toBe(0);
});

test('guide: its GraphQL is valid, and previews before it binds', () => {
  const documents = ['write-a-policy', 'release-a-policy']
    .flatMap((name) => codeBlocks(readGuide(name), 'graphql'))
    .map((block) => parse(block));
  for (const document of documents) expect(validate(schema, document)).toEqual([]);
  const operations = documents.flatMap(({ definitions }) => definitions);
  const names = operations.map((operation) => operation.kind === 'OperationDefinition' && operation.name?.value);
  expect(names).toEqual(['BindShipped', 'Preview', 'Bind', 'Versions', 'PreviewChange', 'MoveOn']);
});
