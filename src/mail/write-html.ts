import { escapeHtml, htmlDocument } from '../domain/html.ts';
import type { DigestContents } from './load-digest.ts';
import { countChangedKeys, countOmittedKeys, describeChangedKeys } from './describe-changed-keys.ts';
import type { ChangedKeys } from './load-changed-keys.ts';
import { describeLeak } from './describe-leak.ts';
import { introductionsOf, describeStoppingKey, type MailLinks } from './write-text.ts';

/** Writes the mail as HTML, with the sentences of the plain text and without remote content. */
export function writeHtml(contents: DigestContents, links: MailLinks, now: Date): string {
  const { keys, leaks, operations } = contents;
  const { leaked, stopping } = introductionsOf(contents);
  const leakBlocks = leaks.map((leak) => writeBlock(links.key(leak.keyId), leak, describeLeak(leak)));
  const blocks = keys.map((key) => writeBlock(links.key(key.id), key, describeStoppingKey(key, now)));
  const parts = [
    ...(leaks.length === 0 ? [] : [`<p>${leaked}</p>`, ...leakBlocks]),
    ...operations.map((operation) => writeOperation(operation, links)),
    ...(keys.length === 0 ? [] : [`<p>${stopping}</p>`, ...blocks]),
  ];
  const unsubscribe = `<a href="${escapeHtml(links.unsubscribe)}">Stop these mails</a>`;
  parts.push(`<p>Keytide, which manages these API keys, sent you this mail. ${unsubscribe}</p>`);
  return htmlDocument('Your API keys', parts.join('\n'));
}

function writeOperation(operation: ChangedKeys, links: MailLinks): string {
  const rest = countOmittedKeys(operation);
  const items = operation.keys.map(
    ({ id, title }) => `<li><a href="${escapeHtml(links.key(id))}">${escapeHtml(title)}</a></li>`,
  );
  const lines = describeChangedKeys(operation).map((line) => `<p>${escapeHtml(line)}</p>`);
  return `<section>
<h2>${escapeHtml(countChangedKeys(operation))}</h2>
<p>${escapeHtml(operation.realmName)}</p>
${lines.join('\n')}
<ul>
${[...items, ...(rest === null ? [] : [`<li>${rest}</li>`])].join('\n')}
</ul>
</section>`;
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
