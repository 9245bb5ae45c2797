/**
 * A file of ours that is not imported but read or run: as it lies beside the one that asks, TypeScript in a checkout and
 * JavaScript in the package. Asked with that one's `import.meta.url`, and named by its path as TypeScript.
 */
export function resolveOwnFile(path: string, askedBy: string): URL {
  return new URL(askedBy.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js'), askedBy);
}
