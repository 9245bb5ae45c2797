import { visibleKeys } from '../../keys/visible-keys.ts';
import { STOPS } from '../../rollouts/budget.ts';
import { BreakageRef } from '../breakage.ts';
import { builder } from '../builder.ts';
import { RolloutRef } from './rollout.ts';

builder.prismaObjectField(RolloutRef, 'breakage', (t) =>
  t.field({
    type: BreakageRef,
    description:
      'The consumers that expired and held keys of the realm broke while the new revision was in force for any key, as far as the caller may see the keys. The budget counts those of them whose keys the revision before would still accept, one for each owner.',
    select: { realmId: true, inForceSince: true, endedAt: true },
    resolve: ({ realmId, inForceSince, endedAt }, _args, { caller, services }) => ({
      realmId,
      since: inForceSince ?? services.clock.now(),
      ...(endedAt !== null && { before: endedAt }),
      keys: visibleKeys(caller),
      outcomes: STOPS,
    }),
  }),
);
