import { escapeHtml, htmlDocument } from '../../domain/html.ts';
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
  /** The URL that stops these mails. */
  readonly unsubscribe: string;
}

/**
 * Writes a mail to a subject in its language. It has no link but the one that stops the mails, and no remote content. The
 * reason of a stop is an English sentence of a policy: only English mails have it.
 */
export function writeSubjectMail(contents: SubjectMailContents): WrittenSubjectMail {
  const { keys, language, senderName, takesReplies, unsubscribe } = contents;
  const texts = textsFor(language);
  const blocks = keys.map((key) => [nameOf(key, texts), ...describe(key, texts)] as const);
  const introduction = texts.introduction(keys.length);
  const closing = [texts.whyThisMail(senderName), ...(takesReplies ? [texts.reply] : [])].join(' ');
  const first = keys[0]?.stopsAt ?? new Date(0);
  const sections = blocks.map(([name, ...lines]) => {
    const paragraphs = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n');
    return `<section>\n<h2>${escapeHtml(name)}</h2>\n${paragraphs}\n</section>`;
  });
  const link = `<a href="${escapeHtml(unsubscribe)}">${escapeHtml(texts.stop)}</a>`;
  const subject = texts.subjectLine(keys.length, formatDay(first, texts.locale));
  return {
    subject,
    text: `${[
      introduction,
      ...blocks.map(([name, ...lines]) => [name, ...lines].join('\n  ')),
      closing,
      `${texts.stop}: ${unsubscribe}`,
    ].join('\n\n')}\n`,
    html: htmlDocument(
      subject,
      [`<p>${escapeHtml(introduction)}</p>`, ...sections, `<p>${escapeHtml(closing)} ${link}</p>`].join('\n'),
      '',
      texts.locale,
    ),
  };
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
