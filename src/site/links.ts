import { posix } from 'node:path';
import type { Token } from 'markdown-it';
import type { Document } from './documents.ts';

/** Where a link may lead. */
export interface LinkTargets {
  /** The pages by the path of their Markdown, or of the folder that they list: 'docs/guides/verify.md', 'docs/decisions'. */
  readonly pages: ReadonlyMap<string, Document>;
  /** Returns the address of another file of the documents, such as a picture; null: it is not one of them. */
  readonly asset: (path: string) => string | null;
  /** The address of the repository's files, with a final slash; null: they are not published. */
  readonly sources: string | null;
}

/** Returns the address of a page of the site. */
export function addressOf(name: string): string {
  return name === '' ? '/docs' : `/docs/${name}`;
}

/**
 * Rewrites the links and pictures of a document: Markdown becomes a page, another file of the documents an asset, a source of
 * the repository its published address or, without one, plain text. Throws if a target below docs/, or its anchor, does not
 * exist: sources may be absent where the site is built.
 */
export function resolveLinks({ tokens, path, name }: Document, targets: LinkTargets): void {
  const from = path ?? `docs/${name}.md`;
  for (const { children } of tokens) {
    const open: boolean[] = [];
    for (const token of children ?? []) {
      if (token.type === 'link_open') {
        const address = resolveLink(String(token.attrGet('href')), from, targets);
        open.push(address !== null);
        if (address === null) blank(token);
        else token.attrSet('href', address);
      } else if (token.type === 'link_close') {
        if (open.pop() === false) blank(token);
      } else if (token.type === 'image') {
        const source = String(token.attrGet('src'));
        const address = targets.asset(posix.join(posix.dirname(from), source));
        if (address === null) throw new Error(`${from}: there is no picture ${source} in docs/.`);
        token.attrSet('src', address);
      }
    }
  }
}

function resolveLink(href: string, from: string, targets: LinkTargets): string | null {
  if (/^[a-z]+:/.test(href) || href.startsWith('/docs')) return href;
  const [relative = '', anchor] = href.split('#');
  const path = relative === '' ? from : posix.join(posix.dirname(from), relative).replace(/\/$/, '');
  const page = targets.pages.get(path);
  if (page !== undefined) {
    if (anchor !== undefined && !page.sections.some((section) => section.anchor === anchor)) {
      throw new Error(`${from}: ${path} has no heading #${anchor}.`);
    }
    return addressOf(page.name) + (anchor === undefined ? '' : `#${anchor}`);
  }
  const asset = targets.asset(path);
  if (asset !== null) return asset;
  if (path.startsWith('docs/')) throw new Error(`${from}: there is no file ${path}.`);
  return targets.sources === null ? null : targets.sources + path + (anchor === undefined ? '' : `#${anchor}`);
}

/** Leaves of a link only its text. */
function blank(token: Token): void {
  token.type = 'text';
  token.tag = '';
  token.content = '';
}
