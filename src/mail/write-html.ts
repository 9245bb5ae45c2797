import { escapeHtml, htmlDocument } from '../domain/html.ts';
import type { DigestContents } from './load-digest.ts';
import { describeLeak } from './describe-leak.ts';
import { introductionsOf, describeStoppingKey, type MailLinks } from './write-text.ts';

/** Writes the mail as HTML, with the sentences of the plain text and without remote content. */
export function writeHtml(contents: DigestContents, links: MailLinks, now: Date): string {
  const { keys, leaks } = contents;
  const { leaked, stopping } = introductionsOf(contents);
  const leakBlocks = leaks.map((leak) => writeBlock(links.key(leak.keyId), leak, describeLeak(leak)));
  const blocks = keys.map((key) => writeBlock(links.key(key.id), key, describeStoppingKey(key, now)));
  const parts = [
    ...(leaks.length === 0 ? [] : [`<p>${leaked}</p>`, ...leakBlocks]),
    ...(keys.length === 0 ? [] : [`<p>${stopping}</p>`, ...blocks]),
  ];
  const unsubscribe = `<a href="${escapeHtml(links.unsubscribe)}">Stop these mails</a>`;
  parts.push(`<p>Keytide, which manages these API keys, sent you this mail. ${unsubscribe}</p>`);
  return htmlDocument('Your API keys', parts.join('\n'));
}

interface NamedKey {
  readonly name: string;
  readonly ownerName: string;
  readonly realmName: string;
}

function writeBlock(link: string, { name, ownerName, realmName }: NamedKey, sentences: readonly string[]): string {
  const lines = sentences.map((line) => `<p>${escapeHtml(line)}</p>`);
  return `<section>
<h2><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></h2>
<p>${escapeHtml(`${ownerName}, ${realmName}`)}</p>
${lines.join('\n')}
</section>`;
}
