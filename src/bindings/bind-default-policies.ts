import { systemActor } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { writeBinding, type BindingCore } from './bind.ts';

/**
 * The policies of a new realm: a requested expiry is from 1 to 365 days ahead; a key without an expiry lives while it
 * is used at least once in 365 days; renewal is advised late in a key's life.
 */
const DEFAULT_POLICIES = ['bounded-lifetime', 'unused-expires', 'renewal-window'];

/** Binds the default policies to a new realm. */
export async function bindDefaultPolicies(
  change: Change<BindingCore>,
  realm: { readonly id: string; readonly minimumNoticeMs: number },
  now: Date,
): Promise<void> {
  for (const name of DEFAULT_POLICIES) {
    const module = change.core.policies.versions().find((version) => version.name === name && version.isCurrent);
    if (module === undefined) throw new Error(`the bundled policy ${name} cannot be loaded`);
    const settings = {
      config: {},
      mode: 'ENFORCED',
      selector: null,
      // Bundled policies are upgraded with Keytide.
      followsModule: true,
      effectiveAt: null,
      reason: null,
      budget: null,
    } as const;
    await writeBinding(change, realm, module, { ...settings, noticeMs: realm.minimumNoticeMs }, systemActor, now);
  }
}
