/**
 * Resolves a file of this package that is read or run rather than imported: TypeScript in a checkout, JavaScript in the
 * package. `path` is relative to the caller and has the extension .ts; `askedBy` is the caller's `import.meta.url`.
 */
export function resolveOwnFile(path: string, askedBy: string): URL {
  return new URL(askedBy.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js'), askedBy);
}
