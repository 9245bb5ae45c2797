import { reason, type Scene, type Stage } from './canary-stage.ts';

const policy = 'dormant-owner';
const noBinding = 'binding_00000000000000000000000000';
const noBrake = 'brake_00000000000000000000000000';

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

  ['renewKey', 'RotationRequired', async ({ world }) => ({ input: { keyId: await world.keyToRotate() } })],
];
