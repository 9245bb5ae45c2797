import { escapeHtml, htmlDocument } from '../domain/html.ts';
import { singleLine, type MailBlock, type MailDocument, type MailLink } from './mail-document.ts';
import { colorAttributes, mailHead } from './mail-styles.ts';

/** Writes a mail as HTML: one column, without images, scripts or remote content, in light and dark. */
export function renderHtml({ language, title, heading, sections, page, closing, unsubscribe }: MailDocument): string {
  const content = sections.flatMap(({ introduction, blocks }) => [
    ...(introduction === null ? [] : [`<p style="margin:0 0 16px;font-weight:600">${escape(introduction)}</p>`]),
    ...blocks.map(renderBlock),
  ]);
  if (page !== null) content.push(`<p style="margin:0 0 16px">${renderLink(page)}</p>`);
  const body = `<div ${colorAttributes({ text: 'ink', ground: 'ground' }, `padding:24px 12px;${font}`)}>
<div style="max-width:600px;margin:0 auto">
<h1 dir="auto" ${colorAttributes({ text: 'quiet' }, 'margin:0 0 16px;font-size:16px;font-weight:600')}>${escape(heading)}</h1>
${content.join('\n')}
<p ${colorAttributes({ text: 'quiet' }, 'margin:24px 0 0;font-size:14px')}>${escape(closing)} ${renderLink(unsubscribe)}</p>
</div>
</div>`;
  return htmlDocument(title, body, mailHead, language);
}

const font = "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;overflow-wrap:anywhere";
const sheet = 'margin:0 0 16px;padding:16px;border-width:1px;border-style:solid;border-radius:8px';
const gap = 'margin:0 0 8px';

function renderBlock({ title, origin, sentences, facts, items, link }: MailBlock): string {
  return [
    `<section ${colorAttributes({ text: 'ink', ground: 'sheet', edge: 'edge' }, sheet)}>`,
    `<h2 dir="auto" style="margin:0;font-size:18px">${escape(title)}</h2>`,
    ...(origin === null ? [] : [`<p dir="auto" ${colorAttributes({ text: 'quiet' }, gap)}>${escape(origin)}</p>`]),
    ...sentences.map((sentence) => `<p style="${gap}">${escape(sentence)}</p>`),
    ...(facts.length === 0 ? [] : [`<table style="${gap};font-size:14px">`, ...facts.map(renderFact), '</table>']),
    ...(items.length === 0 ? [] : [`<ul style="${gap};padding-left:24px">`, ...items.map(renderItem), '</ul>']),
    ...(link === null ? [] : [`<p style="margin:0">${renderLink(link)}</p>`]),
    '</section>',
  ].join('\n');
}

const cell = 'padding:0 16px 4px 0;text-align:left;vertical-align:top;font-weight:400';

function renderFact([label, value]: readonly [string, string]): string {
  const name = `<th scope="row" ${colorAttributes({ text: 'quiet' }, `${cell};white-space:nowrap`)}>${escape(label)}</th>`;
  return `<tr>${name}<td dir="auto" ${colorAttributes({ text: 'ink' }, cell)}>${escape(value)}</td></tr>`;
}

function renderItem({ text, url }: { readonly text: string; readonly url: string | null }): string {
  return `<li dir="auto">${url === null ? escape(text) : renderLink({ label: text, url })}</li>`;
}

function renderLink({ label, url }: MailLink): string {
  return `<a href="${escapeHtml(url)}" ${colorAttributes({ text: 'link' })}>${escape(label)}</a>`;
}

function escape(text: string): string {
  return escapeHtml(singleLine(text));
}
