import type { Binding, Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { lockManagedRealmById } from '../policies/lock-realm.ts';

export interface LockedBinding {
  readonly binding: Binding;
  readonly realm: Realm;
}

/** Locks a binding and its realm for an administrator. The binding may be unbound. */
export async function lockBindingForCaller(
  { tx }: Change,
  caller: Caller,
  bindingId: string,
): Promise<LockedBinding | Failure<'BindingNotFound'>> {
  const found = await tx.binding.findUnique({ where: { id: bindingId } });
  if (found === null || !may(caller, 'realm.read', { realmId: found.realmId })) {
    return notFound('There is no binding with this id that you can see.');
  }
  const realm = await lockManagedRealmById(tx, caller, found.realmId);
  await tx.$queryRaw`SELECT 1 FROM "Binding" WHERE id = ${bindingId} FOR NO KEY UPDATE`;
  return { binding: await tx.binding.findUniqueOrThrow({ where: { id: bindingId } }), realm };
}

/**
 * Returns the failure if a binding is unbound. Must be called in `run`, not in `authorize`: a repeated unbindPolicy
 * must get the result of the first request.
 */
export function refuseUnbound({ unboundAt }: Pick<Binding, 'unboundAt'>): Failure<'BindingNotFound'> | null {
  return unboundAt === null ? null : notFound('This binding was removed.');
}

function notFound(found: string): Failure<'BindingNotFound'> {
  return fail('BindingNotFound', found, { path: ['input', 'bindingId'] });
}
