import type { Plugin } from 'vite';
import { findOperations, fragmentsOf, placeDocuments } from './find-operations.ts';

/**
 * Places the text of each operation where `graphql(…)` stands, so that an operation is in the chunk that uses it, and the
 * build contains no table of all operations.
 */
export function placeOperations(folder: string): Plugin {
  let fragments: ReadonlyMap<string, string> = new Map();
  return {
    name: 'place-operations',
    enforce: 'pre',
    buildStart() {
      fragments = fragmentsOf(findOperations(folder));
    },
    transform(code, id) {
      if (!id.startsWith(folder) || !code.includes('graphql(')) return null;
      return { code: placeDocuments(code, fragments), map: null };
    },
  };
}
