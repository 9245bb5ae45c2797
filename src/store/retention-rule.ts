import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Transaction } from './core.ts';

/** How long some rows of a table are retained, and how expired rows are deleted. */
export interface RetentionRule {
  /** Which rows of the table, as a phrase of docs/retention.md. */
  readonly rows: string;
  /** How long a row is retained, in ms from the moment that `from` names. */
  readonly retentionMs: number;
  readonly from: string;
  readonly why: string;
  /**
   * Removes at most `limit` rows whose moment `from` is at or before `before`: their retention has ended. Returns how
   * many rows were removed; fewer than `limit`: no more have expired.
   */
  readonly remove: (tx: Transaction, before: Date, limit: number) => Promise<number>;
}

/** Why rows of a table have no rule: they are retained for ever, or something else deletes them. */
export interface RetentionReason {
  readonly rows: string;
  /** Until when the rows are retained, as a phrase of docs/retention.md. */
  readonly until: string;
  readonly why: string;
}

export type TableRetention = readonly [RetentionRule | RetentionReason, ...(RetentionRule | RetentionReason)[]];

/** The retention of some tables, by their Prisma model. */
export type RetentionByTable = { readonly [Table in Prisma.ModelName]?: TableRetention };

/** Describes that all rows of a table are retained for ever. */
export function retainForEver(why: string): TableRetention {
  return [{ rows: 'all', until: 'for ever', why }];
}
