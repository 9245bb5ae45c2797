import type { Role } from '../domain/caller.ts';
import { DAY_MS, DURATION_MAX_MS, describeDuration } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { ceilingProblem, type Scope } from '../domain/scope.ts';
import { quoted } from '../domain/text.ts';
import { useCase } from '../log/use-case.ts';
import { checkText } from '../domain/check-text.ts';

/** The most that keys issued by accounts of a role may be given. */
export interface CeilingInput {
  readonly role: Role;
  readonly scopes: readonly Scope[];
}

/** What a realm is set to; left out: as it is, and for a new one the defaults. */
export interface RealmSettings {
  readonly name?: string | null;
  readonly foldsCase?: boolean | null;
  readonly minimumNoticeMs?: number | null;
  readonly shortestLifetimeMs?: number | null;
  readonly longestLifetimeMs?: number | null;
  readonly ceilings?: readonly CeilingInput[] | null;
}

export interface CreateRealmInput extends RealmSettings {
  readonly slug: string;
  readonly name: string;
}

/** What a new realm is bound to, unless it is told otherwise. */
export const realmDefaults = {
  foldsCase: false,
  minimumNoticeMs: 30 * DAY_MS,
  shortestLifetimeMs: DAY_MS,
  longestLifetimeMs: 365 * DAY_MS,
};

/** Makes a realm: one population of keys with scopes and bounds of its own. */
export const createRealm = useCase<CreateRealmInput, object, { readonly realmId: string }>({
  name: 'createRealm',

  async authorize(_change, caller, input) {
    if (!may(caller, 'realm.manage', {})) throw forbidden('Only administrators make realms.');
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(input.slug)) {
      const found = `slug: found ${quoted(input.slug)}; write 1 to 63 of a-z, 0-9 and -, not - at an end.`;
      throw badUserInput(found, ['input', 'slug']);
    }
    checkSettings({ ...realmDefaults, ...input });
    return {};
  },

  async run({ core, tx, tell, now }, caller, input) {
    if ((await tx.realm.findUnique({ where: { slug: input.slug } })) !== null) {
      return fail('RealmExists', `There is a realm ${input.slug} already.`, { path: ['input', 'slug'] });
    }
    const at = now();
    const id = newId('realm', at, core.random);
    await tx.realm.create({
      data: {
        id,
        slug: input.slug,
        name: input.name,
        foldsCase: input.foldsCase ?? realmDefaults.foldsCase,
        minimumNoticeMs: BigInt(input.minimumNoticeMs ?? realmDefaults.minimumNoticeMs),
        shortestLifetimeMs: BigInt(input.shortestLifetimeMs ?? realmDefaults.shortestLifetimeMs),
        longestLifetimeMs: BigInt(input.longestLifetimeMs ?? realmDefaults.longestLifetimeMs),
        createdAt: at,
        ceilings: { create: ceilingRows(input.ceilings ?? []) },
      },
    });
    tell({ type: 'REALM_CREATED', at, realmId: id, actor: actorOf(caller), data: { slug: input.slug } });
    return { realmId: id };
  },
});

/** Throws for settings that no realm can have. */
export function checkSettings(settings: RealmSettings): void {
  if (settings.name != null) checkText('name', settings.name, 100);
  const { shortestLifetimeMs: shortest, longestLifetimeMs: longest, minimumNoticeMs: notice } = settings;
  for (const [field, ms] of Object.entries({
    shortestLifetime: shortest,
    longestLifetime: longest,
    minimumNotice: notice,
  })) {
    if (ms == null) continue;
    if (ms < (field === 'minimumNotice' ? 0 : 1) || ms > DURATION_MAX_MS) {
      throw badUserInput(
        `${field}: found ${describeDuration(ms)}; it may be up to ${describeDuration(DURATION_MAX_MS)}.`,
        ['input', field],
      );
    }
  }
  if (shortest != null && longest != null && shortest > longest) {
    const found = `found ${describeDuration(shortest)} as the shortest life and ${describeDuration(longest)} as the longest`;
    throw badUserInput(`shortestLifetime: ${found}; the shortest is no longer than the longest.`, [
      'input',
      'shortestLifetime',
    ]);
  }
  for (const { role, scopes } of settings.ceilings ?? []) {
    for (const scope of scopes) {
      const problem = ceilingProblem(scope);
      if (problem !== null) throw badUserInput(`ceilings, ${role}: ${problem}`, ['input', 'ceilings']);
    }
  }
}

export function ceilingRows(ceilings: readonly CeilingInput[]) {
  return ceilings.flatMap(({ role, scopes }) => scopes.map(({ action, resource }) => ({ role, action, resource })));
}
