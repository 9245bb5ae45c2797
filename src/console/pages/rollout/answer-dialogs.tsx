import { useState } from 'react';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { CheckField } from '../../parts/fields.tsx';
import type { AnswerDialogProps } from './owners-query.ts';
import { AnswerText } from './answer-text.tsx';
import { useAnswer } from './use-answer.ts';

/** Asks for a comment. */
export function CommentDialog({ of: rollout, owner, onChanged, onClose }: AnswerDialogProps) {
  const [text, setText] = useState('');
  const [isPublic, setPublic] = useState(false);
  const [answer, state] = useAnswer(rollout, owner, onChanged);
  return (
    <AskDialog
      title={owner.name === 'you' ? 'Comment' : `Comment for ${owner.name}`}
      button="Send the comment"
      done="The comment is sent."
      state={state}
      run={() => answer({ kind: 'COMMENT', text, isPublic })}
      onClose={onClose}
      fields={
        <>
          <AnswerText label="Comment" hint="Administrators read it." value={text} onChange={setText} />
          <CheckField
            label="Show it to all whom the rollout touches"
            hint="Without a name beside it. Otherwise only administrators and you see it."
            checked={isPublic}
            onChange={({ target }) => setPublic(target.checked)}
          />
        </>
      }
    >
      <p>A comment holds nothing up. To keep the next stage from beginning, object.</p>
    </AskDialog>
  );
}

/** Asks why the next stage must not begin. */
export function ObjectDialog({ of: rollout, owner, onChanged, onClose }: AnswerDialogProps) {
  const [text, setText] = useState('');
  const [answer, state] = useAnswer(rollout, owner, onChanged);
  return (
    <AskDialog
      title={owner.name === 'you' ? 'Object' : `Object for ${owner.name}`}
      button="Object"
      done="The objection is sent."
      state={state}
      run={() => answer({ kind: 'OBJECT', text })}
      onClose={onClose}
      fields={
        <AnswerText
          label="What speaks against it"
          hint="Administrators read it, and you. Their reply is seen by all."
          value={text}
          onChange={setText}
        />
      }
    >
      <p>
        No further stage begins until an administrator has replied in writing, for 14 days at most. What is in force
        stays in force. You can object once in each stage.
      </p>
    </AskDialog>
  );
}

/** Asks whether all that stands is to be taken back. */
export function WithdrawDialog({ of: rollout, owner, onChanged, onClose }: AnswerDialogProps) {
  const [answer, state] = useAnswer(rollout, owner, onChanged);
  return (
    <AskDialog
      title={owner.name === 'you' ? 'Take back your answers' : `Take back the answers of ${owner.name}`}
      button="Take back"
      done="The answers are taken back."
      state={state}
      run={() => answer({ kind: 'WITHDRAW' })}
      onClose={onClose}
    >
      <p>
        It takes back your objections, your open requests for an exception, and your enrolment with its brownouts.
        Comments and granted exceptions stay.
      </p>
    </AskDialog>
  );
}
