import type { Realm } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { badUserInput } from '../domain/request-error.ts';
import { isReserved, scopeProblem } from '../domain/scope.ts';
import { useCase } from '../log/use-case.ts';
import { checkText } from '../domain/check-text.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';

export interface DefineActionInput {
  readonly realm: string;
  /** For example package:push. */
  readonly name: string;
  readonly description: string;
}

/** Adds an action to a realm's catalogue, or restores a retired action. */
export const defineAction = useCase<DefineActionInput, Realm, { readonly realmId: string }>()({
  name: 'defineAction',

  authorize: (change, caller, input) => lockManagedRealm(change, caller, input.realm),

  async run({ core, tx, record, now }, caller, { name, description }, realm) {
    checkText('description', description, 500);
    const problem = scopeProblem({ action: name, resource: '**' });
    if (problem !== null) throw badUserInput(`name: ${problem}`, ['input', 'name']);
    if (isReserved(name))
      throw badUserInput('name: found a name that begins with keytide:; that prefix is reserved.', ['input', 'name']);
    const at = now();
    const present = await tx.action.findUnique({ where: { realmId_name: { realmId: realm.id, name } } });
    if (present !== null && present.retiredAt === null) {
      return fail('ActionExists', `The realm ${realm.slug} has the action ${name} already.`, {
        path: ['input', 'name'],
      });
    }
    const id = present?.id ?? newId('action', at, core.random);
    if (present === null) await tx.action.create({ data: { id, realmId: realm.id, name, description, createdAt: at } });
    else await tx.action.update({ where: { id }, data: { description, retiredAt: null } });
    record({ type: 'ACTION_DEFINED', at, realmId: realm.id, actor: actorOf(caller), data: { name } });
    return { realmId: realm.id };
  },
});
