import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { Token } from 'markdown-it';
import { createMarkdown } from './markdown.ts';
import { anchorOf } from './anchors.ts';

/** A heading of a document, and the text up to the next one. */
export interface Section {
  /** Null: the text before the first heading below the title. */
  readonly anchor: string | null;
  readonly level: number;
  readonly heading: string;
  readonly text: string;
  /** What the rows of its tables begin with: settings, events, words of the glossary. */
  readonly names: string;
}

/** A document: Markdown that becomes a page. */
export interface Document {
  /** Its name below the site: 'guides/verify'; '' for the first page. */
  readonly name: string;
  /** Where it is in the repository: 'docs/guides/verify.md'. Null: the build made it. */
  readonly path: string | null;
  readonly title: string;
  readonly tokens: Token[];
  readonly sections: readonly Section[];
}

export const markdown = createMarkdown();

/** Reads every Markdown file below a folder of the repository. */
export function readDocuments(root: string, folder: string): Document[] {
  return globSync('**/*.md', { cwd: posix.join(root, folder) })
    .sort()
    .map((file) => {
      const path = posix.join(folder, file);
      const name = file.replace(/(?:^|\/)README\.md$|\.md$/, '');
      return parseDocument(name, readFileSync(posix.join(root, path), 'utf8'), path);
    });
}

/** Parses a document, and gives each heading its anchor, as GitHub does. */
export function parseDocument(name: string, text: string, path: string | null): Document {
  const tokens = markdown.parse(text, {});
  const anchors = new Set<string>();
  const sections: { anchor: string | null; level: number; heading: string; text: string; names: string }[] = [];
  let title = '';
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const heading = plainText(tokens[index + 1]);
      const anchor = anchorOf(heading, anchors);
      token.attrSet('id', anchor);
      const level = Number(token.tag.slice(1));
      if (level === 1 && title === '') title = heading;
      sections.push({ anchor: level === 1 ? null : anchor, level, heading, text: '', names: '' });
    } else if (token.type === 'inline' && tokens[index - 1]?.type !== 'heading_open') {
      append(sections, plainText(token));
      const last = sections.at(-1);
      if (last !== undefined && tokens[index - 2]?.type === 'tr_open') last.names += `${plainText(token)}\n`;
    } else if (token.type === 'fence') {
      append(sections, token.content);
    }
  }
  if (title === '') throw new Error(`${path ?? name}: found no title; expected a line that begins with "# ".`);
  return { name, path, title, tokens, sections };
}

function append(sections: { text: string }[], text: string): void {
  const last = sections.at(-1);
  if (last !== undefined) last.text += `${text}\n`;
}

/** Returns what a reader sees of an inline token. */
function plainText(token: Token | undefined): string {
  return (token?.children ?? [])
    .map(({ type, content }) => (type === 'softbreak' || type === 'hardbreak' ? ' ' : content))
    .join('');
}
