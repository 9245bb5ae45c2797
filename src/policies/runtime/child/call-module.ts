import { types } from 'node:util';
import type { Json } from '../../../domain/event.ts';
import type { Facts } from '../../contract.ts';
import type { ModuleReply, ConfigReply, ModuleFault, ChildRequest } from '../messages.ts';
import type { LoadedModule } from './load-module.ts';
import { toPlainVerdict } from './plain-verdict.ts';
import { describeThrown } from './describe-thrown.ts';

type Evaluate = Extract<ChildRequest, { kind: 'EVALUATE' }>;

/** Before any module has run: texts are read with what no module has changed. */
const { parse, stringify } = JSON;

/** Whether the module takes a configuration, or what it finds wrong with it. */
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
 * Asks the module about each key. Those at the places of `twice` are asked again after all others, with facts of their own: a
 * module that then says something else has kept something between calls, and nothing of what it says is worth anything.
 */
export function evaluateFacts(
  module: LoadedModule,
  { config: given, moment, facts: text, twice }: Evaluate,
): ModuleReply[] {
  const facts = parse(text) as Facts[];
  const again = twice.map((place) => parse(stringify(facts[place])) as Facts);
  const config = configReader(module, given);
  const answers = facts.map((one) => verdictsOf(module, config(), one, moment));
  const differs = twice.find((place, index) => {
    const second = again[index];
    if (second === undefined) return false;
    return stringify(verdictsOf(module, config(), second, moment)) !== stringify(answers[place]);
  });
  if (differs === undefined) return answers;
  const message = 'Asked twice about the same key, with the same facts, it says two different things.';
  return facts.map(() => fault('NOT_DETERMINISTIC', message));
}

function verdictsOf({ policy }: LoadedModule, config: ConfigResult, facts: Facts, moment: number): ModuleReply {
  if ('fault' in config) return config;
  const verdicts: { -readonly [Decision in 'expiry' | 'renewal' | 'dormancy']: Json } = {
    expiry: null,
    renewal: null,
    dormancy: null,
  };
  freezeFacts(facts);
  for (const decision of ['expiry', 'renewal', 'dormancy'] as const) {
    if (policy[decision] === undefined) continue;
    let said: unknown;
    try {
      said = policy[decision](facts, config.value, moment);
    } catch (thrown) {
      return fault('THROWS', `${decision} throws ${describeThrown(thrown)}`);
    }
    const answer = toPlainVerdict(said, decision);
    if ('problem' in answer) return fault('NONSENSE', answer.problem);
    if (answer.plain === null) return fault('NONSENSE', `${decision} is null; a verdict with a reason is expected`);
    verdicts[decision] = answer.plain;
  }
  return verdicts;
}

type ConfigResult = { readonly value: unknown; readonly isPlain: boolean } | ModuleFault;

/** Gives the configuration for a key. What cannot be frozen, as a schema may make it, is read anew for each. */
function configReader({ config: schema }: LoadedModule, given: Json): () => ConfigResult {
  let kept: ConfigResult | null = null;
  return () => {
    kept = kept !== null && 'isPlain' in kept && kept.isPlain ? kept : readFrozen(schema, given);
    return kept;
  };
}

function readFrozen(schema: LoadedModule['config'], given: Json): ConfigResult {
  try {
    const { success, data, error } = schema.safeParse(given);
    if (success) return { value: freezeDeeply(data), isPlain: isPlain(data) };
    const [issue] = error.issues;
    return fault('THROWS', `It no longer takes its configuration: ${issue?.path.join('.')}: ${issue?.message}`);
  } catch (thrown) {
    return fault('THROWS', `Its configuration's schema throws ${describeThrown(thrown)}`);
  }
}

/** Whether it is all data: nothing of it is left to change once it is frozen. */
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

/** What was read from JSON has no members but data. */
function freezeFacts(value: object): void {
  Object.freeze(value);
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freezeFacts(member);
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
