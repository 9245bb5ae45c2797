import type { Binding, Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { lockRealm } from '../realms/open-realm.ts';

export interface OpenBinding {
  readonly binding: Binding;
  readonly realm: Realm;
}

/** Locks a binding that is there, with its realm, for an administrator. */
export async function openBinding(
  { tx }: Change,
  caller: Caller,
  bindingId: string,
): Promise<OpenBinding | Failure<'BindingNotFound'>> {
  const found = await tx.binding.findUnique({ where: { id: bindingId } });
  if (found === null || found.unboundAt !== null || !may(caller, 'realm.read', { realmId: found.realmId })) {
    return fail('BindingNotFound', 'There is no binding with this id that you can see.', {
      path: ['input', 'bindingId'],
    });
  }
  const realm = await lockRealm(tx, caller, found.realmId);
  await tx.$queryRaw`SELECT 1 FROM "Binding" WHERE id = ${bindingId} FOR NO KEY UPDATE`;
  return { binding: await tx.binding.findUniqueOrThrow({ where: { id: bindingId } }), realm };
}
