import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { LIFE } from '../support/binding-world.ts';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { policiesWith } from '../support/policies.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const BIND = `mutation ($input: BindPolicyInput!) { bindPolicy(input: $input) { __typename ... on BindPolicySuccess { binding { id } } } }`;

/** The same module, but that it never answers. */
const LOOPS = LIFE.replace(
  'expiry: ({ key }, { life }) => ({',
  'expiry: ({ key }, { life }) => { for (;;); return ({',
).replace(`  }),\n});`, `  }); },\n});`);

test(
  'under load: a module is added, bound, upgraded to one that loops, repaired and removed, and no verification fails or waits for it',
  { timeout: 180_000 },
  async () => {
    const folder = scratchFolder();
    const policies = await policiesWith(folder);
    const gateway = await openGateway({ policies });
    const admin = await gateway.admin();
    const keys = await Promise.all(Array.from({ length: 8 }, () => issue(gateway, admin)));
    const outcomes: string[] = [];
    let isOver = false;
    const verifying = keys.map(async ({ secret }) => {
      while (!isOver) {
        const input = { secret, action: 'package:push', resource: 'Acme.Core' };
        const { data, errors } = await gateway.ask(VERIFY_KEY, { input }, admin);
        outcomes.push(errors === undefined ? data['verifyKey'].outcome : JSON.stringify(errors));
      }
    });
    const look = async () => {
      await policies.refresh();
      await gateway.prisma.key.updateMany({ data: { reviewAt: gateway.clock.now() } });
      await gateway.node.reviewer.reviewDue();
    };
    const file = join(folder, 'life.ts');
    writeFileSync(file, LIFE);
    await look();
    const input = { realm: 'default', policy: 'life', config: { life: 'P300D' }, followsModule: true };
    const bound = await gateway.ask(BIND, { input }, admin);
    const { id } = bound.data['bindPolicy'].binding;
    await look();
    /** Until it is seen to be so: a node says which versions it has every 10 s. */
    const until = (health: string) =>
      expect
        .poll(
          async () => {
            await gateway.travel(11_000);
            await look();
            return (await gateway.prisma.binding.findUniqueOrThrow({ where: { id } })).health;
          },
          { timeout: 20_000 },
        )
        .toBe(health);
    try {
      await until('WORKING');
      writeFileSync(file, LOOPS);
      await until('BROKEN');
      writeFileSync(file, LIFE.replace(`version: '1.0.0'`, `version: '1.0.1'`));
      await until('WORKING');
      rmSync(file);
      await until('BROKEN');
    } finally {
      isOver = true;
      await Promise.all(verifying);
    }
    expect(outcomes.length).toBeGreaterThan(50);
    expect(new Set(outcomes)).toEqual(new Set(['VALID']));
    const stops = await gateway.prisma.key.findMany({ select: { stopsAt: true } });
    for (const { stopsAt } of stops)
      expect(stopsAt!.getTime()).toBeGreaterThan(gateway.clock.now().getTime() + 250 * DAY_MS);
  },
);
