import { z, type Policy } from '../../contract.ts';
import type { LoadReply } from '../messages.ts';
import { importEntry, type ModuleLocation, type ModuleLoader } from './restrict-imports.ts';
import { describeThrown } from './describe-thrown.ts';

/** A module that is ready to be asked. Its members were read once: what it exports may not change under way. */
export interface LoadedModule {
  readonly policy: Policy;
  readonly config: z.ZodType;
}

const functions = ['expiry', 'renewal', 'dormancy'] as const;
const members = new Set<string>(['name', 'version', 'title', 'summary', 'config', 'reads', ...functions]);

/** Loads a module and reads what it is; a module that cannot be loaded, or is no policy, is a fault in words. */
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
  if (exported === undefined) return 'It has no default export; a module exports definePolicy({ … }) as default.';
  if (typeof exported !== 'object' || exported === null)
    return `Its default export is a ${typeof exported}, no policy.`;
  const stranger = Object.keys(exported).find((name) => !members.has(name));
  if (stranger !== undefined) return `It has a member ${JSON.stringify(stranger.slice(0, 40))} that no policy has.`;
  const policy = exported as Partial<Policy>;
  const wrong = functions.find((name) => policy[name] !== undefined && typeof policy[name] !== 'function');
  if (wrong !== undefined) return `Its ${wrong} is no function.`;
  return policy.config instanceof z.ZodType ? null : 'Its config is no schema; make one with z of #policy.';
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
    configSchema: z.toJSONSchema(config, { io: 'input' }) as Extract<LoadReply, { described: unknown }>['described'],
  };
  return { loaded: { policy, config }, reply: { described } };
}

/** Null is refused by the gateway, which checks everything that is said here. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
