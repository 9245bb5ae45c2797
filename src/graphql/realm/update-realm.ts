import type { Caller } from '../../domain/caller.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import { updateRealm, type UpdateRealmInput } from '../../realms/update-realm.ts';
import type { Services } from '../context.ts';
import { LeakResponseEnum } from '../enums.ts';
import { mutation } from '../mutation.ts';
import {
  CeilingInputRef,
  ForeignSecretsInputRef,
  FreezeInputRef,
  SubjectCeilingInputRef,
  SubjectMailInputRef,
} from './realm-inputs.ts';
import { settingDescriptions as settings, toRealmSettings } from './realm-settings.ts';
import { realmSettingsFields } from './realm-success.ts';

mutation('updateRealm', {
  description:
    'Changes the settings of a realm. Limits apply to requests from now on; existing keys keep their scopes and expiries. A change of freezes or longestShift reviews all keys. Administrators only.',
  input: {
    description: 'The changes of a realm. What is left out stays unchanged.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The realm’s slug, which cannot be changed.' }),
      settingsVersion: t.string({
        description:
          'The version of the settings that the change is based on: Realm.settingsVersion. If they have changed since, the result is RealmChanged, and nothing changes. Default: the change is made whatever the settings are.',
      }),
      name: t.string({ description: settings.name }),
      foldsCase: t.boolean({ description: settings.foldsCase }),
      minimumNotice: t.field({ type: 'Duration', description: settings.minimumNotice }),
      shortestLifetime: t.field({ type: 'Duration', description: settings.shortestLifetime }),
      longestLifetime: t.field({ type: 'Duration', description: settings.longestLifetime }),
      ceilings: t.field({
        type: [CeilingInputRef],
        description:
          'The ceilings of all roles. They replace the present ceilings; an empty list removes all ceilings. If only some roles have a ceiling, the result has a warning about the others.',
      }),
      freezes: t.field({
        type: [FreezeInputRef],
        description: 'The whole calendar of freezes: at most 100. Replaces the present one; an empty list removes it.',
      }),
      longestShift: t.field({ type: 'Duration', description: settings.longestShift }),
      leakResponse: t.field({ type: LeakResponseEnum, description: settings.leakResponse }),
      signedTokens: t.boolean({ description: settings.signedTokens }),
      secretPrefix: t.string({
        description: `${settings.secretPrefix} Secrets with an earlier prefix stay valid. Upgrade all nodes and verifiers first.`,
      }),
      subjectCeilings: t.field({
        type: [SubjectCeilingInputRef],
        description: `${settings.subjectCeilings} They replace the present ones; an empty list removes all.`,
      }),
      foreignSecrets: t.field({
        type: ForeignSecretsInputRef,
        description: `${settings.foreignSecrets} Foreign secrets that do not match no longer verify.`,
      }),
      subjectMail: t.field({ type: SubjectMailInputRef, description: settings.subjectMail }),
      portalOrigins: t.stringList({
        description: `${settings.portalOrigins} They replace the present ones; sessions of other pages are refused at once.`,
      }),
    }),
  },
  useCase: updateAndForgetOrigins,
  toInput: (input) => ({
    realm: input.realm,
    settingsVersion: input.settingsVersion ?? null,
    ...toRealmSettings(input),
  }),
  failures: ['RealmNotFound', 'SecretPrefixTaken', 'RealmChanged'],
  success: { description: 'The realm was updated.', fields: realmSettingsFields },
});

/** Updates a realm. This node answers preflights for its origins at once. */
async function updateAndForgetOrigins(services: Services, caller: Caller, input: UpdateRealmInput & IdempotentInput) {
  const updated = await updateRealm(services, caller, input);
  services.portalOrigins.forget();
  return updated;
}
