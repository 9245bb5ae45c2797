import type { Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { settle } from '../domain/life.ts';
import { stopReason } from '../domain/stop-reason.ts';
import type { Reason } from '../domain/verdict.ts';
import { recallUnplaced, type Judged } from '../policies/judge.ts';
import { asSaid } from '../policies/judgement.ts';

/** When a key would stop, why, and what policy itself says of that. */
export interface PreviewedStop {
  readonly at: Date | null;
  readonly basis: ReturnType<typeof settle>['stopsBasis'];
  /** When it would stop if no notice were kept and nothing frozen; null: never. */
  readonly said: Date | null;
  /** Null: a person chose that moment, or nothing stops it. */
  readonly reason: Reason | null;
}

export function previewedStop(
  realm: Realm & { readonly freezes: readonly Freeze[] },
  chosenExpiresAt: Date | null,
  { verdict, judgement }: Judged,
): PreviewedStop {
  const settled = settle(chosenExpiresAt, verdict);
  return {
    at: settled.stopsAt,
    basis: settled.stopsBasis,
    said: settle(chosenExpiresAt, recallUnplaced(realm, asSaid(judgement))).stopsAt,
    reason: stopReason(verdict, settled),
  };
}
