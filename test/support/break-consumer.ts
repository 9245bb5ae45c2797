import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import type { Gateway } from './gateway.ts';

/** Records that a consumer, which used a key until two days ago, was refused a day ago because its secret has retired. */
export async function breakConsumer(
  { prisma, clock, services }: Gateway,
  { keyId, consumer }: { readonly keyId: string; readonly consumer: string },
): Promise<void> {
  const now = clock.now();
  const at = addMs(now, -DAY_MS);
  const { realmId, accountId } = await prisma.key.findUniqueOrThrow({ where: { id: keyId } });
  if (accountId === null) throw new Error('found a key without an account; expected the owner to be one');
  await prisma.breakage.create({
    data: {
      id: newId('breakage', now, services.random),
      ...{ keyId, realmId, ownerId: accountId, consumer, outcome: 'SECRET_RETIRED', generation: 1, at },
      ...{ day: dayOf(at.getTime()), firstUsedAt: addMs(now, -90 * DAY_MS), lastUsedAt: addMs(now, -2 * DAY_MS) },
    },
  });
}
