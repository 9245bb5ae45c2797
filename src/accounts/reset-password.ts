import { systemActor } from '../domain/event.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { type Passwords, generatePassword } from './passwords.ts';

/**
 * Sets a generated password for an account and ends all of its sessions. For operators with access to the database.
 * Returns the password, which is stored nowhere; null if no open account has the email, which must be in its canonical
 * form.
 */
export async function resetPassword(
  core: Core & { readonly passwords: Passwords },
  email: string,
): Promise<Sensitive<string> | null> {
  const password = generatePassword(core.random);
  const passwordHash = await core.passwords.hashPassword(password.reveal());
  const isReset = await change(core, async ({ tx, record, now }) => {
    const account = await tx.account.findUnique({ where: { email, disabledAt: null } });
    if (account === null) return false;
    const at = now();
    await tx.account.update({ where: { id: account.id }, data: { passwordHash } });
    await tx.session.updateMany({ where: { accountId: account.id, endedAt: null }, data: { endedAt: at } });
    const data = { keptSessionId: null };
    record({ type: 'ACCOUNT_PASSWORD_CHANGED', at, ownerId: account.id, actor: systemActor, data });
    return true;
  });
  return isReset ? password : null;
}
