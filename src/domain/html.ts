const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for HTML, between tags and in quoted attributes: names that people and devices choose may contain markup. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/**
 * Returns a whole HTML document. The title is escaped; `body`, and `head` for further elements, are HTML. `language` is a
 * BCP 47 tag.
 */
export function htmlDocument(title: string, body: string, head = '', language = 'en'): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8">${head}<title>${escapeHtml(title)}</title></head>
<body>
${body}
</body>
</html>
`;
}
