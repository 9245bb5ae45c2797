import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { policiesWith } from '../support/policies.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

/** The blocks of a guide in a language, in its order. */
function blocks(name: string, language: string): string[] {
  const guide = readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8');
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);
}

test('guide to policies: the preview that it shows can be asked for, and tells all that it says', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  await issue(gateway, token);
  const [preview = '', ...others] = blocks('policies', 'graphql');
  expect(others).toEqual([]);
  const { data, errors } = await gateway.ask(preview, {}, token);
  expect(errors).toBeUndefined();
  const { changes, ...counts } = data['previewPolicy'];
  expect(counts).toMatchObject({ keyCount: 1, nearerCount: 1, faults: [] });
  expect(changes.edges).toMatchObject([{ node: { said: changes.edges[0].node.after, wasRenewed: false } }]);
});

test('guide to writing policies: from a shipped one, by one of your own, to its repair, all that it shows can be done', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'forgotten-experiments.ts');
  const [code = ''] = blocks('write-a-policy', 'ts');
  writeFileSync(path, code);
  const policies = await policiesWith(folder);
  const gateway = await openGateway({ policies });
  const token = await gateway.admin();
  const [shipped = '', preview = '', bind = '', versions = '', previewChange = '', moveOn = ''] = blocks(
    'write-a-policy',
    'graphql',
  );
  const ask = async (query: string, variables = {}) => {
    const { data, errors } = await gateway.ask(query, variables, token);
    expect(errors).toBeUndefined();
    return Object.values(data)[0] as any;
  };
  expect(await ask(shipped)).toEqual({ __typename: 'BindPolicySuccess' });
  const { previewToken } = await ask(preview);
  const bound = await ask(bind, { previewToken });
  expect(bound).toMatchObject({ __typename: 'BindPolicySuccess' });
  writeFileSync(path, `${code}\n// Repaired.\n`);
  await policies.refresh();
  const listed = (await ask(versions)).filter(({ name }: any) => name === 'forgotten-experiments');
  expect(listed).toMatchObject([{ isCurrent: true }, { isCurrent: false }]);
  const change = { bindingId: bound.binding.id, hash: listed[0].hash };
  const { previewToken: confirmed, faultCount } = await ask(previewChange, change);
  expect(faultCount).toBe(0);
  expect(await ask(moveOn, { ...change, previewToken: confirmed })).toEqual({ __typename: 'UpdateBindingSuccess' });
  const { hash } = await gateway.prisma.binding.findUniqueOrThrow({ where: { id: bound.binding.id } });
  expect(hash).toBe(change.hash);
});
