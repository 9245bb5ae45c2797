import { describeLabels, type MailLabel } from '../describe-labels.ts';
import type { MailBlock, MailDocument } from '../mail-document.ts';
import { renderHtml } from '../render-html.ts';
import { renderText } from '../render-text.ts';
import type { StoppingSubjectKey } from './load-subject-mail.ts';
import { textsFor, type SubjectTexts } from './subject-texts.ts';

/** A mail to a subject, as written. */
export interface WrittenSubjectMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mail to a subject says, and in which language. */
export interface SubjectMailContents {
  readonly keys: readonly StoppingSubjectKey[];
  readonly language: string | null;
  readonly senderName: string;
  /** Whether replies reach the API. */
  readonly takesReplies: boolean;
  /** The page of the API on which its customers see their keys. Null: the realm names none. */
  readonly keysPage: string | null;
  /** The URL that stops these mails. */
  readonly unsubscribe: string;
}

/**
 * Writes a mail to a subject in its language. It links to the page that an administrator has named, and to the one that stops the
 * mails, and has no other link and no remote content. The reason of a stop is an English sentence of a policy: only English mails have it.
 */
export function writeSubjectMail(contents: SubjectMailContents): WrittenSubjectMail {
  const { keys, language, senderName, takesReplies, keysPage, unsubscribe } = contents;
  const texts = textsFor(language);
  const first = keys[0]?.stopsAt ?? new Date(0);
  const subject = texts.subjectLine(keys.length, formatDay(first, texts.locale));
  const blocks = keys.map((key) => ({
    title: nameOf(key, texts),
    origin: null,
    sentences: describe(key, texts),
    facts: factsOf(key, texts),
    items: [],
    link: null,
  }));
  const document: MailDocument = {
    language: texts.locale,
    title: subject,
    heading: senderName,
    sections: [{ introduction: texts.introduction(keys.length), blocks }],
    page: keysPage === null ? null : { label: texts.seeKeys, url: keysPage },
    closing: [texts.whyThisMail(senderName), ...(takesReplies ? [texts.reply] : [])].join(' '),
    unsubscribe: { label: texts.stop, url: unsubscribe },
  };
  return { subject, text: renderText(document), html: renderHtml(document) };
}

function describe({ stopsAt, isExtendedByUse, why }: StoppingSubjectKey, texts: SubjectTexts): readonly string[] {
  const moment = formatMoment(stopsAt, texts.locale);
  const isEnglish = texts.locale.startsWith('en');
  return [
    isExtendedByUse ? texts.useIt(moment) : texts.renewIt(moment),
    texts.notNeeded,
    ...(isEnglish ? [`Why: ${why}`] : []),
  ];
}

/** Returns by what a customer recognises a key: when it was last used, and its labels, without those that could lead somewhere. */
function factsOf({ lastUsedAt, labels }: StoppingSubjectKey, texts: SubjectTexts): MailBlock['facts'] {
  const leadsNowhere = ({ name, value }: MailLabel) => !linkLike.test(name) && !linkLike.test(value);
  const described = describeLabels(labels, texts.more, leadsNowhere);
  return [
    [texts.lastUse, lastUsedAt === null ? texts.never : formatMoment(lastUsedAt, texts.locale)],
    ...(described === null ? [] : [[texts.labels, described] as const]),
  ];
}

/**
 * A name that mail programs may turn into a link or an address. The address of a mail is not verified, so its reader may not
 * know who chose the name: it must lead nowhere.
 */
const linkLike = /[:/@\\]|\.\S/;

function nameOf({ name, start }: StoppingSubjectKey, texts: SubjectTexts): string {
  return linkLike.test(name) ? texts.secretBegins(`${start}…`) : `${name} (${start}…)`;
}

function formatDay(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    at,
  );
}

function formatMoment(at: Date, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(at)} UTC`;
}
