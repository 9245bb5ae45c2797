import { escapeHtml } from '../domain/html.ts';
import type { Section } from './documents.ts';
import type { NavigationGroup } from './navigation.ts';

/** What all pages have in common. */
export interface SiteFrame {
  readonly navigation: readonly NavigationGroup[];
  readonly version: string;
  /** The addresses of the files that each page loads. */
  readonly assets: { readonly style: string; readonly script: string; readonly icon: string; readonly index: string };
}

/** A page to lay out. */
export interface Page {
  readonly address: string;
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
  /** The page whose entry in the navigation is marked, if this one has none. */
  readonly parent?: string;
}

/** Headings of a page that is long enough for a list of them. */
const LISTED_MIN = 3;

/** Returns a whole page. Without script all of it works but the search, which the script shows. */
export function layOutPage(page: Page, { navigation, version, assets }: SiteFrame): string {
  const isFirst = page.address === '/docs';
  const title = isFirst ? page.title : `${page.title} · Keytide`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${assets.icon}">
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.script}"></script>
</head>
<body data-index="${assets.index}">
<a class="skip" href="#site-content">Skip to the content</a>
<header class="bar">
<a class="brand" href="/docs">Keytide <span class="quiet">documents</span></a>
<a class="to-menu" href="#site-pages">Pages</a>
<div class="search" id="site-search" hidden></div>
<a class="to-console" href="/">Console</a>
</header>
<div class="columns">
<nav class="pages" id="site-pages" aria-label="Pages">
${navigation.map((group) => layOutGroup(group, page)).join('\n')}
</nav>
<main id="site-content" tabindex="-1">
${page.html}</main>
${layOutHeadings(page.sections)}
</div>
<footer><p>Keytide ${escapeHtml(version)}</p></footer>
</body>
</html>
`;
}

function layOutGroup({ title, entries }: NavigationGroup, { address, parent }: Page): string {
  const links = entries.map((entry) => {
    const current =
      entry.address === address ? ' aria-current="page"' : entry.address === parent ? ' aria-current="true"' : '';
    return `<li><a href="${escapeHtml(entry.address)}"${current}>${escapeHtml(entry.label)}</a></li>`;
  });
  const list = `<ul>\n${links.join('\n')}\n</ul>`;
  if (title === '') return list;
  const isOpen = entries.some((entry) => entry.address === address || entry.address === parent);
  return `<details${isOpen || address === '/docs' ? ' open' : ''}><summary>${escapeHtml(title)}</summary>\n${list}\n</details>`;
}

function layOutHeadings(sections: readonly Section[]): string {
  const listed = sections.filter(({ anchor, level }) => anchor !== null && level === 2);
  if (listed.length < LISTED_MIN) return '';
  const links = listed.map(
    ({ anchor, heading }) => `<li><a href="#${escapeHtml(anchor ?? '')}">${escapeHtml(heading)}</a></li>`,
  );
  return `<nav class="headings" aria-labelledby="site-headings"><p id="site-headings">On this page</p>
<ul>
${links.join('\n')}
</ul>
</nav>`;
}
