import type { Json } from '../domain/event.ts';
import { change } from '../log/change.ts';
import { bindingChanges, bindingSettings } from '../policies/binding-changes.ts';
import { workingColumns } from '../policies/known-fault.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { isOnEveryNode } from '../policies/heartbeat.ts';
import type { PolicyCore } from './apply-policies.ts';
import { lockRealm } from '../policies/lock-realm.ts';
import { dropBrakes } from '../brakes/end-brake.ts';

/** A rollout pins the revision that it replaces, and may have been proposed since the bindings were read. */
const noOpenRollout = { rollouts: { none: { endedAt: null } } };

/**
 * Upgrades the bindings with `followsModule` to the newest version of their module, once every live node has it and it
 * accepts their configuration. Notice and brake apply as for any other change, without the budget of a preview. If
 * several nodes try at once, one upgrades the binding.
 */
export async function upgradeBindings(core: PolicyCore): Promise<void> {
  const { policies, prisma } = core;
  const newest = new Map(
    policies.versions().flatMap((version) => (version.isCurrent ? [[version.name, version] as const] : [])),
  );
  const following = await prisma.binding.findMany({
    where: { followsModule: true, isAnnounced: false, unboundAt: null, ...noOpenRollout },
    orderBy: { id: 'asc' },
  });
  for (const binding of following) {
    const { id, realmId, policy, hash: before, revision, mode, config } = binding;
    const module = newest.get(policy);
    if (module === undefined || policies.find(before)?.isCurrent === true) continue;
    if (!(await isOnEveryNode(prisma, module.hash, core.clock.now()))) continue;
    const read = await policies.readConfig(module.hash, config as Json);
    if (read === 'BUSY' || !('config' in read)) continue;
    await change(core, async (change) => {
      const { tx, record } = change;
      const now = change.now();
      await lockRealm(tx, realmId);
      const { hash, title } = module;
      const sweep = await startSweep(change, realmId);
      const { count } = await tx.binding.updateMany({
        where: { id, revision, hash: before, unboundAt: null, ...noOpenRollout },
        data: {
          hash,
          title,
          revision: { increment: 1 },
          changedAt: now,
          budget: null,
          ...workingColumns,
          ...sweep,
        },
      });
      if (count === 0) return;
      await dropBrakes(tx, id, now);
      const settings = bindingSettings(binding);
      const changes = bindingChanges(settings, { ...settings, hash });
      record({
        type: 'POLICY_CHANGED',
        at: now,
        realmId,
        actor: { kind: 'POLICY', id, name: title },
        reason: 'A new version of the module is available on every node.',
        data: { bindingId: id, policy, hash, revision: revision + 1, mode, keyCount: sweep.sweepTotal, ...changes },
      });
    });
  }
}
