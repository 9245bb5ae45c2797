import { Prisma, type Binding, type Realm, type RolloutChange } from '../../prisma/generated/client/client.ts';
import { hashPosition, ownerPosition } from '../domain/cohort.ts';
import type { Actor, Json } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { stageOf, type RolloutBudget, type RolloutProgress } from '../domain/rollout.ts';
import type { Change } from '../log/change.ts';
import type { PreviousRevision } from '../policies/stored-revision.ts';
import type { NextRevision } from '../policies/stored-revision.ts';
import { countKeysOfOwners } from './count-owners.ts';
import { previewedCount, progressColumns, rolloutEventData } from './stored-rollout.ts';
import { revisionColumns, writeStage } from './write-stage.ts';

const SALT_BYTES = 16;

/** A proposed rollout. */
export interface NewRollout {
  readonly id: string;
  readonly change: RolloutChange;
  readonly title: string;
  readonly explanation: string;
  readonly replacement: string | null;
  readonly sealedDigest: string | null;
  /** Null: the rollout makes one. */
  readonly binding: Binding | null;
  readonly before: PreviousRevision | null;
  readonly after: NextRevision | null;
  readonly policy: { readonly name: string; readonly hash: string; readonly title: string };
  readonly progress: RolloutProgress;
  readonly budget: RolloutBudget;
  readonly brakeBudget: number;
}

/** Returns the present revision of a binding, as a rollout stores it. */
export function previousRevisionOf(binding: Binding): PreviousRevision {
  const { revision, hash, mode, config, selector, noticeMs } = binding;
  return { revision, hash, mode, config: config as Json, selector: selector as Json, noticeMs: Number(noticeMs) };
}

/** Writes a rollout with its first stage, and the binding that it makes, if any. The realm is locked. */
export async function writeRollout(
  change: Change,
  realm: Realm,
  proposal: NewRollout,
  account: { readonly id: string; readonly name: string },
  actor: Actor,
): Promise<void> {
  const { tx, core } = change;
  const now = change.now();
  const { id, progress, before, after, binding, budget } = proposal;
  const bindingId = binding?.id ?? (await createBinding(change, realm, proposal));
  const { title, explanation, replacement, sealedDigest, brakeBudget } = proposal;
  const json = (revision: object | null) =>
    revision === null ? Prisma.DbNull : (revision as unknown as Prisma.InputJsonValue);
  const rollout = await tx.rollout.create({
    data: {
      id,
      realmId: realm.id,
      bindingId,
      change: proposal.change,
      title,
      explanation,
      replacement,
      sealedDigest,
      ...progressColumns(progress),
      revision: (binding?.revision ?? 0) + 1,
      before: json(before),
      after: json(after),
      salt: Buffer.from(core.random(SALT_BYTES)),
      budgetOwners: budget.owners,
      budgetShare: budget.share,
      budgetSince: now,
      brakeBudget,
      accountId: account.id,
      accountName: account.name,
      createdAt: now,
    },
  });
  await placeLargeOwners(change, rollout);
  const data = {
    ...rolloutEventData(rollout),
    policy: proposal.policy.name,
    stageCount: progress.stages.length,
    previewedCount: previewedCount(rollout),
  };
  change.record({ type: 'ROLLOUT_PROPOSED', at: now, realmId: realm.id, actor, reason: null, data });
  if (stageOf(progress).kind !== 'COMMENT') await writeStage(change, rollout, progress, { actor, reason: null });
}

/** Creates the binding that a rollout makes. Until the rollout is done its own row changes nothing. */
async function createBinding(change: Change, realm: Realm, { after, policy }: NewRollout): Promise<string> {
  if (after === null) throw new Error('a rollout removes a binding that is not there');
  const now = change.now();
  const id = newId('binding', now, change.core.random);
  await change.tx.binding.create({
    data: {
      id,
      realmId: realm.id,
      policy: policy.name,
      title: policy.title,
      ...revisionColumns({ ...after, mode: 'PAUSED' }),
      revision: 0,
      effectiveAt: now,
      createdAt: now,
      changedAt: now,
    },
  });
  return id;
}

/** Stores the position of the owners that have so many keys that a cohort of their hash would have too many. */
async function placeLargeOwners(
  { tx }: Change,
  { id: rolloutId, realmId, salt }: { id: string; realmId: string; salt: Uint8Array },
) {
  const owners = await countKeysOfOwners(tx, realmId);
  const total = owners.reduce((sum, { keyCount }) => sum + keyCount, 0);
  const placed = owners.map((owner) => ({ ...owner, position: ownerPosition(salt, owner, total) }));
  const large = placed.filter(({ ownerId, position }) => position > hashPosition(salt, ownerId));
  await tx.rolloutOwner.createMany({ data: large.map(({ ownerId, position }) => ({ rolloutId, ownerId, position })) });
}
