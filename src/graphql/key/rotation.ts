import {
  splitConsumers,
  movesCountedFrom,
  findPendingRotation,
  type ConsumerUse,
  type SecretGeneration,
} from '../../domain/rotation.ts';
import { builder } from '../builder.ts';

/** A pending rotation, and which consumers use the new secret. */
export interface RotationProgress {
  readonly startedAt: Date;
  readonly previousRetiresAt: Date;
  readonly moved: readonly string[];
  readonly notMoved: readonly string[];
  readonly hasUnlabelled: boolean;
}

export const RotationRef = builder.objectRef<RotationProgress>('Rotation').implement({
  description: 'A pending rotation: both the old and the new secret work.',
  fields: (t) => ({
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description: 'When the new secret was made, or when an undo swapped the two secrets.',
    }),
    previousRetiresAt: t.expose('previousRetiresAt', {
      type: 'DateTime',
      description: 'When the old secret stops working.',
    }),
    moved: t.stringList({
      description: 'Consumers of the old secret that have used the new one.',
      resolve: ({ moved }) => [...moved],
    }),
    notMoved: t.stringList({
      description: 'Consumers of the old secret that have not used the new one yet.',
      resolve: ({ notMoved }) => [...notMoved],
    }),
    hasUnlabelled: t.exposeBoolean('hasUnlabelled', {
      description:
        'Whether the old secret was used without a consumer label. A consumer without a label is never known to use the new secret.',
    }),
  }),
});

interface RotatedKey {
  readonly rotationStartedAt: Date | null;
  readonly secrets: readonly (SecretGeneration & { readonly createdAt: Date; readonly uses: readonly ConsumerUse[] })[];
}

export function rotationProgress({ rotationStartedAt, secrets }: RotatedKey, now: Date): RotationProgress | null {
  const pending = findPendingRotation(secrets, now);
  if (pending === null) return null;
  const { current, retiring } = pending;
  return {
    startedAt: rotationStartedAt ?? current.createdAt,
    previousRetiresAt: retiring.retiresAt,
    ...splitConsumers(retiring.uses, current.uses, movesCountedFrom(pending, rotationStartedAt), now),
  };
}
