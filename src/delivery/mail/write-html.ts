import type { StoppingKey } from './load-digest.ts';
import { sentencesOf, type MailLinks } from './write-text.ts';

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
export function writeHtml(keys: readonly StoppingKey[], links: MailLinks, now: Date): string {
  const blocks = keys.map((key) => {
    const lines = sentencesOf(key, now).map((line) => `<p>${escapeHtml(line)}</p>`);
    return `<section>
<h2><a href="${escapeHtml(links.key(key.id))}">${escapeHtml(key.name)}</a></h2>
<p>${escapeHtml(`${key.ownerName}, ${key.realmName}`)}</p>
${lines.join('\n')}
</section>`;
  });
  const intro = keys.length === 1 ? 'This API key stops by itself:' : 'These API keys stop by themselves:';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Keytide</title></head>
<body>
<p>${intro}</p>
${blocks.join('\n')}
<p><a href="${escapeHtml(links.unsubscribe)}">Get no more notices by mail</a></p>
</body>
</html>
`;
}
