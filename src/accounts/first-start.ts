import { systemActor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import { change } from '../log/change.ts';
import { realmDefaults } from '../realms/create-realm.ts';
import type { BindingCore } from '../bindings/bind.ts';
import type { Core } from '../store/core.ts';
import { bindDefaultPolicies } from '../bindings/bind-default-policies.ts';
import { foldEmail } from '../domain/check-email.ts';
import { type Passwords, generatePassword } from './passwords.ts';

/** The action catalogue of the first realm: what NuGet.org's keys may be allowed to do. */
const firstActions = {
  'package:push': 'Push new packages and new versions of packages',
  'package:push-version': 'Push new versions of packages that exist',
  'package:unlist': 'Unlist or relist versions of packages',
};

/** The advisory lock of the first start; any number that nothing else in Keytide locks. */
const LOCK = 5_390_141;

export interface FirstAdministrator {
  readonly email: string;
  /** Null: a password is generated. */
  readonly password: Sensitive<string> | null;
}

export interface FirstStartResult {
  /** The administrator's password, if this start generated it. It is stored nowhere. */
  readonly generatedPassword: Sensitive<string> | null;
  /** Whether the configured administrator exists with the configured password. */
  readonly isAsConfigured: boolean;
}

/**
 * Creates the realm `default` and an administrator in an empty database. If several nodes start at once, one creates
 * them.
 */
export async function runFirstStart(
  core: BindingCore & { readonly passwords: Passwords },
  { email, password }: FirstAdministrator,
): Promise<FirstStartResult> {
  if ((await core.prisma.account.count()) > 0) return checkConfigured(core, { email, password });
  const generated = password === null ? generatePassword(core.random) : null;
  const passwordHash = await core.passwords.hashPassword((password ?? generated)?.reveal() ?? '');
  const wasFirst = await change(core, async (change) => {
    const { tx, record, now } = change;
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(${LOCK})::text`;
    if ((await tx.account.count()) > 0) return false;
    const at = now();
    const id = (kind: 'account' | 'realm' | 'action') => newId(kind, at, core.random);
    const accountId = id('account');
    const realmId = id('realm');
    await tx.account.create({
      data: {
        id: accountId,
        email: foldEmail(email),
        name: 'Administrator',
        passwordHash,
        isAdministrator: true,
        createdAt: at,
        // The operator configured the address.
        emailVerifiedAt: at,
      },
    });
    await tx.realm.create({
      data: {
        id: realmId,
        slug: 'default',
        name: 'Default',
        ...realmDefaults,
        createdAt: at,
        actions: {
          create: Object.entries(firstActions).map(([name, description]) => ({
            id: id('action'),
            name,
            description,
            createdAt: at,
          })),
        },
      },
    });
    record({ type: 'ACCOUNT_CREATED', at, ownerId: accountId, actor: systemActor, data: {} });
    record({ type: 'REALM_CREATED', at, realmId, actor: systemActor, data: { slug: 'default' } });
    await bindDefaultPolicies(change, { id: realmId, minimumNoticeMs: realmDefaults.minimumNoticeMs }, at);
    return true;
  });
  return wasFirst ? { generatedPassword: generated, isAsConfigured: true } : checkConfigured(core, { email, password });
}

async function checkConfigured(
  { prisma, passwords }: Core & { readonly passwords: Passwords },
  { email, password }: FirstAdministrator,
): Promise<FirstStartResult> {
  const account = await prisma.account.findUnique({ where: { email: foldEmail(email) } });
  const isAsAsked =
    account !== null &&
    (password === null || (await passwords.verifyPassword(account.passwordHash, password.reveal())));
  return { generatedPassword: null, isAsConfigured: isAsAsked };
}
