import { findSections, type FoundSection, type SearchIndex } from './find-sections.ts';

/** Shows the search, and loads its index when it is first used. Results are links: the arrow keys go through them. */
export function openSearchBox(box: HTMLElement, indexAddress: string): void {
  const label = element('label', { htmlFor: 'site-query', className: 'unseen' }, 'Search the documents');
  const input = element('input', { id: 'site-query', type: 'search', autocomplete: 'off', spellcheck: false });
  input.placeholder = 'Search: press /';
  const status = element('p', { className: 'unseen', role: 'status' });
  const results = element('ul', { className: 'results', hidden: true });
  results.setAttribute('aria-label', 'Results');
  box.append(label, input, status, results);
  box.hidden = false;

  let loading: Promise<SearchIndex> | null = null;
  const load = () => {
    loading ??= fetch(indexAddress).then((response) => response.json() as Promise<SearchIndex>);
    loading.catch(() => (loading = null));
    return loading;
  };
  const show = (found: readonly FoundSection[], query: string) => {
    results.replaceChildren(...found.map((section) => layOutResult(section, query)));
    results.hidden = found.length === 0;
    const count = found.length === 1 ? '1 result' : `${found.length} results`;
    status.textContent = query === '' ? '' : found.length === 0 ? `Nothing found for ${query}` : count;
    status.className = query !== '' && found.length === 0 ? 'nothing' : 'unseen';
  };
  const search = async () => {
    const query = input.value.trim();
    if (query === '') return show([], '');
    try {
      const index = await load();
      if (input.value.trim() === query) show(findSections(index, query), query);
    } catch {
      status.className = 'nothing';
      status.textContent = 'The search could not be loaded. Type again to retry.';
    }
  };
  const close = () => show([], '');

  input.addEventListener('focus', () => void load().catch(() => null));
  input.addEventListener('input', () => void search());
  input.addEventListener('focus', () => void search());
  box.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !box.contains(relatedTarget)) close();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Node && !box.contains(target)) close();
  });
  box.addEventListener('keydown', (event) => {
    const links = [...results.querySelectorAll('a')];
    const place = links.findIndex((link) => link === document.activeElement);
    if (event.key === 'Escape') {
      input.focus();
      close();
    } else if (event.key === 'ArrowDown') {
      links[Math.min(place + 1, links.length - 1)]?.focus();
    } else if (event.key === 'ArrowUp') {
      if (place > 0) links[place - 1]?.focus();
      else input.focus();
    } else if (event.key === 'Enter' && event.target === input) {
      links[0]?.click();
    } else {
      return;
    }
    event.preventDefault();
  });
  // A link to a heading of the same page leaves the results open otherwise.
  results.addEventListener('click', () => setTimeout(close));
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
}

function layOutResult({ address, title, heading, start }: FoundSection, query: string): HTMLElement {
  const link = element('a', { href: address });
  const name = element('strong', {});
  name.append(...markWords(heading === '' ? title : heading, query));
  link.append(name);
  if (heading !== '') link.append(element('span', { className: 'of-page' }, title));
  const text = element('span', { className: 'start' });
  text.append(...markWords(start, query));
  link.append(text);
  const item = element('li', {});
  item.append(link);
  return item;
}

/** Returns a text in which the words of a query are marked. */
function markWords(text: string, query: string): (string | HTMLElement)[] {
  const words = query.match(/[\p{L}\p{N}_]+/gu) ?? [];
  if (words.length === 0) return [text];
  const parts = text.split(new RegExp(String.raw`((?<![\p{L}\p{N}])(?:${words.join('|')}))`, 'iu'));
  return parts.map((part, place) => (place % 2 === 1 ? element('mark', {}, part) : part));
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  text = '',
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.textContent = text;
  return made;
}
