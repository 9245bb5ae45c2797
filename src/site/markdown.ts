import MarkdownIt from 'markdown-it';
import { escapeHtml } from '../domain/html.ts';
import { highlight } from './highlight.ts';

/**
 * Creates the parser of documents. Markup in them is text, except a line break, which tables need. Code and tables that are too
 * wide scroll by keyboard as well.
 */
export function createMarkdown() {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable('autolink');
  markdown.inline.ruler.push('line_break', (state, silent) => {
    if (!state.src.startsWith('<br>', state.pos)) return false;
    if (!silent) state.push('hardbreak', 'br', 0);
    state.pos += '<br>'.length;
    return true;
  });
  markdown.renderer.rules['table_open'] = () =>
    '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>\n';
  markdown.renderer.rules['table_close'] = () => '</table></div>\n';
  markdown.renderer.rules['fence'] = (tokens, index) => {
    const { content = '', info = '' } = tokens[index] ?? {};
    const language = info.trim();
    const label = language === '' ? '' : ` data-language="${escapeHtml(language)}"`;
    return `<div class="code"${label}><pre tabindex="0"><code>${highlight(content, language)}</code></pre></div>\n`;
  };
  return markdown;
}
