import {
  splitConsumers,
  movesCountedFrom,
  findPendingRotation,
  type ConsumerUse,
  type SecretGeneration,
} from '../../domain/rotation.ts';
import { builder } from '../builder.ts';

/** A pending rotation, and who has moved to the new secret. */
export interface RotationProgress {
  readonly startedAt: Date;
  readonly previousRetiresAt: Date;
  readonly moved: readonly string[];
  readonly notMoved: readonly string[];
  readonly hasUnlabelled: boolean;
}

export const RotationRef = builder.objectRef<RotationProgress>('Rotation').implement({
  description: 'A rotation that is pending: both secrets are good.',
  fields: (t) => ({
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    previousRetiresAt: t.expose('previousRetiresAt', { type: 'DateTime' }),
    moved: t.stringList({
      description: 'Consumers seen on the old secret that were seen on the new one too.',
      resolve: ({ moved }) => [...moved],
    }),
    notMoved: t.stringList({
      description: 'Consumers seen on the old secret that were not seen on the new one yet.',
      resolve: ({ notMoved }) => [...notMoved],
    }),
    hasUnlabelled: t.exposeBoolean('hasUnlabelled', {
      description: 'Whether the old secret was used without a consumer label: who that was is not known to have moved.',
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
