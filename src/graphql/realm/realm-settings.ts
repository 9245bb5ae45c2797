import type { RealmSettings } from '../../realms/check-realm-settings.ts';
import type { SubjectCeilingInputRef } from './realm-inputs.ts';

/** Descriptions that the inputs of createRealm and updateRealm share. */
export const settingDescriptions = {
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
    'How the realm mails its subjects before their keys stop, if the gateway has a mail server. An address gets at most 3 such mails of the realm a day, and none after it has unsubscribed.',
  foreignSecrets: 'Secrets of another system that verify in this realm, for keys that are imported.',
  portalOrigins:
    'The origins of the pages that use portal sessions, such as https://app.example; at most 20. http only for loopback hosts.',
  secretPrefix:
    'What new secrets begin with: 1 to 4 words of a-z and 0-9, each followed by _, at most 24 characters, such as acme_live_. It belongs to this realm for ever; kt_ is shared by realms.',
} as const;

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

/** Returns the settings of a realm as the use cases take them. */
export function toRealmSettings(input: SettingsInput): RealmSettings {
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
