import { DAY_MS } from '../../src/domain/duration.ts';
import { openConsoleWorld } from './browser.ts';
import type { Gateway } from './gateway.ts';
import { issue } from './issue.ts';
import { MutationWorld } from './mutation-world.ts';
import { VERIFY_KEY } from './operations.ts';

const PREVIEW = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { previewToken } }';

/** The names of the keys of pia. */
export const OWN_KEYS = ['nightly build', 'yearly release'] as const;

/** Returns the stages of a rollout that is proposed now, with a brownout after the notice period. */
function stagesFrom(now: Date): readonly object[] {
  const window = new Date(now.getTime() + 40 * DAY_MS).toISOString();
  return [
    { kind: 'COMMENT', atLeast: 'P7D' },
    { kind: 'BROWNOUT', atLeast: 'P40D', windows: [window] },
    { kind: 'COHORT', atLeast: 'P45D', share: 0.5 },
    { kind: 'ENFORCED', atLeast: 'P45D' },
  ];
}

/** A console with a rollout that touches two keys of pia, of which a program uses the first one. */
export async function openOwnersRollout(names: readonly string[] = OWN_KEYS) {
  const { gateway, open } = await openConsoleWorld();
  const pia = await gateway.person('pia');
  const keys = [];
  for (const name of names) keys.push(await issue(gateway, pia.token, { name }));
  const input = { secret: keys[0]?.secret, action: 'package:push', resource: 'Acme.Core', consumer: 'ci/linux' };
  await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
  await gateway.services.uses.flush();
  const world = new MutationWorld(gateway);
  const change = { realm: 'default', policy: 'active-never-expires', config: { idle: 'P60D' } };
  const { data } = await gateway.ask(PREVIEW, { input: change }, await gateway.admin());
  const proposal = {
    ...change,
    title: 'Keys that are unused for 60 days end',
    explanation: 'Unused keys are the ones that leak unseen.',
    stages: stagesFrom(gateway.clock.now()),
    budget: { owners: 3 },
    previewToken: data['previewPolicy'].previewToken,
  };
  const { rollout } = await world.mutate('proposeRollout', proposal, 'rollout { id }');
  await gateway.services.follower.catchUp();
  return {
    gateway,
    world,
    pia,
    keyIds: keys.map(({ id }) => id),
    path: `/rollouts/${String(rollout.id)}`,
    open,
    credentials: { email: 'pia@example.com', password: 'the password of pia' },
  };
}

/** Lets time pass, then rollouts go on and all that is due be reviewed. */
export async function letRolloutsGoOn(gateway: Gateway, ms: number): Promise<void> {
  await gateway.travel(ms);
  await gateway.node.rolloutLoop.runDue();
  await gateway.travel(0);
}
