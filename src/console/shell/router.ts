import { ObservableValue, useStore } from './observable-value.ts';

/** Where the page is: the path, and the query with its question mark or an empty text. */
export interface PagePlace {
  readonly path: string;
  readonly search: string;
}

const read = (): PagePlace => ({ path: window.location.pathname, search: window.location.search });

const place = new ObservableValue(read());
let hasNavigated = false;

window.addEventListener('popstate', () => {
  hasNavigated = true;
  place.set(read());
});

export function usePlace(): PagePlace {
  return useStore(place);
}

/** Whether the page has changed since it was loaded: a new page then takes the focus. */
export function isNavigated(): boolean {
  return hasNavigated;
}

/** Goes to a path of the console, with or without a query. `isReplaced`: the present entry of the history is replaced. */
export function navigate(to: string, { isReplaced = false } = {}): void {
  const before = place.get();
  window.history[isReplaced ? 'replaceState' : 'pushState'](null, '', to);
  const after = read();
  if (after.path !== before.path) {
    hasNavigated = true;
    window.scrollTo(0, 0);
  }
  place.set(after);
}
