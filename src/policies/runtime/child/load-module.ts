import { configSchemaOf } from './config-schema.ts';
import { z, type Policy } from '../../contract.ts';
import type { LoadReply } from '../messages.ts';
import { importEntry, type ModuleLocation, type ModuleLoader } from './restrict-imports.ts';
import { describeThrown } from './describe-thrown.ts';

/** A loaded module. Its members were read once, so that later changes of its export have no effect. */
export interface LoadedModule {
  readonly policy: Policy;
  readonly config: z.ZodType;
}

const functions = ['expiry', 'renewal', 'dormancy'] as const;
const members = new Set<string>(['name', 'version', 'title', 'summary', 'config', 'reads', ...functions]);

/** Loads a module and describes it. Returns the problem if it does not load or is not a policy. */
export async function loadModule(
  whileLoading: ModuleLoader,
  place: ModuleLocation,
): Promise<{ readonly loaded: LoadedModule; readonly reply: LoadReply } | { readonly problem: string }> {
  try {
    const { default: exported } = await whileLoading(place, () => importEntry(place.entry));
    const problem = problemOf(exported);
    return problem === null ? describeModule(exported as Policy) : { problem };
  } catch (thrown) {
    return { problem: `It does not load: ${describeThrown(thrown)}` };
  }
}

function problemOf(exported: unknown): string | null {
  if (exported === undefined) return 'It has no default export; expected definePolicy({ … }).';
  if (typeof exported !== 'object' || exported === null)
    return `Its default export is a ${typeof exported}; expected a policy.`;
  const unknown = Object.keys(exported).find((name) => !members.has(name));
  if (unknown !== undefined) return `It has an unknown member ${JSON.stringify(unknown.slice(0, 40))}.`;
  const policy = exported as Partial<Policy>;
  const wrong = functions.find((name) => policy[name] !== undefined && typeof policy[name] !== 'function');
  if (wrong !== undefined) return `Its ${wrong} is not a function.`;
  return policy.config instanceof z.ZodType ? null : 'Its config is not a schema; create one with z from #policy.';
}

function describeModule(exported: Policy): { readonly loaded: LoadedModule; readonly reply: LoadReply } {
  const { name, version, title, summary, config, reads = [] } = exported;
  const given = functions.flatMap((member) => {
    const run = exported[member];
    return run === undefined ? [] : [[member, run] as const];
  });
  const policy = Object.freeze({
    name,
    version,
    title,
    summary,
    config,
    reads,
    ...Object.fromEntries(given),
  }) as Policy;
  const described = {
    ...Object.fromEntries(
      Object.entries({ name, version, title, summary }).map(([member, value]) => [member, textOf(value)]),
    ),
    reads: Array.isArray(reads) ? reads.map(textOf) : null,
    decides: given.map(([member]) => member.toUpperCase()),
    configSchema: configSchemaOf(config) as Extract<LoadReply, { described: unknown }>['described'],
  };
  return { loaded: { policy, config }, reply: { described } };
}

/** Returns null for a value that is not text. The gateway, which checks the whole description, refuses it. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
