import { expect, test } from 'vitest';
import { engageBrake } from '../support/engage-brake.ts';
import { openGateway } from '../support/gateway.ts';
import { mutationQuery } from '../support/mutation-query.ts';

test('metrics: broken bindings and engaged brakes are counted until they recover, are removed or end', async () => {
  const gateway = await openGateway();
  const read = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return ['bindings_broken', 'brakes_engaged'].map((name) =>
      Number(new RegExp(`^keytide_${name} (\\d+)$`, 'm').exec(text)?.[1]),
    );
  };
  expect(await read()).toEqual([0, 0]);
  const { brakeId, bindingId } = await engageBrake(gateway, 'busy');
  expect(await read()).toEqual([0, 1]);
  await gateway.prisma.binding.update({ where: { id: bindingId }, data: { health: 'BROKEN' } });
  expect(await read()).toEqual([1, 1]);
  const token = await gateway.admin();
  for (const [mutation, input] of [
    ['cancelBrake', { brakeId }],
    ['unbindPolicy', { bindingId }],
  ] as const) {
    const { errors } = await gateway.ask(mutationQuery(mutation, '__typename'), { input }, token);
    expect(errors).toBeUndefined();
  }
  expect(await read()).toEqual([0, 0]);
});
