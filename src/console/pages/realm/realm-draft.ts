import type { UpdateRealmInput } from '../../api/operations.ts';
import type { RealmDetails } from './realm-query.ts';

/** The settings of a realm as its form has them. */
export interface RealmDraft {
  readonly name: string;
  readonly secretPrefix: string;
  readonly shortestLifetime: string;
  readonly longestLifetime: string;
  readonly minimumNotice: string;
  readonly longestShift: string;
  readonly leakResponse: RealmDetails['leakResponse'];
  readonly signedTokens: boolean;
  readonly foldsCase: boolean;
  /** One origin a line. */
  readonly portalOrigins: string;
  readonly senderName: string;
  readonly replyTo: string;
  readonly keysPage: string;
}

/** Returns the settings that a realm has now. */
export function draftOf(realm: RealmDetails): RealmDraft {
  const { name, secretPrefix, shortestLifetime, longestLifetime, minimumNotice, longestShift } = realm;
  const { leakResponse, signedTokens, foldsCase, portalOrigins, subjectMail } = realm;
  return {
    name,
    secretPrefix,
    shortestLifetime,
    longestLifetime,
    minimumNotice,
    longestShift,
    leakResponse,
    signedTokens,
    foldsCase,
    portalOrigins: portalOrigins.join('\n'),
    senderName: subjectMail?.senderName ?? '',
    replyTo: subjectMail?.replyTo ?? '',
    keysPage: subjectMail?.keysPage ?? '',
  };
}

/** Returns the changes of a form, for the gateway: what the person did not change is left out, so that it keeps what others set. */
export function changedSettingsOf(draft: RealmDraft, before: RealmDraft): Omit<UpdateRealmInput, 'realm'> {
  const isChanged = (name: keyof RealmDraft) => draft[name] !== before[name];
  const { portalOrigins, senderName, replyTo, keysPage, ...plain } = draft;
  const names = Object.keys(plain) as (keyof typeof plain)[];
  const changed = Object.fromEntries(names.filter(isChanged).map((name) => [name, draft[name]]));
  const origins = portalOrigins.split(/\s+/).filter((origin) => origin !== '');
  const isMailChanged = isChanged('senderName') || isChanged('replyTo') || isChanged('keysPage');
  return {
    ...changed,
    ...(isChanged('portalOrigins') && { portalOrigins: origins }),
    ...(isMailChanged && {
      subjectMail: {
        senderName: senderName.trim(),
        ...(replyTo.trim() !== '' && { replyTo: replyTo.trim() }),
        ...(keysPage.trim() !== '' && { keysPage: keysPage.trim() }),
      },
    }),
  };
}
