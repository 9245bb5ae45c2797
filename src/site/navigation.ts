import type { Document } from './documents.ts';

/** A group of pages, as the first page lists them. */
export interface NavigationGroup {
  /** '' for the pages above all groups. */
  readonly title: string;
  readonly entries: readonly { readonly address: string; readonly label: string }[];
}

/** Returns the navigation: the links of the first page, grouped by its headings, after they were resolved. */
export function readNavigation(first: Document): NavigationGroup[] {
  const groups: { title: string; entries: { address: string; label: string }[] }[] = [{ title: '', entries: [] }];
  for (const [index, token] of first.tokens.entries()) {
    if (token.type === 'heading_open' && token.tag === 'h2') {
      groups.push({ title: first.tokens[index + 1]?.content ?? '', entries: [] });
    }
    for (const [place, child] of (token.children ?? []).entries()) {
      if (child.type !== 'link_open') continue;
      const label = textOfLink(token.children ?? [], place);
      groups.at(-1)?.entries.push({ address: String(child.attrGet('href')), label });
    }
  }
  return groups;
}

function textOfLink(children: Document['tokens'], open: number): string {
  const close = children.findIndex(({ type }, index) => index > open && type === 'link_close');
  const text = children
    .slice(open + 1, close)
    .map(({ type, content }) => (type === 'softbreak' ? ' ' : content))
    .join('');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
