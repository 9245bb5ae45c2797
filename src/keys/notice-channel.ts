import type { Transaction } from '../store/core.ts';

/** A key whose owner is to be notified. */
export interface KeyToNotify {
  readonly id: string;
  readonly realmId: string;
  /** The account or organization that owns the key. */
  readonly ownerId: string;
}

/** A channel that delivers notices, in addition to their events. */
export interface NoticeChannel {
  readonly kind: 'MAIL' | 'WEBHOOK';
  /** Returns the ids of those keys for whose notices the channel has a recipient. */
  findReachable(tx: Transaction, keys: readonly KeyToNotify[]): Promise<ReadonlySet<string>>;
}
