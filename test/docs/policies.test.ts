import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { policiesWith } from '../support/policies.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

test('guide to policies: the binding and the selectors that it shows can be made', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const [bind = '', ...others] = codeBlocks(readGuide('policies'), 'graphql');
  expect(others).toEqual([]);
  const { data: viewer } = await gateway.ask('{ viewer { ... on Account { id } } }', {}, token);
  const { data, errors } = await gateway.ask(bind, { team: viewer['viewer'].id }, token);
  expect(errors).toBeUndefined();
  const { id: bindingId } = data['bindPolicy'].binding;
  const select = `mutation ($bindingId: ID!, $selector: KeySelector) {
    updateBinding(input: { bindingId: $bindingId, selector: $selector }) { __typename }
  }`;
  const selectors = codeBlocks(readGuide('policies'), 'json').map((block) => JSON.parse(block) as unknown);
  expect(selectors.length).toBe(3);
  for (const selector of selectors) {
    const answer = await gateway.ask(select, { bindingId, selector }, token);
    expect(answer, JSON.stringify(selector)).toMatchObject({
      data: { updateBinding: { __typename: 'UpdateBindingSuccess' } },
    });
  }
});

test('guide to changes of policies: the preview that it shows can be asked for, and tells all that it says', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  await issue(gateway, token);
  const [preview = '', ...others] = codeBlocks(readGuide('change-a-policy'), 'graphql');
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
  const [code = ''] = codeBlocks(readGuide('write-a-policy'), 'ts');
  writeFileSync(path, code);
  const policies = await policiesWith(folder);
  const gateway = await openGateway({ policies });
  const token = await gateway.admin();
  const [shipped = ''] = codeBlocks(readGuide('write-a-policy'), 'graphql');
  const [preview = '', bind = '', versions = '', previewChange = '', moveOn = ''] = codeBlocks(
    readGuide('release-a-policy'),
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
