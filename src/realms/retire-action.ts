import type { Realm } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { useCase } from '../log/use-case.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';

export interface RetireActionInput {
  readonly realm: string;
  readonly name: string;
}

/** Retires an action: new keys cannot get it, and keys that have it retain it. */
export const retireAction = useCase<RetireActionInput, Realm, { readonly realmId: string }>()({
  name: 'retireAction',

  authorize: (change, caller, input) => lockManagedRealm(change, caller, input.realm),

  async run({ tx, record, now }, caller, { name }, realm) {
    const action = await tx.action.findUnique({ where: { realmId_name: { realmId: realm.id, name } } });
    if (action === null) {
      return fail('ActionNotFound', `The realm ${realm.slug} has no action of this name.`, { path: ['input', 'name'] });
    }
    if (action.retiredAt !== null) return { realmId: realm.id };
    const at = now();
    await tx.action.update({ where: { id: action.id }, data: { retiredAt: at } });
    record({ type: 'ACTION_RETIRED', at, realmId: realm.id, actor: actorOf(caller), data: { name } });
    return { realmId: realm.id };
  },
});
