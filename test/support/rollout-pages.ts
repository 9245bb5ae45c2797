import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { openConsoleWorld } from './browser.ts';
import type { Gateway } from './gateway.ts';
import { MutationWorld } from './mutation-world.ts';
import { issueForOwners } from './policy-pages.ts';

const PREVIEW = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { previewToken } }';

const stages = [
  { kind: 'COMMENT', atLeast: 'P14D' },
  { kind: 'SHADOW', atLeast: 'P7D' },
  { kind: 'COHORT', atLeast: 'P45D', share: 0.05 },
  { kind: 'COHORT', atLeast: 'P45D', share: 0.5 },
  { kind: 'ENFORCED', atLeast: 'P45D' },
] as const;

/** What a rollout in a console is called, unless a test says otherwise. */
export const ROLLOUT_TITLE = 'Keys that are unused for 180 days end';

/** Proposes a rollout in the default realm, with the token of its preview. Returns its id. */
export async function proposeInConsole(gateway: Gateway, more: object = {}): Promise<string> {
  const world = new MutationWorld(gateway);
  const change = { realm: 'default', policy: 'active-never-expires', config: { idle: 'P60D' } };
  const { data } = await gateway.ask(PREVIEW, { input: change }, await gateway.admin());
  const { previewToken } = data['previewPolicy'];
  const proposal = {
    ...change,
    title: ROLLOUT_TITLE,
    explanation: 'Unused keys are the ones that leak unseen.\n\nUse yours once, or let it end.',
    replacement: 'A token of your CI.',
    stages,
    budget: { owners: 3, share: 0.001 },
    previewToken,
    ...more,
  };
  const { rollout } = await world.mutate('proposeRollout', proposal, 'rollout { id }');
  return rollout.id as string;
}

/** Answers a rollout in the name of an owner. Returns the id of the answer. */
export async function answerInConsole(gateway: Gateway, input: object): Promise<string> {
  return (await new MutationWorld(gateway).mutate('answerRollout', input, 'answerId')).answerId as string;
}

/** Lets time pass, then rollouts advance and all that is due be reviewed. */
export async function passStages(gateway: Gateway, ms: number): Promise<void> {
  await gateway.travel(ms);
  for (let isRestoring = true; isRestoring;) {
    isRestoring = await gateway.node.rolloutLoop.runDue();
    await gateway.travel(0);
  }
}

/** A console with keys of two owners, and a proposed rollout that touches them. */
export async function openRolloutPages(more: object = {}) {
  const world = await openConsoleWorld();
  const { owner } = await issueForOwners(world.gateway);
  const rolloutId = await proposeInConsole(world.gateway, more);
  await world.gateway.services.follower.catchUp();
  return { ...world, owner, rolloutId };
}

/** The same, with an answer of each kind by an organization, and a reply. */
export async function openAnsweredRollout() {
  const world = await openRolloutPages();
  const { gateway, owner, rolloutId } = world;
  const until = new Date(gateway.clock.now().getTime() + 90 * DAY_MS).toISOString();
  const said = { rolloutId, owner };
  const comment = await answerInConsole(gateway, { ...said, kind: 'COMMENT', text: 'Is CI included?', isPublic: true });
  const reply = { answerId: comment, text: 'Yes. A key that CI uses is not unused.' };
  await new MutationWorld(gateway).mutate('replyToAnswer', reply, 'answerId');
  await answerInConsole(gateway, { ...said, kind: 'OBJECT', text: 'We release once a year, in March.' });
  /** Asks for an exception. */
  const ask = async (text: string) => {
    await answerInConsole(gateway, { ...said, kind: 'ASK_EXCEPTION', text, until });
    await gateway.services.follower.catchUp();
  };
  await ask('Until the release of March is out.');
  return { ...world, ask };
}

/** Has a key of the organization refuse a consumer that worked before. */
export async function breakConsumer({ prisma, clock, services }: Gateway, consumer: string): Promise<void> {
  const now = clock.now();
  const {
    id: keyId,
    realmId,
    organizationId,
  } = await prisma.key.findFirstOrThrow({
    where: { organizationId: { not: null } },
  });
  await prisma.breakage.create({
    data: {
      id: newId('breakage', now, services.random),
      ...{ keyId, realmId, ownerId: organizationId ?? '', consumer, outcome: 'KEY_EXPIRED', generation: 1, at: now },
      ...{ day: dayOf(now.getTime()), firstUsedAt: addMs(now, -90 * DAY_MS), lastUsedAt: addMs(now, -2 * DAY_MS) },
    },
  });
}
