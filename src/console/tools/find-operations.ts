import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripIgnoredCharacters } from 'graphql';

/** A call of `graphql` with a template without expressions: the document is its text. */
const call = /\bgraphql\(\s*`([^`]*)`\s*,?\s*\)/g;

/** Returns the documents that the modules of a folder contain, by file name and place. */
export function findOperations(folder: string): string[] {
  const files = globSync('**/*.{ts,tsx}', { cwd: folder }).toSorted();
  return files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(call)].map(([, text = '']) => text),
  );
}

/** Replaces each call of `graphql` in a module by its document as text, with the fragments that the document spreads. */
export function placeDocuments(code: string, fragments: ReadonlyMap<string, string>): string {
  return code.replaceAll(call, (_call, text: string) => JSON.stringify(withFragments(text, fragments)));
}

/** Returns the fragments among documents, by name. */
export function fragmentsOf(documents: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    documents.flatMap((text) => {
      const name = /^\s*fragment (\w+) on /.exec(text)?.[1];
      return name === undefined ? [] : [[name, text]];
    }),
  );
}

function withFragments(text: string, fragments: ReadonlyMap<string, string>): string {
  const included = new Map([['', text]]);
  const include = (part: string) => {
    for (const [, name = ''] of part.matchAll(/\.\.\.\s*(?!on\b)(\w+)/g)) {
      const fragment = fragments.get(name);
      if (fragment === undefined)
        throw new Error(`found the fragment ${name}; expected one of ${[...fragments.keys()].join(', ')}`);
      if (included.has(name)) continue;
      included.set(name, fragment);
      include(fragment);
    }
  };
  include(text);
  return stripIgnoredCharacters([...included.values()].join(' '));
}
