import { expect, test, vi } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';

const previewOf = (fields: string, change = 'policy: "active-never-expires"') =>
  `query { previewPolicy(input: { realm: "default", ${change}, replay: "P10D" }) { ${fields} } }`;

test('preview: a replay alone evaluates no key for a preview that is not selected, and a preview alone replays nothing', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  await issue(gateway, admin);
  const evaluate = vi.spyOn(gateway.services.policies, 'evaluate');
  const ask = async (fields: string) => {
    evaluate.mockClear();
    const { data } = await gateway.ask(previewOf(fields), {}, admin);
    return { preview: data['previewPolicy'], evaluated: evaluate.mock.calls.length };
  };
  // No use is recorded: the replay has nothing to evaluate.
  for (const fields of ['replay { jobCount }', '__typename ... on PolicyPreview { r: replay { jobCount } }']) {
    const { preview, evaluated } = await ask(fields);
    expect([preview.replay ?? preview.r, evaluated]).toEqual([{ jobCount: 0 }, 0]);
  }
  const both = await ask('keyCount replay { jobCount }');
  expect(both.preview).toEqual({ keyCount: 1, replay: { jobCount: 0 } });
  expect(both.evaluated).toBeGreaterThan(0);
  expect((await ask('keyCount')).preview).toEqual({ keyCount: 1 });
});

test('preview: a replay that is not possible is refused, whether it is selected or not', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  for (const fields of ['keyCount', 'replay { jobCount }']) {
    const { errors } = await gateway.ask(previewOf(fields, 'bindingId: "binding_1", remove: true'), {}, admin);
    expect(errors).toMatchObject([{ message: expect.stringContaining('a removal of a binding stops no key') }]);
  }
});
