import { useState } from 'react';
import { DAY_MS } from '../../../domain/duration.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { TextField } from '../../parts/fields.tsx';
import { useNow } from '../../parts/use-now.ts';
import { localInputOf } from '../policy/local-input.ts';
import type { AnswerDialogProps } from './owners-query.ts';
import { AnswerText } from './answer-text.tsx';
import { ChosenKeys, useChosenKeys } from './chosen-keys.tsx';
import { useAnswer } from './use-answer.ts';

const DAYS_MAX = 365;
const DAYS_USUAL = 90;

/** Asks for which keys the rules of today are to stay, until when, and why. */
export function ExceptionDialog({ of: rollout, owner, keys, onChanged, onClose }: AnswerDialogProps) {
  const now = useNow();
  const dayAfter = (days: number) => localInputOf(new Date(now.getTime() + days * DAY_MS).toISOString()).slice(0, 10);
  const [text, setText] = useState('');
  const [until, setUntil] = useState(() => dayAfter(DAYS_USUAL));
  const { keyIds, ...choice } = useChosenKeys(keys);
  const [answer, state] = useAnswer(rollout, owner, onChanged);
  const run = async () => {
    if (keys.length > 0 && choice.chosen.length === 0) return null;
    return answer({ kind: 'ASK_EXCEPTION', text, keyIds, until: new Date(`${until}T23:59:59`).toISOString() });
  };
  return (
    <AskDialog
      title={owner.name === 'you' ? 'Ask for an exception' : `Ask for an exception for ${owner.name}`}
      button="Ask for it"
      done="The request is sent."
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <>
          <ChosenKeys keys={keys} {...choice} />
          <TextField
            label="Until"
            type="date"
            required
            min={dayAfter(1)}
            max={dayAfter(DAYS_MAX - 1)}
            value={until}
            hint="The end of that day, at most a year ahead. An administrator may grant less."
            onChange={({ target }) => setUntil(target.value)}
          />
          <AnswerText label="Why" hint="Administrators read it, and you." value={text} onChange={setText} />
        </>
      }
    >
      <p>
        If an administrator grants it, today’s rules stay for these keys until then. It ends by itself: the stop after
        it is on the key from when the change would have reached it, and is announced like any other.
      </p>
    </AskDialog>
  );
}
