import { hash } from 'node:crypto';
import type { Realm } from '../../prisma/generated/client/client.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { formatDuration } from '../domain/duration.ts';
import { LEAST_RANDOM_BITS } from '../domain/foreign-pattern.ts';
import type { SubjectCeiling } from '../domain/subject.ts';
import { storeSubjectCeilings, type ceilingRows, type FreezeInput } from './check-realm-settings.ts';

export type CeilingRow = ReturnType<typeof ceilingRows>[number];

/** The columns of a realm that are its settings. */
export const settingColumns = {
  name: true,
  foldsCase: true,
  minimumNoticeMs: true,
  shortestLifetimeMs: true,
  longestLifetimeMs: true,
  longestShiftMs: true,
  leakResponse: true,
  signedTokens: true,
  secretPrefix: true,
  subjectCeilings: true,
  foreignPattern: true,
  foreignRandomBits: true,
  subjectMailName: true,
  subjectMailReplyTo: true,
  subjectMailPage: true,
  portalOrigins: true,
} as const satisfies Partial<Record<keyof Realm, true>>;

type SettingColumns = Pick<Realm, keyof typeof settingColumns>;

/** How long a version is, in characters of base64url: 132 bits. */
const VERSION_LENGTH = 22;

/** Returns the version of the settings of a realm: equal settings have equal versions, also when they were changed back. */
export function settingsVersionOf(
  realm: SettingColumns,
  freezes: readonly FreezeInput[],
  ceilings: readonly CeilingRow[],
): string {
  return hash('sha256', canonicalJson(realmValues(realm, freezes, ceilings)), 'base64url').slice(0, VERSION_LENGTH);
}

/** Returns the settings of a realm as events record them, lists in a fixed order. */
export function realmValues(realm: SettingColumns, freezes: readonly FreezeInput[], ceilings: readonly CeilingRow[]) {
  return {
    name: realm.name,
    foldsCase: realm.foldsCase,
    minimumNotice: formatDuration(Number(realm.minimumNoticeMs)),
    shortestLifetime: formatDuration(Number(realm.shortestLifetimeMs)),
    longestLifetime: formatDuration(Number(realm.longestLifetimeMs)),
    longestShift: formatDuration(Number(realm.longestShiftMs)),
    leakResponse: realm.leakResponse,
    signedTokens: realm.signedTokens,
    secretPrefix: realm.secretPrefix,
    subjectCeilings: storeSubjectCeilings(realm.subjectCeilings as unknown as readonly SubjectCeiling[]),
    foreignSecrets:
      realm.foreignPattern === null
        ? null
        : { pattern: realm.foreignPattern, randomBits: realm.foreignRandomBits ?? LEAST_RANDOM_BITS },
    subjectMail:
      realm.subjectMailName === null
        ? null
        : { senderName: realm.subjectMailName, replyTo: realm.subjectMailReplyTo, keysPage: realm.subjectMailPage },
    portalOrigins: [...(realm.portalOrigins ?? [])],
    ceilings: ceilings
      .map(({ role, action, resource }) => ({ role, action, resource }))
      .sort((a, b) => compareTexts(canonicalJson(a), canonicalJson(b))),
    freezes: freezes
      .map(({ from, to, reason }) => ({ from: from.toISOString(), to: to.toISOString(), reason }))
      .sort((a, b) => compareTexts(a.from + a.to, b.from + b.to)),
  };
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : 1;
}
