import { useState } from 'react';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { CheckField } from '../../parts/fields.tsx';
import { LinesField } from '../../parts/lines-field.tsx';
import type { AnswerDialogProps } from './owners-query.ts';
import { ChosenKeys, useChosenKeys } from './chosen-keys.tsx';
import { useAnswer } from './use-answer.ts';

const CONSUMERS_MAX = 20;

/** Asks which keys are to be reached from the first cohort on, and whether they rehearse their end. */
export function EnrollDialog({ of: rollout, owner, keys, onChanged, onClose }: AnswerDialogProps) {
  const [brownout, setBrownout] = useState(false);
  const [lines, setLines] = useState<string | null>(null);
  const { keyIds, ...choice } = useChosenKeys(keys);
  const [answer, state] = useAnswer(rollout, owner, onChanged);
  const used = choice.chosen.flatMap(({ usage }) => usage.consumers.map(({ name }) => name));
  const expected =
    lines ??
    [...new Set(used)]
      .filter((name) => name !== '')
      .slice(0, CONSUMERS_MAX)
      .join('\n');
  const consumers = expected
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const hasBrownouts = rollout.stages.some(({ kind }) => kind === 'BROWNOUT');
  const run = async () => {
    if (keys.length > 0 && choice.chosen.length === 0) return null;
    return answer({ kind: 'ENROLL', keyIds, brownout, ...(brownout && { consumers }) });
  };
  return (
    <AskDialog
      title={owner.name === 'you' ? 'Enroll early' : `Enroll ${owner.name} early`}
      button="Enroll"
      done="The keys are enrolled."
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <>
          <ChosenKeys keys={keys} {...choice} />
          {hasBrownouts && (
            <CheckField
              label="Rehearse the end in brownouts"
              hint="In announced windows the keys are refused for at most 15 minutes, at most twice a day, so that you learn what still uses them."
              checked={brownout}
              onChange={({ target }) => setBrownout(target.checked)}
            />
          )}
          {hasBrownouts && brownout && (
            <LinesField
              label="Consumers that may be refused"
              hint={`One in a line, at most ${String(CONSUMERS_MAX)}. The first refusal of any other ends the brownout of its key.`}
              value={expected}
              onChange={setLines}
            />
          )}
        </>
      }
    >
      <p>
        The change applies to these keys from the first cohort on: you learn early what it means for you. A stop that
        comes earlier is announced the notice period ahead all the same.
        {!hasBrownouts && ' This rollout has no brownouts.'}
      </p>
    </AskDialog>
  );
}
