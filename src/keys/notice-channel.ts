import type { Transaction } from '../store/core.ts';

/** Whose keys they are that a notice speaks of. */
export interface KeyToNotify {
  readonly id: string;
  readonly realmId: string;
  /** The account or organization that owns it. */
  readonly ownerId: string;
}

/** A way by which notices reach somebody, or something, beside their events. */
export interface NoticeChannel {
  readonly kind: 'MAIL' | 'WEBHOOK';
  /** Of these keys, the ids of those whose notices it has somebody to bring to. */
  findReachable(tx: Transaction, keys: readonly KeyToNotify[]): Promise<ReadonlySet<string>>;
}
