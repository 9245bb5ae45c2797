import type { Json } from '../../../domain/event.ts';
import type { Facts } from '../../contract.ts';
import type { Answer, ConfigReply, ModuleFault, Request } from '../messages.ts';
import type { LoadedModule } from './load-module.ts';
import { plainAnswer } from './plain.ts';
import { describeThrown } from './thrown.ts';

type Evaluate = Extract<Request, { kind: 'EVALUATE' }>;

/** Before any module has run: a copy is made with what is not there later. */
const copy = structuredClone;

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
export function evaluate(module: LoadedModule, { config, moment, facts, twice }: Evaluate): Answer[] {
  const again = twice.map((place) => copy(facts[place]));
  const answers = facts.map((one) => answerOf(module, config, one, moment));
  const differs = twice.find((place, index) => {
    const second = again[index];
    if (second === undefined) return false;
    return JSON.stringify(answerOf(module, config, second, moment)) !== JSON.stringify(answers[place]);
  });
  if (differs === undefined) return answers;
  const message = 'Asked twice about the same key, with the same facts, it says two different things.';
  return facts.map(() => fault('NOT_DETERMINISTIC', message));
}

function answerOf({ policy, config: schema }: LoadedModule, given: Json, facts: Facts, moment: number): Answer {
  const config = readFrozen(schema, given);
  if ('fault' in config) return config;
  const verdicts: { -readonly [Decision in 'expiry' | 'renewal' | 'dormancy']: Json } = {
    expiry: null,
    renewal: null,
    dormancy: null,
  };
  freezeDeeply(facts);
  for (const decision of ['expiry', 'renewal', 'dormancy'] as const) {
    if (policy[decision] === undefined) continue;
    let said: unknown;
    try {
      said = policy[decision](facts, config.value, moment);
    } catch (thrown) {
      return fault('THROWS', `${decision} throws ${describeThrown(thrown)}`);
    }
    const answer = plainAnswer(said, decision);
    if ('problem' in answer) return fault('NONSENSE', answer.problem);
    if (answer.plain === null) return fault('NONSENSE', `${decision} is null; a verdict with a reason is expected`);
    verdicts[decision] = answer.plain;
  }
  return verdicts;
}

/** Read anew for each key: a schema may make what cannot be frozen. */
function readFrozen(schema: LoadedModule['config'], given: Json): { readonly value: unknown } | ModuleFault {
  try {
    const { success, data, error } = schema.safeParse(given);
    if (success) return { value: freezeDeeply(data) };
    const [issue] = error.issues;
    return fault('THROWS', `It no longer takes its configuration: ${issue?.path.join('.')}: ${issue?.message}`);
  } catch (thrown) {
    return fault('THROWS', `Its configuration's schema throws ${describeThrown(thrown)}`);
  }
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
