import { useRequestNames, useChange, type ChangeState } from '../../api/use-change.ts';
import type { AnswerRolloutInput } from '../../api/operations.ts';
import { answerDocument, type AnsweringOwner } from './owners-query.ts';
import type { RolloutDetails } from './rollout-query.ts';

type Answer = Omit<AnswerRolloutInput, 'rolloutId' | 'owner' | 'idempotencyKey'>;

/** Returns how an owner answers a rollout, and what becomes of it. */
export function useAnswer(
  { id: rolloutId }: RolloutDetails,
  { id: owner }: AnsweringOwner,
  onChanged: () => void,
): readonly [(answer: Answer) => Promise<object | null>, ChangeState] {
  const [send, state] = useChange(answerDocument, 'answerRollout');
  const nameOf = useRequestNames();
  const answer = async (given: Answer) => {
    const input = { ...given, rolloutId, owner };
    const success = await send({ input: { ...input, idempotencyKey: nameOf(input) } });
    onChanged();
    return success;
  };
  return [answer, state];
}
