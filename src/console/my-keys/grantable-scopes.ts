import { includesGlob } from '../../domain/glob.ts';

/** An action, on the resources that a glob matches. */
export interface GivenScope {
  readonly action: string;
  readonly resource: string;
}

interface CatalogueAction {
  readonly name: string;
  readonly retiredAt: string | null;
}

/**
 * Returns the scopes that a customer may choose: the ceiling, with an entry for each action that it stands for. The action of a
 * ceiling may be prefix:* or *.
 */
export function listGrantable(ceiling: readonly GivenScope[], actions: readonly CatalogueAction[]): GivenScope[] {
  const names = actions.filter(({ retiredAt }) => retiredAt === null).map(({ name }) => name);
  const scopes = ceiling.flatMap(({ action, resource }) =>
    names.filter((name) => standsFor(action, name)).map((name) => ({ action: name, resource })),
  );
  return [...new Map(scopes.map((scope) => [`${scope.action} ${scope.resource}`, scope])).values()];
}

function standsFor(pattern: string, action: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith(':*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}

/** Whether a resource stays within that of a scope of the ceiling, by the rule by which the gateway decides. */
export function isWithin({ resource }: GivenScope, typed: string, foldsCase: boolean): boolean {
  return typed.trim() !== '' && includesGlob(resource, typed.trim(), { foldsCase });
}
