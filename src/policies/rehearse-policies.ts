import { RetryChange } from '../log/change.ts';
import type { RehearsedCores } from '../log/rehearse.ts';
import type { Core } from '../store/core.ts';
import { askModules } from './ask-modules.ts';
import type { Facts } from './contract.ts';
import { EvaluationMemory } from './evaluation-memory.ts';
import { factsText } from './facts-text.ts';
import type { Policies, Question } from './policies.ts';
import type { Evaluation } from './runtime/runtime.ts';

type ConfigReading = Awaited<ReturnType<Policies['readConfig']>>;

/**
 * Returns the cores of a change that needs verdicts of policies or checks of configurations. No module is called while the
 * change's transaction is open: the rehearsal calls them, and the transaction gets the replies to exactly the same questions,
 * that is with the same module, configuration, moment and facts. A question that was not put rolls the transaction back.
 */
export function rehearsePolicies<C extends Core & { readonly policies: Policies }>(
  core: C,
  { isForRequest = true }: { readonly isForRequest?: boolean } = {},
): RehearsedCores<C> {
  const { policies } = core;
  const replies = new Replies();
  const memory = new EvaluationMemory();
  const readings = new Map<string, ConfigReading>();

  const put = async (questions: readonly Question[]) => {
    const evaluations = await askModules(policies, questions);
    for (const [index, question] of questions.entries()) {
      const own = replies.of(question);
      for (const [place, facts] of question.facts.entries()) own.set(facts, evaluations[index]?.[place] ?? 'LATER');
    }
  };
  const recall = async (questions: readonly Question[], isOpen: boolean) => {
    const unknown = questions.flatMap((question) => {
      const own = replies.of(question);
      const facts = question.facts.filter((one) => own.get(one) === undefined);
      return facts.length === 0 ? [] : [{ ...question, facts }];
    });
    if (unknown.length > 0 && isOpen) {
      throw new RetryChange(unknown[0]?.facts[0]?.key.id ?? '', () => put(unknown));
    }
    if (unknown.length > 0) await put(unknown);
    return questions.map((question) => {
      const own = replies.of(question);
      return question.facts.map((one) => own.get(one) ?? 'LATER');
    });
  };
  const readConfig = async (hash: string, config: unknown, isOpen: boolean) => {
    const name = `${hash} ${JSON.stringify(config)}`;
    const read = async () => void readings.set(name, await policies.readConfig(hash, config));
    if (!readings.has(name) && isOpen) throw new RetryChange(name, read);
    if (!readings.has(name)) await read();
    return readings.get(name) ?? policies.readConfig(hash, config);
  };
  const withReplies = (isOpen: boolean): C => ({
    ...core,
    policies: {
      versions: () => policies.versions(),
      find: (hash) => policies.find(hash),
      isSteady: (hash) => policies.isSteady?.(hash) ?? false,
      evaluate: (question) => policies.evaluate(question),
      readConfig: (hash, config) => readConfig(hash, config, isOpen),
      recall: (questions) => recall(questions, isOpen),
      isForRequest,
      memory,
    } satisfies Policies,
  });
  return { rehearsal: withReplies(false), transaction: withReplies(true), mayRemember: isForRequest };
}

/** The replies to questions, by module, configuration and moment. */
class Replies {
  readonly #byQuestion = new Map<string, RepliesByFacts>();

  of({ hash, config, moment }: Question): RepliesByFacts {
    const name = `${hash} ${moment} ${JSON.stringify(config)}`;
    const known = this.#byQuestion.get(name) ?? new RepliesByFacts();
    this.#byQuestion.set(name, known);
    return known;
  }
}

/** The replies of a module by the facts of a key. Facts that are not the same object are compared as text. */
class RepliesByFacts {
  readonly #byFacts = new Map<Facts, Evaluation>();
  #byText: Map<string, Evaluation> | null = null;

  set(facts: Facts, evaluation: Evaluation): void {
    this.#byFacts.set(facts, evaluation);
    this.#byText?.set(factsText(facts), evaluation);
  }

  get(facts: Facts): Evaluation | undefined {
    if (this.#byFacts.size === 0) return undefined;
    const known = this.#byFacts.get(facts);
    if (known !== undefined) return known;
    this.#byText ??= new Map([...this.#byFacts].map(([one, evaluation]) => [factsText(one), evaluation]));
    return this.#byText.get(factsText(facts));
  }
}
