import { reason, unknownAccountId, type Scene } from './canary-stage.ts';

const hold = { realm: 'default', filter: { owner: unknownAccountId }, change: 'HOLD', reason };
const noOperation = 'operation_00000000000000000000000000';

/** An operation in a state that the mutation accepts, and in one that it refuses. */
const acts: readonly (readonly [string, 'RUNNING' | 'PAUSED' | 'AWAITING_APPROVAL', 'UNDONE' | 'AWAITING_APPROVAL'])[] =
  [
    ['pauseOperation', 'RUNNING', 'UNDONE'],
    ['resumeOperation', 'PAUSED', 'UNDONE'],
    ['stopOperation', 'RUNNING', 'UNDONE'],
    ['undoOperation', 'RUNNING', 'AWAITING_APPROVAL'],
    ['approveOperation', 'AWAITING_APPROVAL', 'UNDONE'],
  ];

/** The ends of the mutations of operations. */
export const operationScenes: readonly Scene[] = [
  ['changeKeys', 'ChangeKeysSuccess', () => ({ input: { ...hold, dryRun: true } })],
  ['changeKeys', 'RealmNotFound', () => ({ input: { ...hold, realm: 'nowhere', dryRun: true } })],
  ['changeKeys', 'ConfirmationNotValid', () => ({ input: { ...hold, confirmation: 'guessed' } })],
  ...acts.flatMap(([mutation, accepted, refused]): Scene[] => {
    const inState = async ({ world, gateway: { prisma, clock } }: Parameters<Scene[2]>[0], state: string) => {
      const operationId = state === 'AWAITING_APPROVAL' ? await world.proposedOperation() : await world.operation();
      const endedAt = state === 'UNDONE' ? clock.now() : null;
      await prisma.operation.update({ where: { id: operationId }, data: { state: state as 'UNDONE', endedAt } });
      return { input: { operationId, reason } };
    };
    return [
      [mutation, 'OperationSuccess', (stage) => inState(stage, accepted)],
      [mutation, 'OperationNotFound', () => ({ input: { operationId: noOperation, reason } })],
      [mutation, 'OperationStateMismatch', (stage) => inState(stage, refused)],
    ];
  }),
];
