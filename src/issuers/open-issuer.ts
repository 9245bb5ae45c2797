import type { TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { lockRealm } from '../realms/lock-realm.ts';

/** An issuer, trusted or not any more, with its realm locked: nothing is exchanged until the change has committed. */
export async function lockIssuerForCaller(
  { tx }: Change,
  caller: Caller,
  id: string,
): Promise<TrustedIssuer | Failure<'IssuerNotFound'>> {
  const known = may(caller, 'realm.manage', {}) ? await tx.trustedIssuer.findUnique({ where: { id } }) : null;
  if (known === null) return issuerNotFound();
  await lockRealm(tx, known.realmId);
  return tx.trustedIssuer.findUniqueOrThrow({ where: { id } });
}

/** Why an issuer cannot be changed; null: it can. Who repeats the request that ended it is not asked. */
export function refuseDistrusted({ distrustedAt }: TrustedIssuer): Failure<'IssuerNotFound'> | null {
  return distrustedAt === null ? null : issuerNotFound();
}

/** A rule, with its issuer. */
export type RuleWithIssuer = TokenRule & { readonly issuer: TrustedIssuer };

/** The same of a rule, in force or not any more. */
export async function lockRuleForCaller(
  { tx }: Change,
  caller: Caller,
  id: string,
): Promise<RuleWithIssuer | Failure<'TokenRuleNotFound'>> {
  const whole = { where: { id }, include: { issuer: true } };
  const known = may(caller, 'realm.manage', {}) ? await tx.tokenRule.findUnique(whole) : null;
  if (known === null) return ruleNotFound();
  await lockRealm(tx, known.issuer.realmId);
  return tx.tokenRule.findUniqueOrThrow(whole);
}

/** The same of a rule. */
export function refuseRemoved({ removedAt, issuer }: RuleWithIssuer): Failure<'TokenRuleNotFound'> | null {
  return removedAt === null && issuer.distrustedAt === null ? null : ruleNotFound();
}

function issuerNotFound() {
  const found = 'There is no trusted issuer with this id that you administer.';
  return fail('IssuerNotFound', found, { path: ['input', 'issuerId'] });
}

function ruleNotFound() {
  return fail('TokenRuleNotFound', 'There is no rule with this id that you administer.', { path: ['input', 'ruleId'] });
}
