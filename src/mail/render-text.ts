import { singleLine, type MailBlock, type MailDocument } from './mail-document.ts';

/** Writes a mail as plain text. */
export function renderText({ heading, sections, page, closing, unsubscribe }: MailDocument): string {
  const paragraphs = sections.flatMap(({ introduction, blocks }) => [
    ...(introduction === null ? [] : [singleLine(introduction)]),
    ...blocks.map(renderBlock),
  ]);
  if (page !== null) paragraphs.push(`${singleLine(page.label)}: ${page.url}`);
  const end = `${singleLine(closing)}\n${singleLine(unsubscribe.label)}: ${unsubscribe.url}`;
  return `${[singleLine(heading), ...paragraphs, end].join('\n\n')}\n`;
}

function renderBlock({ title, origin, sentences, facts, items, link }: MailBlock): string {
  const name = singleLine(title);
  const lines = [
    ...sentences.map(singleLine),
    ...facts.map(([label, value]) => `${label}: ${singleLine(value)}`),
    ...items.map(({ text }) => `- ${singleLine(text)}`),
    ...(link === null ? [] : [`${link.label}: ${link.url}`]),
  ];
  return [origin === null ? name : `${name} (${singleLine(origin)})`, ...lines].join('\n  ');
}
