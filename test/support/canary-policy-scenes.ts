import { reason, type Scene, type Stage } from './canary-stage.ts';

const policy = 'dormant-owner';
const noBinding = 'binding_00000000000000000000000000';
const noBrake = 'brake_00000000000000000000000000';

const noRollout = 'rollout_00000000000000000000000000';
const noAnswer = 'answer_00000000000000000000000000';
const noException = 'exception_00000000000000000000000000';
const later = [
  { kind: 'COMMENT', atLeast: 'P7D' },
  { kind: 'ENFORCED', atLeast: 'P7D' },
];

const proposal = async ({ world }: Stage, more: object = {}) => ({ input: { ...(await world.proposal()), ...more } });
const rollout = async ({ world }: Stage) => ({ input: { rolloutId: (await world.rollout()).id, reason } });
const ended = async (stage: Stage) => {
  const request = await rollout(stage);
  const { rolloutId } = request.input;
  await stage.gateway.prisma.rollout.update({
    where: { id: rolloutId },
    data: { state: 'DONE', endedAt: stage.gateway.clock.now() },
  });
  return request;
};
const decision = async (world: Stage['world']) => ({
  exceptionId: (await world.exception()).exceptionId,
  grant: true,
  text: reason,
});
const busy = async ({ world }: Stage) => ({ bindingId: (await world.rollout()).bindingId, reason });

const bind = (more: object = {}) => ({ realm: 'default', policy, mode: 'SHADOW', reason, ...more });
const binding = async ({ world }: Stage) => ({ bindingId: await world.binding(), reason });
const brake = async ({ world }: Stage) => ({ brakeId: (await world.brake()).brakeId, reason });

/** The same for the mutations of policies. */
export const policyScenes: readonly Scene[] = [
  ['bindPolicy', 'BindPolicySuccess', () => ({ input: bind({ config: { idle: 'P100D' } }) })],
  ['bindPolicy', 'RealmNotFound', () => ({ input: bind({ realm: 'nowhere' }) })],
  ['bindPolicy', 'PolicyNotFound', () => ({ input: bind({ policy: 'nothing' }) })],
  ['bindPolicy', 'InvalidPolicyConfig', () => ({ input: bind({ config: { idle: 'long' } }) })],
  ['bindPolicy', 'NoticeTooShort', () => ({ input: bind({ noticePeriod: 'P1D' }) })],
  ['bindPolicy', 'PreviewOutdated', ({ canary }) => ({ input: bind({ previewToken: canary.text('preview') }) })],

  [
    'updateBinding',
    'UpdateBindingSuccess',
    async (stage) => ({ input: { ...(await binding(stage)), mode: 'SHADOW' } }),
  ],
  ['updateBinding', 'BindingNotFound', () => ({ input: { bindingId: noBinding, reason } })],
  ['updateBinding', 'PolicyNotFound', async (stage) => ({ input: { ...(await binding(stage)), hash: 'none' } })],
  ['updateBinding', 'InvalidPolicyConfig', async (stage) => ({ input: { ...(await binding(stage)), config: [] } })],
  ['updateBinding', 'NoticeTooShort', async (stage) => ({ input: { ...(await binding(stage)), noticePeriod: 'P1D' } })],
  [
    'updateBinding',
    'PreviewOutdated',
    async (stage) => ({ input: { ...(await binding(stage)), previewToken: stage.canary.text('preview') } }),
  ],

  ['unbindPolicy', 'UnbindPolicySuccess', async (stage) => ({ input: await binding(stage) })],
  ['unbindPolicy', 'BindingNotFound', () => ({ input: { bindingId: noBinding, reason } })],
  ['releaseBrake', 'ReleaseBrakeSuccess', async (stage) => ({ input: { ...(await brake(stage)), upTo: 1 } })],
  ['releaseBrake', 'BrakeNotFound', () => ({ input: { brakeId: noBrake, reason } })],
  ['cancelBrake', 'CancelBrakeSuccess', async (stage) => ({ input: await brake(stage) })],
  ['cancelBrake', 'BrakeNotFound', () => ({ input: { brakeId: noBrake, reason } })],

  ['updateBinding', 'BindingBusy', async (stage) => ({ input: { ...(await busy(stage)), mode: 'SHADOW' } })],
  ['unbindPolicy', 'BindingBusy', async (stage) => ({ input: await busy(stage) })],
  [
    'cancelBrake',
    'BindingBusy',
    async (stage) => {
      const { bindingId, brakeId } = await stage.world.brake();
      const { id } = await stage.world.rollout();
      await stage.gateway.prisma.rollout.update({ where: { id }, data: { bindingId } });
      return { input: { brakeId, reason } };
    },
  ],

  ['proposeRollout', 'ProposeRolloutSuccess', (stage) => proposal(stage)],
  ['proposeRollout', 'RealmNotFound', (stage) => proposal(stage, { realm: 'nowhere' })],
  ['proposeRollout', 'PolicyNotFound', (stage) => proposal(stage, { policy: 'nothing' })],
  ['proposeRollout', 'InvalidPolicyConfig', (stage) => proposal(stage, { config: { idle: 'long' } })],
  ['proposeRollout', 'PreviewOutdated', (stage) => proposal(stage, { previewToken: stage.canary.text('preview') })],
  ['proposeRollout', 'BindingNotFound', (stage) => proposal(stage, { policy: null, bindingId: noBinding })],
  [
    'proposeRollout',
    'BindingBusy',
    async (stage) => {
      const { id, bindingId } = await stage.world.rollout();
      const { realm } = await stage.gateway.prisma.rollout.findUniqueOrThrow({
        where: { id },
        include: { realm: true },
      });
      return proposal(stage, { realm: realm.slug, policy: null, bindingId });
    },
  ],
  ['answerRollout', 'AnswerRolloutSuccess', ({ world }) => world.answer()],
  ['answerRollout', 'RolloutNotFound', () => ({ input: { rolloutId: noRollout, kind: 'WITHDRAW' } })],
  [
    'answerRollout',
    'RolloutStateMismatch',
    async ({ world }) => {
      const { input } = await world.answer({ kind: 'OBJECT' });
      await world.mutate('answerRollout', input, 'answerId');
      return { input };
    },
  ],
  [
    'answerRollout',
    'KeyNotFound',
    async ({ world }) => ({ input: { rolloutId: (await world.rollout()).id, kind: 'WITHDRAW' } }),
  ],
  ['decideException', 'DecideExceptionSuccess', async ({ world }) => ({ input: await decision(world) })],
  [
    'decideException',
    'RolloutAnswerNotFound',
    () => ({ input: { exceptionId: noException, grant: true, text: reason } }),
  ],
  [
    'decideException',
    'RolloutStateMismatch',
    async ({ world }) => {
      const input = await decision(world);
      await world.mutate('decideException', input, 'answerId');
      return { input };
    },
  ],
  [
    'replyToAnswer',
    'ReplyToAnswerSuccess',
    async ({ world }) => ({ input: { answerId: (await world.exception()).answerId, text: reason } }),
  ],
  ['replyToAnswer', 'RolloutAnswerNotFound', () => ({ input: { answerId: noAnswer, text: reason } })],
  ['advanceRollout', 'AdvanceRolloutSuccess', rollout],
  ['advanceRollout', 'RolloutNotFound', () => ({ input: { rolloutId: noRollout, reason } })],
  ['advanceRollout', 'RolloutStateMismatch', ended],
  [
    'advanceRollout',
    'RolloutGateOpen',
    async ({ world }) => ({ input: { rolloutId: (await world.rollout(later)).id, reason } }),
  ],
  ['pauseRollout', 'PauseRolloutSuccess', rollout],
  ['pauseRollout', 'RolloutNotFound', () => ({ input: { rolloutId: noRollout, reason } })],
  ['pauseRollout', 'RolloutStateMismatch', ended],
  ['resumeRollout', 'ResumeRolloutSuccess', rollout],
  ['resumeRollout', 'RolloutNotFound', () => ({ input: { rolloutId: noRollout, reason } })],
  ['resumeRollout', 'RolloutStateMismatch', ended],
  [
    'resumeRollout',
    'RolloutGateOpen',
    async ({ world }) => {
      const { id } = await world.rollout();
      const { prisma, clock } = world.gateway;
      const halted = { state: 'PAUSED' as const, pausedAt: clock.now(), isOverBudget: true, restoreCursor: '' };
      await prisma.rollout.update({ where: { id }, data: halted });
      return { input: { rolloutId: id, reason } };
    },
  ],
  ['undoRollout', 'UndoRolloutSuccess', rollout],
  ['undoRollout', 'RolloutNotFound', () => ({ input: { rolloutId: noRollout, reason } })],
  ['undoRollout', 'RolloutStateMismatch', ended],

  ['renewKey', 'RotationRequired', async ({ world }) => ({ input: { keyId: await world.keyToRotate() } })],
];
