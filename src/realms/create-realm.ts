import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { DEFAULT_SECRET_PREFIX } from '../domain/secret-prefix.ts';
import { quote } from '../domain/quote.ts';
import { useCase } from '../log/use-case.ts';
import type { BindingCore } from '../bindings/bind.ts';
import { bindDefaultPolicies } from '../bindings/bind-default-policies.ts';
import { claimPrefix, reservePrefix } from './claim-prefix.ts';
import {
  ceilingRows,
  checkRealmSettings,
  foreignColumns,
  freezeRows,
  storeSubjectCeilings,
  subjectMailColumns,
  type RealmSettings,
} from './check-realm-settings.ts';

export interface CreateRealmInput extends RealmSettings {
  readonly slug: string;
  readonly name: string;
}

/** Default settings of a new realm. */
export const realmDefaults = {
  foldsCase: false,
  minimumNoticeMs: 30 * DAY_MS,
  shortestLifetimeMs: DAY_MS,
  longestLifetimeMs: 365 * DAY_MS,
  longestShiftMs: 14 * DAY_MS,
  leakResponse: 'HOLD',
  signedTokens: false,
  secretPrefix: DEFAULT_SECRET_PREFIX,
} as const;

/** Creates a realm: a population of keys with its own scopes and limits. */
export const createRealm = useCase<CreateRealmInput, object, { readonly realmId: string }, BindingCore>()({
  name: 'createRealm',

  async authorize(_change, caller, input) {
    if (!may(caller, 'realm.manage', {})) throw forbidden('Only administrators can create realms.');
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(input.slug)) {
      const found = `slug: found ${quote(input.slug)}; expected 1 to 63 of a-z, 0-9 and -, with no - at the start or end.`;
      throw badUserInput(found, ['input', 'slug']);
    }
    checkRealmSettings({ ...input, ...boundsOf(input) });
    return {};
  },

  async run(change, caller, input) {
    const { core, tx, record } = change;
    const { slug, name } = input;
    const { secretPrefix } = boundsOf(input);
    const at = change.now();
    const id = newId('realm', at, core.random);
    const taken = await reservePrefix(change, id, secretPrefix);
    if (taken !== null) return taken;
    // A concurrent insert of the same slug makes this statement wait and then skip the row.
    const { count } = await tx.realm.createMany({
      data: {
        id,
        slug,
        name,
        ...boundsOf(input),
        subjectCeilings: storeSubjectCeilings(input.subjectCeilings ?? []),
        portalOrigins: [...new Set(input.portalOrigins ?? [])],
        createdAt: at,
      },
      skipDuplicates: true,
    });
    if (count === 0) return fail('RealmExists', `The realm ${slug} exists already.`, { path: ['input', 'slug'] });
    if (secretPrefix !== DEFAULT_SECRET_PREFIX) await claimPrefix(change, id, secretPrefix, at);
    await tx.freeze.createMany({ data: freezeRows(input.freezes ?? []).map((row) => ({ ...row, realmId: id })) });
    await tx.ceiling.createMany({ data: ceilingRows(input.ceilings ?? []).map((row) => ({ ...row, realmId: id })) });
    record({ type: 'REALM_CREATED', at, realmId: id, actor: actorOf(caller), data: { slug } });
    await bindDefaultPolicies(change, { id, minimumNoticeMs: boundsOf(input).minimumNoticeMs }, at);
    return { realmId: id };
  },
});

function boundsOf(settings: RealmSettings) {
  const { foldsCase, minimumNoticeMs, shortestLifetimeMs, longestLifetimeMs, longestShiftMs, leakResponse } = settings;
  return {
    foldsCase: foldsCase ?? realmDefaults.foldsCase,
    minimumNoticeMs: minimumNoticeMs ?? realmDefaults.minimumNoticeMs,
    shortestLifetimeMs: shortestLifetimeMs ?? realmDefaults.shortestLifetimeMs,
    longestLifetimeMs: longestLifetimeMs ?? realmDefaults.longestLifetimeMs,
    longestShiftMs: longestShiftMs ?? realmDefaults.longestShiftMs,
    leakResponse: leakResponse ?? realmDefaults.leakResponse,
    signedTokens: settings.signedTokens ?? realmDefaults.signedTokens,
    secretPrefix: settings.secretPrefix ?? realmDefaults.secretPrefix,
    ...foreignColumns(settings.foreignSecrets ?? { pattern: '', randomBits: 0 }),
    ...subjectMailColumns(settings.subjectMail ?? { senderName: '' }),
  };
}
