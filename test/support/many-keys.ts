import { createHash } from 'node:crypto';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import type { Core } from '../../src/store/core.ts';

/** One key, as a list shows it; what is left out is as of a key just issued that lives while it is used. */
export type ManyKey = Partial<Omit<Prisma.KeyCreateManyInput, 'id' | 'realmId' | 'scopes'>> & {
  readonly labels?: readonly { readonly name: string; readonly value: string }[];
  readonly isHeld?: boolean;
  readonly isRotating?: boolean;
};

/**
 * Writes the rows of keys of one realm, in a few statements: for tests of lists, which need many and not their history.
 * Each has a label, a secret that was used, and where it says so a hold and a second secret. Returns the ids in that order.
 */
export async function makeManyKeys(core: Core, realmId: string, keys: readonly ManyKey[]): Promise<string[]> {
  const { prisma, clock, random } = core;
  const now = clock.now();
  const made = keys.map(({ labels = [{ name: 'repo', value: 'acme' }], isHeld, isRotating, ...columns }) => ({
    labels,
    isHeld,
    isRotating,
    row: {
      name: 'release',
      createdAt: now,
      grantedAt: now,
      activeAt: now,
      rotationStartedAt: isRotating === true ? now : null,
      ...columns,
      id: newId('key', columns.createdAt === undefined ? now : new Date(columns.createdAt), random),
      realmId,
      scopes: [{ action: 'package:push', resource: 'Acme.*' }],
    },
  }));
  await prisma.key.createMany({ data: made.map(({ row }) => row) });
  await prisma.label.createMany({
    data: made.flatMap(({ row, labels }) => labels.map((label) => ({ ...label, keyId: row.id }))),
  });
  await prisma.hold.createMany({
    data: made
      .filter(({ isHeld }) => isHeld)
      .map(({ row }) => ({
        id: newId('hold', now, random),
        keyId: row.id,
        source: 'OWNER' as const,
        sourceId: 'account',
        sourceName: 'Olga',
        reason: 'an incident',
        since: now,
      })),
  });
  const secrets = made.flatMap(({ row, isRotating }) => {
    const current = secretRow(core, row.id, isRotating === true ? 2 : 1, now);
    return isRotating === true
      ? [{ ...secretRow(core, row.id, 1, now), retiresAt: addMs(now, DAY_MS) }, current]
      : [current];
  });
  await prisma.secret.createMany({ data: secrets });
  await prisma.use.createMany({
    data: secrets.map(({ id }) => ({ secretId: id, consumer: 'ci', firstUsedAt: now, lastUsedAt: now, useCount: 1n })),
  });
  return made.map(({ row }) => row.id);
}

function secretRow({ random }: Core, keyId: string, generation: number, createdAt: Date) {
  const digest = createHash('sha256').update(`${keyId} ${generation}`).digest();
  return {
    id: newId('secret', createdAt, random),
    keyId,
    generation,
    digest,
    start: `kt_${keyId.slice(-6)}`,
    createdAt,
  };
}
