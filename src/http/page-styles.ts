import { readFileSync } from 'node:fs';

/** The page that the build of the console writes: the same path from here in a checkout and in the package. */
const builtPage = new URL('../console/built/index.html', import.meta.url);

let found: string | null = null;

/**
 * Returns the path of the styles of the console, which the pages of the gateway that need no script share; null: the console is
 * not built, and these pages have no styles. The name changes with the content.
 */
export function findPageStyles(): string | null {
  found ??= readStylesPath();
  return found;
}

function readStylesPath(): string | null {
  try {
    return (
      /<link rel="stylesheet"[^>]* href="(\/assets\/[\w.-]+\.css)"/.exec(readFileSync(builtPage, 'utf8'))?.[1] ?? null
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
