import type { Prisma } from '../../prisma/generated/client/client.ts';

/** Where the stored JSON lists the paths of its instants. The name cannot be that of a fact. */
const INSTANTS = '$instants';

type Path = readonly string[];

/**
 * Returns a result as JSON that is stored. Instants are written as text, which the previous release can read, and their
 * paths are listed beside, so that `decodeResult` returns an instant for an instant and a text for a text, whatever
 * their names are.
 */
export function encodeResult(result: object): Prisma.InputJsonObject {
  return { ...JSON.parse(JSON.stringify(result)), [INSTANTS]: instantPaths(result) };
}

/** Returns a result from its stored JSON. */
export function decodeResult(stored: Readonly<Record<string, unknown>>): object {
  const { [INSTANTS]: paths = pathsByName(stored), ...result } = stored;
  return (paths as readonly Path[]).reduce<object>((value, path) => restoreInstant(value, path) as object, result);
}

function instantPaths(value: unknown, path: Path = []): Path[] {
  if (value instanceof Date) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => instantPaths(part, [...path, name]));
}

function restoreInstant(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) return new Date(String(value));
  const part = restoreInstant((value as Record<string, unknown>)[name], rest);
  return Array.isArray(value) ? value.with(Number(name), part) : { ...(value as object), [name]: part };
}

/**
 * Returns the paths of the instants in JSON that the previous release stored without a list of paths. In that
 * release a field is an instant if its name ends in `At` or is `earliest` or `latest`.
 */
function pathsByName(stored: object, path: Path = []): Path[] {
  return Object.entries(stored).flatMap(([name, value]) => {
    if (name === 'details') return pathsByName(value as object, [...path, name]);
    const isInstant = typeof value === 'string' && (name.endsWith('At') || name === 'earliest' || name === 'latest');
    return isInstant ? [[...path, name]] : [];
  });
}
