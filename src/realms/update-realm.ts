import type { Realm } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { replacePrefix } from './claim-prefix.ts';
import { realmValues, settingsVersionOf, type CeilingRow } from './realm-values.ts';
import {
  ceilingRows,
  checkRealmSettings,
  foreignColumns,
  freezeRows,
  storeSubjectCeilings,
  subjectMailColumns,
  type CeilingInput,
  type FreezeInput,
  type RealmSettings,
} from './check-realm-settings.ts';

export interface UpdateRealmInput extends RealmSettings {
  /** The slug, which cannot change. */
  readonly realm: string;
  /** The version that the caller has seen; null: the change is made whatever the settings are. */
  readonly settingsVersion?: string | null;
}

/**
 * Changes the settings of a realm. Bounds and ceilings apply to later requests: existing keys keep their lifetimes and
 * scopes. A changed calendar also shifts the stops of existing keys.
 */
export const updateRealm = useCase<UpdateRealmInput, Realm, { readonly realmId: string }>()({
  name: 'updateRealm',

  authorize: (change, caller, input) => lockManagedRealm(change, caller, input.realm),

  async run(change, caller, input, realm) {
    const { tx, record, now } = change;
    checkRealmSettings({
      ...input,
      shortestLifetimeMs: input.shortestLifetimeMs ?? Number(realm.shortestLifetimeMs),
      longestLifetimeMs: input.longestLifetimeMs ?? Number(realm.longestLifetimeMs),
    });
    const changed = Object.entries(publicNames).flatMap(([field, name]) =>
      input[field as keyof typeof publicNames] == null ? [] : [name],
    );
    if (changed.length === 0) return { realmId: realm.id };
    if (input.settingsVersion != null && input.settingsVersion !== (await readVersion(change, realm))) {
      return fail('RealmChanged', 'The settings of the realm have changed since this version of them.', {
        path: ['input', 'settingsVersion'],
      });
    }
    const at = now();
    const taken = input.secretPrefix == null ? null : await replacePrefix(change, realm, input.secretPrefix, at);
    if (taken !== null) return taken;
    const freezes = await replaceFreezes(change, realm.id, input.freezes ?? null);
    const ceilings = await replaceCeilings(change, realm.id, input.ceilings ?? null);
    const updated = await tx.realm.update({
      where: { id: realm.id },
      data: {
        ...(input.name != null && { name: input.name }),
        ...(input.foldsCase != null && { foldsCase: input.foldsCase }),
        ...(input.minimumNoticeMs != null && { minimumNoticeMs: input.minimumNoticeMs }),
        ...(input.shortestLifetimeMs != null && { shortestLifetimeMs: input.shortestLifetimeMs }),
        ...(input.longestLifetimeMs != null && { longestLifetimeMs: input.longestLifetimeMs }),
        ...(input.longestShiftMs != null && { longestShiftMs: input.longestShiftMs }),
        ...(input.leakResponse != null && { leakResponse: input.leakResponse }),
        ...(input.signedTokens != null && { signedTokens: input.signedTokens }),
        ...(input.secretPrefix != null && { secretPrefix: input.secretPrefix }),
        ...(input.subjectCeilings != null && { subjectCeilings: storeSubjectCeilings(input.subjectCeilings) }),
        ...(input.foreignSecrets != null && foreignColumns(input.foreignSecrets)),
        ...(input.subjectMail != null && subjectMailColumns(input.subjectMail)),
        ...(input.portalOrigins != null && { portalOrigins: [...new Set(input.portalOrigins)] }),
      },
    });
    if (input.freezes != null || input.longestShiftMs != null) await startReview(change, realm.id);
    const values = pickChanged(
      changed,
      realmValues(realm, freezes.before, ceilings.before),
      realmValues(updated, freezes.after, ceilings.after),
    );
    record({ type: 'REALM_UPDATED', at, realmId: realm.id, actor: actorOf(caller), data: { changed, ...values } });
    return { realmId: realm.id };
  },
});

interface Replaced<Row> {
  readonly before: readonly Row[];
  readonly after: readonly Row[];
}

/** Replaces the freezes of a realm, in two statements. Null: unchanged, and not read. */
async function replaceFreezes(
  { tx }: Change,
  realmId: string,
  freezes: readonly FreezeInput[] | null,
): Promise<Replaced<FreezeInput>> {
  if (freezes === null) return { before: [], after: [] };
  const before = await tx.$queryRaw<FreezeInput[]>`
    DELETE FROM "Freeze" WHERE "realmId" = ${realmId} RETURNING "from", "to", reason`;
  const after = freezeRows(freezes);
  await tx.freeze.createMany({ data: after.map((row) => ({ ...row, realmId })) });
  return { before, after };
}

/** Replaces the ceilings of a realm, in two statements. Null: unchanged, and not read. */
async function replaceCeilings(
  { tx }: Change,
  realmId: string,
  ceilings: readonly CeilingInput[] | null,
): Promise<Replaced<CeilingRow>> {
  if (ceilings === null) return { before: [], after: [] };
  const before = await tx.$queryRaw<CeilingRow[]>`
    DELETE FROM "Ceiling" WHERE "realmId" = ${realmId} RETURNING role::text AS role, action, resource`;
  const after = ceilingRows(ceilings);
  await tx.ceiling.createMany({ data: after.map((row) => ({ ...row, realmId })) });
  return { before, after };
}

/** Returns the version of the settings of a locked realm. */
async function readVersion({ tx }: Change, realm: Realm): Promise<string> {
  const freezes = await tx.freeze.findMany({ where: { realmId: realm.id } });
  const ceilings = await tx.ceiling.findMany({ where: { realmId: realm.id } });
  return settingsVersionOf(realm, freezes, ceilings);
}

/** Schedules a review of all keys, because a changed calendar shifts their stop moments. */
async function startReview(change: Change, realmId: string): Promise<void> {
  const { tx } = change;
  const binding = await tx.binding.findFirst({ where: { realmId, unboundAt: null }, orderBy: { id: 'asc' } });
  if (binding !== null) await tx.binding.update({ where: { id: binding.id }, data: await startSweep(change, realmId) });
}

/** The names of the settings in the API and in events. */
const publicNames = {
  name: 'name',
  foldsCase: 'foldsCase',
  minimumNoticeMs: 'minimumNotice',
  shortestLifetimeMs: 'shortestLifetime',
  longestLifetimeMs: 'longestLifetime',
  ceilings: 'ceilings',
  freezes: 'freezes',
  longestShiftMs: 'longestShift',
  leakResponse: 'leakResponse',
  signedTokens: 'signedTokens',
  secretPrefix: 'secretPrefix',
  subjectCeilings: 'subjectCeilings',
  foreignSecrets: 'foreignSecrets',
  subjectMail: 'subjectMail',
  portalOrigins: 'portalOrigins',
} satisfies Record<keyof RealmSettings, string>;
