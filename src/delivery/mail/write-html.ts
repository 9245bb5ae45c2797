import type { DigestContents } from './load-digest.ts';
import { describeLeak } from './describe-leak.ts';
import { introductionsOf, describeStoppingKey, type MailLinks } from './write-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it can stand in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** The mail as HTML: the same words as the text, nothing loaded from anywhere. */
export function writeHtml(contents: DigestContents, links: MailLinks, now: Date): string {
  const { keys, leaks } = contents;
  const { leaked, stopping } = introductionsOf(contents);
  const leakBlocks = leaks.map((leak) => htmlBlock(links.key(leak.keyId), leak, describeLeak(leak)));
  const blocks = keys.map((key) => htmlBlock(links.key(key.id), key, describeStoppingKey(key, now)));
  const parts = [
    ...(leaks.length === 0 ? [] : [`<p>${leaked}</p>`, ...leakBlocks]),
    ...(keys.length === 0 ? [] : [`<p>${stopping}</p>`, ...blocks]),
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Keytide</title></head>
<body>
${parts.join('\n')}
<p><a href="${escapeHtml(links.unsubscribe)}">Get no more notices by mail</a></p>
</body>
</html>
`;
}

interface NamedKey {
  readonly name: string;
  readonly ownerName: string;
  readonly realmName: string;
}

function htmlBlock(link: string, { name, ownerName, realmName }: NamedKey, sentences: readonly string[]): string {
  const lines = sentences.map((line) => `<p>${escapeHtml(line)}</p>`);
  return `<section>
<h2><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></h2>
<p>${escapeHtml(`${ownerName}, ${realmName}`)}</p>
${lines.join('\n')}
</section>`;
}
