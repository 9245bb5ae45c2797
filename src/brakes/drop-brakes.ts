import type { Transaction } from '../store/core.ts';

/** Cancels the engaged brakes of a binding and deletes the stops that wait behind them, because their cause no longer exists. */
export async function dropBrakes(tx: Transaction, bindingId: string, at: Date): Promise<void> {
  await tx.waitingStop.deleteMany({ where: { brake: { bindingId } } });
  await tx.brake.updateMany({ where: { bindingId, state: 'ENGAGED' }, data: { state: 'CANCELLED', endedAt: at } });
}
