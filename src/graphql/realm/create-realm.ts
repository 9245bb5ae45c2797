import type { Caller } from '../../domain/caller.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import { createRealm, type CreateRealmInput } from '../../realms/create-realm.ts';
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

mutation('createRealm', {
  description: 'Creates a realm and binds the default policies to it. Administrators only.',
  input: {
    description: 'The realm to create. What is left out gets its default.',
    fields: (t) => ({
      slug: t.string({
        required: true,
        description:
          'The realm’s unique name in URLs and inputs: 1 to 63 of a-z, 0-9 and -, with no - at either end. It cannot be changed.',
      }),
      name: t.string({ required: true, description: settings.name }),
      foldsCase: t.boolean({ description: `${settings.foldsCase} Default: false.` }),
      minimumNotice: t.field({ type: 'Duration', description: `${settings.minimumNotice} Default: P30D.` }),
      shortestLifetime: t.field({ type: 'Duration', description: `${settings.shortestLifetime} Default: P1D.` }),
      longestLifetime: t.field({ type: 'Duration', description: `${settings.longestLifetime} Default: P365D.` }),
      ceilings: t.field({
        type: [CeilingInputRef],
        description:
          'The ceilings of roles. Default: none, so every role may give every scope. If only some roles have a ceiling, the result has a warning about the others.',
      }),
      freezes: t.field({ type: [FreezeInputRef], description: 'The calendar of freezes: at most 100. Default: none.' }),
      longestShift: t.field({ type: 'Duration', description: `${settings.longestShift} Default: P14D.` }),
      leakResponse: t.field({ type: LeakResponseEnum, description: `${settings.leakResponse} Default: HOLD.` }),
      signedTokens: t.boolean({ description: `${settings.signedTokens} Default: false.` }),
      secretPrefix: t.string({ description: `${settings.secretPrefix} Default: kt_.` }),
      subjectCeilings: t.field({
        type: [SubjectCeilingInputRef],
        description: `${settings.subjectCeilings} Default: none.`,
      }),
      foreignSecrets: t.field({
        type: ForeignSecretsInputRef,
        description: `${settings.foreignSecrets} Default: none.`,
      }),
      subjectMail: t.field({
        type: SubjectMailInputRef,
        description: `${settings.subjectMail} Default: it does not.`,
      }),
      portalOrigins: t.stringList({ description: `${settings.portalOrigins} Default: none.` }),
    }),
  },
  useCase: createAndForgetOrigins,
  toInput: (input) => ({ slug: input.slug, ...toRealmSettings(input), name: input.name }),
  failures: ['RealmExists', 'SecretPrefixTaken'],
  success: { description: 'The realm was created, with the default bindings.', fields: realmSettingsFields },
});

/** Creates a realm. This node answers preflights for its origins at once. */
async function createAndForgetOrigins(services: Services, caller: Caller, input: CreateRealmInput & IdempotentInput) {
  const created = await createRealm(services, caller, input);
  services.portalOrigins.forget();
  return created;
}
