import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import type { Gateway } from './gateway.ts';
import { makeManyKeys, type ManyKey } from './many-keys.ts';
import { seededDraw } from './seeded-random.ts';

const NAMES =
  'Platform Identity Logistics Billing Fraud Payments Maps Media Research Security Search Mobile Web Data Support Legal Sales Store Travel Health Games Music Video Cloud'.split(
    ' ',
  );
const USES = ['release', 'nightly', 'deploy', 'metrics', 'publish'];

/** How many keys are written at once. */
const CHUNK = 2_000;

/**
 * Makes organizations with keys of every kind, drawn from a seed: most stop within months, more than half are renewed by a
 * program, some rotate, and the first organizations have the most. Returns the organizations by name.
 */
export async function makeOwnersWithKeys(
  { prisma, clock, services }: Pick<Gateway, 'prisma' | 'clock' | 'services'>,
  { owners, keys: count }: { readonly owners: number; readonly keys: number },
): Promise<ReadonlyMap<string, string>> {
  const now = clock.now();
  const draw = seededDraw(1);
  const share = () => draw.below(10_000) / 10_000;
  const nameOf = (index: number) => NAMES[index] ?? `Team ${String(index + 1)}`;
  const organizations = Array.from({ length: owners }, (_, index) => ({
    id: newId('organization', now, services.random),
    name: nameOf(index),
    createdAt: now,
  }));
  await prisma.organization.createMany({ data: organizations });
  const realm = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const keys = Array.from({ length: count }, (_, index): ManyKey => {
    const { id, name } = organizations[Math.floor(owners * share() ** 1.6)]!;
    const stopsAt = addMs(now, Math.floor(HOUR_MS + 360 * DAY_MS * share() ** 2));
    const isSelfRenewing = share() < 0.65;
    const createdAt = addMs(now, -Math.floor(200 * DAY_MS * share()) - HOUR_MS);
    return {
      name: `${name.toLowerCase()}-${draw.pick(USES)} ${String(index + 1)}`,
      organizationId: id,
      createdAt,
      grantedAt: createdAt,
      activeAt: createdAt,
      lastUsedAt: now,
      expiresAt: stopsAt,
      chosenExpiresAt: stopsAt,
      expiryBasis: 'HARD',
      stopsAt,
      stopsBasis: 'HARD',
      isSelfRenewing,
      renewalDueAt: isSelfRenewing ? new Date(now.getTime() + (stopsAt.getTime() - now.getTime()) * 0.7) : null,
      isRotating: share() < 0.05,
    };
  });
  for (let start = 0; start < count; start += CHUNK) {
    await makeManyKeys(services, realm.id, keys.slice(start, start + CHUNK));
  }
  const freeze = { realmId: realm.id, from: addMs(now, 21 * DAY_MS), to: addMs(now, 38 * DAY_MS) };
  await prisma.freeze.create({ data: { ...freeze, reason: 'Holiday freeze' } });
  return new Map(organizations.map(({ id, name }) => [name, id]));
}
