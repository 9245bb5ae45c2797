import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { change } from '../../src/log/change.ts';
import type { Gateway } from './gateway.ts';
import { MutationWorld } from './mutation-world.ts';
import { untypedDraft } from './untyped-draft.ts';

/** How many rows one statement takes. */
const BATCH = 1_000;

/**
 * Issues one key and makes many of it, all of which live for 45 days and come due in 15 at one moment: then each gets one
 * notice, and nothing else happens to it. Resolves with the whole number of them.
 */
export async function makeDueKeys(gateway: Gateway, count: number): Promise<number> {
  const { prisma, random, clock } = gateway.services;
  const { id } = await new MutationWorld(gateway).key();
  const found = await prisma.key.findUniqueOrThrow({ where: { id } });
  const { scopes, metadata: _metadata, warnings: _warnings, brownouts: _brownouts, ...row } = found;
  const { data, actorKind, ...event } = await prisma.event.findFirstOrThrow({ where: { keyId: id } });
  const { start } = await prisma.secret.findFirstOrThrow({ where: { keyId: id } });
  const createdAt = clock.now();
  for (let made = 1; made < count; made += BATCH) {
    const keys = Array.from({ length: Math.min(BATCH, count - made) }, () => newId('key', createdAt, random));
    await change(gateway.services, async ({ tx, record }) => {
      await tx.key.createMany({ data: keys.map((keyId) => ({ ...row, id: keyId, scopes: scopes as object[] })) });
      const secret = (keyId: string) => ({ keyId, generation: 1, start, createdAt, digest: Buffer.from(random(32)) });
      await tx.secret.createMany({
        data: keys.map((keyId) => ({ ...secret(keyId), id: newId('secret', createdAt, random) })),
      });
      const actor = { kind: actorKind as 'ACCOUNT', id: event.actorId, name: event.actorName };
      const { at, realmId, ownerId } = event;
      record(
        ...keys.map((keyId) =>
          untypedDraft({ type: 'KEY_ISSUED', at, keyId, realmId, ownerId, actor, data: data as {} }),
        ),
      );
    });
  }
  return count;
}

/** The moment at which they are due. */
export function findDueMoment(gateway: Gateway): Date {
  return addMs(gateway.clock.now(), 15 * DAY_MS);
}
