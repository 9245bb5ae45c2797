import { fail, type Failure } from '../domain/failure.ts';
import type { Transaction } from '../store/core.ts';

/**
 * Returns the failure of another change of a binding while it has an open rollout: owners rely on its stages.
 * `revision`: only while the rollout brings that revision.
 */
export async function refuseDuringRollout(
  tx: Transaction,
  bindingId: string,
  revision?: number,
): Promise<Failure<'BindingBusy'> | null> {
  const where = { bindingId, endedAt: null, ...(revision !== undefined && { revision }) };
  const open = await tx.rollout.findFirst({ where, select: { id: true, title: true } });
  if (open === null) return null;
  return fail('BindingBusy', `The rollout ${open.id} (${open.title}) changes this binding.`, {
    remedy: 'Undo the rollout, or wait until it is done.',
  });
}
