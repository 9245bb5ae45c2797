import { systemActor } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { writeBinding, type BindingCore } from './bind.ts';

/**
 * What a fresh realm is bound to: whoever asks for an expiry gets from 1 day to 365; a key without one lives while it is
 * used once in 365 days; a renewal is best done late in a life.
 */
const DEFAULT_POLICIES = ['bounded-lifetime', 'unused-expires', 'renewal-window'];

/** Binds a fresh realm. */
export async function bindDefaultPolicies(
  change: Change<BindingCore>,
  realm: { readonly id: string; readonly minimumNoticeMs: number },
  now: Date,
): Promise<void> {
  for (const name of DEFAULT_POLICIES) {
    const module = change.core.policies.versions().find((one) => one.name === name && one.isCurrent);
    if (module === undefined) throw new Error(`the policy ${name}, which comes with Keytide, cannot be loaded`);
    const asked = {
      config: {},
      mode: 'ENFORCED',
      selector: null,
      // What comes with Keytide moves on with it.
      followsModule: true,
      effectiveAt: null,
      reason: null,
      budget: null,
    } as const;
    await writeBinding(change, realm, module, { ...asked, noticeMs: realm.minimumNoticeMs }, systemActor, now);
  }
}
