import type { Caller } from '../../domain/caller.ts';
import { ceilingWarnings } from '../../domain/ceiling.ts';
import type { RealmSettings } from '../../realms/check-realm-settings.ts';
import { createRealm, type CreateRealmInput } from '../../realms/create-realm.ts';
import { updateRealm, type UpdateRealmInput } from '../../realms/update-realm.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import type { Services } from '../context.ts';
import { builder } from '../builder.ts';
import { ScopeInputRef } from '../common-inputs.ts';
import { LeakResponseEnum, RoleEnum } from '../enums.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { mutation, type SuccessFields } from '../mutation.ts';

const CeilingInputRef = builder.inputType('CeilingInput', {
  description: 'The ceiling of a role: accounts of that role can issue keys only with scopes that it includes.',
  fields: (t) => ({
    role: t.field({
      type: RoleEnum,
      required: true,
      description:
        'The account’s role in the organization that owns the key. For a key that an account itself owns, the ceiling of OWNER applies; if OWNER has no ceiling, that of MEMBER.',
    }),
    scopes: t.field({
      type: [ScopeInputRef],
      required: true,
      description:
        '1 to 100 scopes. The action of a scope may also be prefix:* or *; neither of these includes keytide: actions.',
    }),
  }),
});

const SubjectCeilingInputRef = builder.inputType('SubjectCeilingInput', {
  description: 'What keys of some subjects may get.',
  fields: (t) => ({
    label: t.field({
      type: LabelInputRef,
      description: 'Only subjects with this label, under policy/. Default: every subject.',
    }),
    scopes: t.field({
      type: [ScopeInputRef],
      required: true,
      description: '1 to 100 scopes. The action of a scope may also be prefix:* or *. No keytide: actions.',
    }),
  }),
});

const FreezeInputRef = builder.inputType('FreezeInput', {
  description: 'A period in which no policy should stop a key. A stop that falls into it is postponed to its end.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true, description: 'When the freeze begins.' }),
    to: t.field({
      type: 'DateTime',
      required: true,
      description: 'When the freeze ends, after `from`. This instant is not part of the freeze.',
    }),
    reason: t.string({ required: true, description: 'Why there is a freeze, for people: 1 to 100 characters.' }),
  }),
});

const ForeignSecretsInputRef = builder.inputType('ForeignSecretsInput', {
  description:
    'The secrets of another system that verify in a realm after their digests were imported. A text that has the form of a secret of this gateway never counts as foreign.',
  fields: (t) => ({
    pattern: t.string({
      required: true,
      description:
        'What a whole secret matches: characters and classes such as [0-9a-f], each once or with ?, {40} or {20,40}; at most two of them vary in length; for example sk_live_[0-9A-Za-z]{24}. Empty: no foreign secret verifies.',
    }),
    randomBits: t.int({
      required: true,
      description:
        'How many random bits a secret has at least: 80 to 1024. Under 128, the stored digest is a MAC under the sealing key, and verifiers in other processes do not get it.',
    }),
  }),
});

const SubjectMailInputRef = builder.inputType('SubjectMailInput', {
  description: 'How a realm mails its subjects before their keys stop.',
  fields: (t) => ({
    senderName: t.string({
      required: true,
      description:
        'The name of the sender: your API, as customers know it; 1 to 100 characters. Empty: subjects are not mailed.',
    }),
    replyTo: t.string({
      description: 'The address for replies. Default: replies go to the sender of the gateway.',
    }),
  }),
});

/** Descriptions that the inputs of createRealm and updateRealm share. */
const settings = {
  name: 'The realm’s name, for people: 1 to 100 characters.',
  foldsCase: 'Whether scopes match resources without regard to case.',
  minimumNotice:
    'How far ahead a policy must announce that it shortens a key’s life, unless an administrator gives a reason: PT0S to 100 years.',
  shortestLifetime: 'The shortest lifetime that may be requested for a key.',
  longestLifetime: 'The longest lifetime that may be requested for a key: at most 100 years.',
  longestShift: 'How far a freeze may postpone a stop: PT0S to 100 years.',
  leakResponse: 'What happens to a key when its secret is reported as leaked.',
  subjectCeilings:
    'What keys with the scope keytide:manage may give to keys of subjects, at most 20 entries. Without an entry that applies to a subject, its keys get no scope.',
  signedTokens:
    'Whether keys can be exchanged for signed tokens of at most 5 minutes, which a revocation of the key does not end.',
  subjectMail:
    'How the realm mails its subjects before their keys stop, if the gateway has a mail server. An address gets at most 3 such mails a day, and none after it has unsubscribed.',
  foreignSecrets: 'Secrets of another system that verify in this realm, for keys that are imported.',
  portalOrigins:
    'The origins of the pages that use portal sessions, such as https://app.example; at most 20. http only for loopback hosts.',
  secretPrefix:
    'What new secrets begin with: 1 to 4 words of a-z and 0-9, each followed by _, at most 24 characters, such as acme_live_. It belongs to this realm for ever; kt_ is shared by realms.',
} as const;

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

mutation('updateRealm', {
  description:
    'Changes the settings of a realm. Limits apply to requests from now on; existing keys keep their scopes and expiries. A change of freezes or longestShift reviews all keys. Administrators only.',
  input: {
    description: 'The changes of a realm. What is left out stays unchanged.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The realm’s slug, which cannot be changed.' }),
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
  toInput: (input) => ({ realm: input.realm, ...toRealmSettings(input) }),
  failures: ['RealmNotFound', 'SecretPrefixTaken'],
  success: { description: 'The realm was updated.', fields: realmSettingsFields },
});

/** Creates a realm. This node answers preflights for its origins at once. */
async function createAndForgetOrigins(services: Services, caller: Caller, input: CreateRealmInput & IdempotentInput) {
  const created = await createRealm(services, caller, input);
  services.portalOrigins.forget();
  return created;
}

async function updateAndForgetOrigins(services: Services, caller: Caller, input: UpdateRealmInput & IdempotentInput) {
  const updated = await updateRealm(services, caller, input);
  services.portalOrigins.forget();
  return updated;
}

type SubjectCeilingInput = typeof SubjectCeilingInputRef.$inferInput;

/** The settings of a realm as both inputs have them. */
interface SettingsInput {
  readonly name?: string | null | undefined;
  readonly foldsCase?: boolean | null | undefined;
  readonly minimumNotice?: number | null | undefined;
  readonly shortestLifetime?: number | null | undefined;
  readonly longestLifetime?: number | null | undefined;
  readonly ceilings?: RealmSettings['ceilings'] | undefined;
  readonly freezes?: RealmSettings['freezes'] | undefined;
  readonly longestShift?: number | null | undefined;
  readonly leakResponse?: RealmSettings['leakResponse'] | undefined;
  readonly signedTokens?: boolean | null | undefined;
  readonly secretPrefix?: string | null | undefined;
  readonly subjectCeilings?: readonly SubjectCeilingInput[] | null | undefined;
  readonly foreignSecrets?: RealmSettings['foreignSecrets'] | undefined;
  readonly subjectMail?: RealmSettings['subjectMail'] | undefined;
  readonly portalOrigins?: readonly string[] | null | undefined;
}

function toRealmSettings(input: SettingsInput): RealmSettings {
  return {
    name: input.name ?? null,
    foldsCase: input.foldsCase ?? null,
    minimumNoticeMs: input.minimumNotice ?? null,
    shortestLifetimeMs: input.shortestLifetime ?? null,
    longestLifetimeMs: input.longestLifetime ?? null,
    ceilings: input.ceilings ?? null,
    freezes: input.freezes ?? null,
    longestShiftMs: input.longestShift ?? null,
    leakResponse: input.leakResponse ?? null,
    signedTokens: input.signedTokens ?? null,
    secretPrefix: input.secretPrefix ?? null,
    subjectCeilings: input.subjectCeilings?.map(({ label, scopes }) => ({ label: label ?? null, scopes })) ?? null,
    foreignSecrets: input.foreignSecrets ?? null,
    subjectMail: input.subjectMail ?? null,
    portalOrigins: input.portalOrigins ?? null,
  };
}

/** Builds the fields of a mutation that changes a realm: the realm after the change. */
export function realmFields<Facts extends { readonly realmId: string }>(t: SuccessFields<Facts>) {
  return {
    realm: t.prismaField({
      type: 'Realm',
      description: 'The realm after the change.',
      resolve: (query, { realmId }, _args, { services }) =>
        services.prisma.realm.findUniqueOrThrow({ ...query, where: { id: realmId } }),
    }),
  };
}

/** Builds the fields of a mutation that changes the settings of a realm. */
function realmSettingsFields<Facts extends { readonly realmId: string }>(t: SuccessFields<Facts>) {
  return {
    ...realmFields(t),
    warnings: t.stringList({
      description: 'What the settings leave open, for people: roles without a ceiling while others have one.',
      resolve: async ({ realmId }, _args, { services }) =>
        ceilingWarnings(await services.prisma.ceiling.findMany({ where: { realmId }, select: { role: true } })),
    }),
  };
}
