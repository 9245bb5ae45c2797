import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf, type Json } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';
import {
  checkNames,
  parseImportedKeySet,
  resolveIssuerUrl,
  refuseIssuerUrl,
  refuseDuplicateIssuer,
} from './check-issuer.ts';
import { presetOf, type PresetName } from './presets/presets.ts';
import { issuerEventSubject } from './stored-issuer.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import type { Core } from '../store/core.ts';

/** The most issuers that a realm may trust at the same time. */
export const MAX_ISSUERS_PER_REALM = 50;

export interface TrustIssuerInput {
  /** The realm's slug. */
  readonly realm: string;
  /** Null: the preset's fixed URL, if it has one. */
  readonly url: string | null;
  readonly preset: PresetName | null;
  /** Null: the preset's title, or the URL's host. */
  readonly name: string | null;
  /** Null: the gateway's URL, a slash and the realm's slug. */
  readonly audience: string | null;
  /** A JWK set, as an object or JSON text; null: the keys are fetched by discovery. */
  readonly keySet: Json | null;
}

export type IssuerChanged = { readonly issuerId: string };

/** The input with its defaults filled in. */
interface ResolvedTrustInput extends TrustIssuerInput {
  readonly url: string;
  readonly name: string;
  readonly audience: string;
}

const trustIssuerUseCase = useCase<ResolvedTrustInput, Realm, IssuerChanged, CheckedUrlCore>()({
  name: 'trustIssuer',

  authorize: (change, caller, { realm }) => lockManagedRealm(change, caller, realm),

  async run(change, caller, { url, preset, name, audience, keySet }, realm) {
    const { tx, core } = change;
    if (core.refusal !== null) return core.refusal;
    if ((await tx.trustedIssuer.count({ where: { realmId: realm.id, distrustedAt: null } })) >= MAX_ISSUERS_PER_REALM) {
      return fail(
        'TooManyIssuers',
        `Realm ${realm.slug} already trusts ${MAX_ISSUERS_PER_REALM} issuers, the most allowed.`,
      );
    }
    const now = change.now();
    const id = newId('issuer', now, core.random);
    const imported = keySet === null ? {} : { keySet: parseImportedKeySet(keySet) as object };
    const row = { id, realmId: realm.id, name, url, preset, audience, createdAt: now, changedAt: now, ...imported };
    const taken = await refuseDuplicateIssuer(tx, row);
    if (taken !== null) return taken;
    await tx.trustedIssuer.create({ data: row });
    const data = { issuerId: id, url, audience, preset, isImported: keySet !== null };
    change.record({ type: 'ISSUER_TRUSTED', at: now, ...issuerEventSubject(row), actor: actorOf(caller), data });
    return { issuerId: id };
  },
});

/** Trusts an issuer in a realm. Its tokens are exchanged as soon as it has rules. */
export async function trustIssuer(core: IssuerCore, caller: Caller, input: TrustIssuerInput & IdempotentInput) {
  const { realm, preset, keySet } = input;
  const url = resolveIssuerUrl(input.url, preset);
  checkNames(input);
  if (keySet !== null) parseImportedKeySet(keySet);
  const name = input.name ?? (preset === null ? new URL(url).host : presetOf(preset).title);
  const audience = input.audience ?? `${core.publicUrl()}/${realm}`;
  // Only administrators may cause a DNS look-up.
  const isUrlChecked = keySet === null && may(caller, 'realm.manage', {});
  const refusal = isUrlChecked ? await refuseIssuerUrl(core.issuerSsrfGuard, url) : null;
  return trustIssuerUseCase({ ...core, refusal }, caller, { ...input, url, name, audience });
}

type IssuerCore = Core & {
  /** The SSRF guard for URLs of issuers. */
  readonly issuerSsrfGuard: SsrfGuard;
  /** The URL at which callers reach the gateway. */
  readonly publicUrl: () => string;
};

/** A core with the result of the URL check, which runs before the transaction, so that no transaction waits for DNS. */
type CheckedUrlCore = Core & { readonly refusal: Failure<'IssuerUrlNotAllowed'> | null };
