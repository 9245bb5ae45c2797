import type { Evaluation } from './runtime/runtime.ts';
import type { Policies, Question } from './policies.ts';

/** After this many stalled modules no other module of the realm is called in the same evaluation: it would take too long. */
const STALLED_MAX = 3;

/** After this time no other module of the realm is called in the same evaluation. */
const TURN_MAX_MS = 10_000;

/**
 * Puts questions to modules: first to modules that return, at the same time, then to the others in their order. Those of
 * different realms are put at once, so that the modules of one realm do not delay another. The time that a realm may take is
 * bounded: returns LATER for what was not asked, because other modules of the realm took it.
 */
export async function askModules(
  policies: Policies,
  questions: readonly Question[],
): Promise<readonly (readonly Evaluation[])[]> {
  const replies = new Map<Question, readonly Evaluation[]>();
  const endsAt = performance.now() + TURN_MAX_MS;
  const realms = Map.groupBy(questions, ({ realmId }) => realmId);
  const turns = [...realms.values()].map(async (own) => {
    const stalled = new Set<string>();
    const ask = async (question: Question) => {
      const { hash, facts } = question;
      const evaluations = await policies.evaluate(question);
      replies.set(
        question,
        facts.map((_, index) => evaluations[index] ?? 'LATER'),
      );
      if (evaluations.some(isStalling)) stalled.add(hash);
    };
    const steady = own.filter(({ hash }) => policies.isSteady?.(hash) === true);
    await Promise.all(steady.map(ask));
    for (const question of own.filter((one) => !steady.includes(one))) {
      const { hash, isHasty = false } = question;
      if (stalled.has(hash) || stalled.size >= (isHasty ? 1 : STALLED_MAX) || performance.now() >= endsAt) continue;
      await ask(question);
    }
  });
  await Promise.all(turns);
  return questions.map((question) => replies.get(question) ?? question.facts.map(() => 'LATER' as const));
}

/** Whether the module used up its time, or ended the process, so that other modules had to wait. */
function isStalling(reply: Evaluation): boolean {
  if (typeof reply !== 'object') return reply === 'STALLED';
  return 'fault' in reply && ['LOOPS', 'CRASHES'].includes(reply.fault.kind);
}
