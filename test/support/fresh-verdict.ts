import boundedLifetime from '../../plugins/bounded-lifetime.ts';
import renewalWindow from '../../plugins/renewal-window.ts';
import unusedExpires from '../../plugins/unused-expires.ts';
import { decideVerdict } from '../../src/domain/decide-verdict.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { completeFacts } from '../../src/policies/check/complete-facts.ts';
import type { Policy } from '../../src/policies/contract.ts';
import { readVerdict, realmVerdict } from '../../src/policies/read-verdict.ts';

const realm = { id: 'realm', shortestLifetimeMs: BigInt(DAY_MS), longestLifetimeMs: BigInt(365 * DAY_MS) };

/** What a fresh realm's bindings say of a key that has not been used, at a moment. */
export function freshVerdict(
  key: { readonly grantedAt: Date; readonly activeAt: Date; readonly chosenExpiresAt: Date | null },
  moment: Date,
): Verdict {
  const facts = completeFacts({
    key: { grantedAt: key.grantedAt.getTime(), chosenExpiresAt: key.chosenExpiresAt?.getTime() ?? null },
    use: { activeAt: key.activeAt.getTime() },
  });
  const verdictOf = <Config>({ name, config, expiry, renewal, dormancy }: Policy<Config>): Verdict => {
    const read = config.parse({});
    const at = moment.getTime();
    return readVerdict(
      {
        expiry: expiry?.(facts, read, at) ?? null,
        renewal: renewal?.(facts, read, at) ?? null,
        dormancy: dormancy?.(facts, read, at) ?? null,
      },
      name,
    );
  };
  const ground = { bounds: realmVerdict(realm), freezes: [], longestShiftMs: 14 * DAY_MS };
  return decideVerdict(ground, [verdictOf(boundedLifetime), verdictOf(unusedExpires), verdictOf(renewalWindow)]);
}
