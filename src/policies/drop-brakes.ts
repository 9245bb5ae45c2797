import type { Transaction } from '../store/core.ts';

/** Ends the engaged brakes of a binding, and drops what waits behind them: its cause is no more. */
export async function dropBrakes(tx: Transaction, bindingId: string, at: Date): Promise<void> {
  await tx.waitingStop.deleteMany({ where: { brake: { bindingId } } });
  await tx.brake.updateMany({ where: { bindingId, state: 'ENGAGED' }, data: { state: 'CANCELLED', endedAt: at } });
}
