import { types } from 'node:util';
import type { Json } from '../../../domain/event.ts';
import type { Facts } from '../../contract.ts';
import type { ModuleReply, ConfigReply, EvaluationPart, ModuleFault } from '../messages.ts';
import type { LoadedModule } from './load-module.ts';
import { toPlainVerdict } from './plain-verdict.ts';
import { describeThrown } from './describe-thrown.ts';

/** Taken before any module runs, so that no module can replace them. */
const { parse, stringify } = JSON;

/** Returns the module's issues with a configuration. An empty list: the module accepts the configuration. */
export function readConfig({ config: schema }: LoadedModule, config: Json): ConfigReply {
  try {
    const { error } = schema.safeParse(config);
    const issues = (error?.issues ?? []).slice(0, 20);
    return { issues: issues.map(({ path, message }) => ({ path: path.map(String), message: String(message) })) };
  } catch (thrown) {
    return fault('THROWS', `Its configuration's schema throws ${describeThrown(thrown)}`);
  }
}

/**
 * Evaluates each key. The keys at the indexes in `twice` are evaluated again after all others, with a copy of their facts. If a
 * verdict differs, the module keeps state between calls, and all its verdicts are discarded.
 */
export function evaluateFacts(
  module: LoadedModule,
  { config: given, moment, twice }: EvaluationPart,
  facts: readonly Facts[],
): ModuleReply[] {
  const again = twice.map((place) => parse(stringify(facts[place])) as Facts);
  const config = configReader(module, given);
  const replies = facts.map((one) => verdictsOf(module, config(), one, moment));
  const differs = twice.find((place, index) => {
    const second = again[index];
    if (second === undefined) return false;
    return stringify(verdictsOf(module, config(), second, moment)) !== stringify(replies[place]);
  });
  if (differs === undefined) return replies;
  const message = 'Two calls with the same facts returned different verdicts.';
  return facts.map(() => fault('NOT_DETERMINISTIC', message));
}

function verdictsOf({ policy }: LoadedModule, config: ConfigResult, facts: Facts, moment: number): ModuleReply {
  if ('fault' in config) return config;
  const verdicts: { -readonly [Decision in 'expiry' | 'renewal' | 'dormancy']: Json } = {
    expiry: null,
    renewal: null,
    dormancy: null,
  };
  if (!Object.isFrozen(facts)) freezeFacts(facts);
  for (const decision of ['expiry', 'renewal', 'dormancy'] as const) {
    if (policy[decision] === undefined) continue;
    let result: unknown;
    try {
      result = policy[decision](facts, config.value, moment);
    } catch (thrown) {
      return fault('THROWS', `${decision} throws ${describeThrown(thrown)}`);
    }
    const verdict = toPlainVerdict(result, decision);
    if ('problem' in verdict) return fault('NONSENSE', verdict.problem);
    if (verdict.plain === null) return fault('NONSENSE', `${decision}: found null; expected a verdict with a reason`);
    verdicts[decision] = verdict.plain;
  }
  return verdicts;
}

type ConfigResult = { readonly value: unknown; readonly isPlain: boolean } | ModuleFault;

/**
 * Returns a function that parses the configuration. A parsed configuration is reused for all keys if it is plain data,
 * which can be frozen. A schema may create other values; then the configuration is parsed again for each key.
 */
function configReader({ config: schema }: LoadedModule, given: Json): () => ConfigResult {
  let cached: ConfigResult | null = null;
  return () => {
    cached = cached !== null && 'isPlain' in cached && cached.isPlain ? cached : readFrozen(schema, given);
    return cached;
  };
}

function readFrozen(schema: LoadedModule['config'], given: Json): ConfigResult {
  try {
    const { success, data, error } = schema.safeParse(given);
    if (success) return { value: freezeDeeply(data), isPlain: isPlain(data) };
    const [issue] = error.issues;
    return fault('THROWS', `It no longer accepts its configuration: ${issue?.path.join('.')}: ${issue?.message}`);
  } catch (thrown) {
    return fault('THROWS', `Its configuration's schema throws ${describeThrown(thrown)}`);
  }
}

/** Whether a value is plain data, which cannot change once it is frozen. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return false;
  return Reflect.ownKeys(value).every((name) => {
    const member = Object.getOwnPropertyDescriptor(value, name);
    return member !== undefined && 'value' in member && isPlain(member.value);
  });
}

/** Freezes parsed JSON, which has only data members: the whole last, which is then known to be frozen in depth. */
function freezeFacts(value: object): void {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freezeFacts(member);
  Object.freeze(value);
}

function freezeDeeply<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(Object.getOwnPropertyDescriptors(value))) freezeDeeply(member.value);
  return value;
}

function fault(kind: ModuleFault['fault']['kind'], message: string): ModuleFault {
  return { fault: { kind, message } };
}
