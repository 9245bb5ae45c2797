import type { TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { lockRealm } from '../policies/lock-realm.ts';

/**
 * Loads an issuer, also a distrusted one, and locks its realm, so that no token is exchanged until the transaction ends. Callers
 * other than administrators get IssuerNotFound.
 */
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

/**
 * Refuses to change a distrusted issuer; returns null for any other. Called in `run`, so that an idempotent repeat of
 * `distrustIssuer` still gets its first result.
 */
export function refuseDistrusted({ distrustedAt }: TrustedIssuer): Failure<'IssuerNotFound'> | null {
  return distrustedAt === null ? null : issuerNotFound();
}

export type RuleWithIssuer = TokenRule & { readonly issuer: TrustedIssuer };

/**
 * Loads a rule with its issuer, also a removed rule, and locks the realm, so that no token is exchanged until the transaction
 * ends. Callers other than administrators get TokenRuleNotFound.
 */
export async function lockRuleForCaller(
  { tx }: Change,
  caller: Caller,
  id: string,
): Promise<RuleWithIssuer | Failure<'TokenRuleNotFound'>> {
  const query = { where: { id }, include: { issuer: true } };
  const known = may(caller, 'realm.manage', {}) ? await tx.tokenRule.findUnique(query) : null;
  if (known === null) return ruleNotFound();
  await lockRealm(tx, known.issuer.realmId);
  return tx.tokenRule.findUniqueOrThrow(query);
}

/** Refuses to change a removed rule or a rule of a distrusted issuer; returns null for any other. Called in `run`. */
export function refuseRemoved({ removedAt, issuer }: RuleWithIssuer): Failure<'TokenRuleNotFound'> | null {
  return removedAt === null && issuer.distrustedAt === null ? null : ruleNotFound();
}

function issuerNotFound() {
  const found = 'No trusted issuer has this id, or you do not administer it.';
  return fail('IssuerNotFound', found, { path: ['input', 'issuerId'] });
}

function ruleNotFound() {
  return fail('TokenRuleNotFound', 'No token rule has this id, or you do not administer it.', {
    path: ['input', 'ruleId'],
  });
}
