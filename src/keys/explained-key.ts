import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { BindingVerdict } from '../policies/stored-verdicts.ts';
import { lifelineSelect, verdictRelations } from './key-row.ts';

/** The columns from which a key is explained. */
export const explanationSelect = {
  ...lifelineSelect,
  ...verdictRelations,
  realmId: true,
  stopsBasis: true,
  movedOutAt: true,
  movedOutMs: true,
  realm: { include: { freezes: true, bindings: { where: { unboundAt: null } } } },
  waitingStop: true,
} satisfies Prisma.KeySelect;

export type ExplainedKey = Prisma.KeyGetPayload<{ select: typeof explanationSelect }>;
type Binding = ExplainedKey['realm']['bindings'][number];

/** The stored verdict of one revision of a binding, with its binding. */
export interface ExplainedVerdict {
  readonly verdict: BindingVerdict;
  readonly binding: Binding;
  /** Whether this verdict decides the stop. */
  readonly decides: boolean;
}
