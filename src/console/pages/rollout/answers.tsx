import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { TextAreaField } from '../../parts/fields.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useSession } from '../../session/session-context.ts';
import { replyDocument } from './rollout-changes.ts';
import { isOpen, type RolloutAnswer, type RolloutDetails } from './rollout-query.ts';
import { ANSWER_CHARACTERS, OBJECTION_HOLD_DAYS } from './rollout-limits.ts';
import { KeysOfOwner } from './keys-of-owner.tsx';
import { DAY_MS } from '../../../domain/duration.ts';

interface AnswersProps {
  readonly of: RolloutDetails;
  readonly onChanged: () => void;
}

/** What owners say about a rollout, as far as the person may see it, with the replies of administrators. */
export function Answers({ of: rollout, onChanged }: AnswersProps) {
  const { account } = useSession();
  const [replied, setReplied] = useState<RolloutAnswer | null>(null);
  const now = useNow();
  const answers = rollout.answers.edges.map(({ node }) => node);
  const holds = (answer: RolloutAnswer) => isOpen(rollout) && isHolding(answer, now);
  const shown = [...answers.filter(holds), ...answers.filter((answer) => !holds(answer))];
  return (
    <section className="sheet" aria-labelledby="answers">
      <h2 id="answers">What owners say</h2>
      {shown.length === 0 && <p className="quiet">No owner has answered.</p>}
      <ul className="plain-list answers" aria-labelledby="answers">
        {shown.map((answer) => (
          <li key={answer.answerId}>
            <Answer of={answer} isHolding={holds(answer)} />
            {account.isAdministrator && answer.withdrawnAt === null && answer.kind !== 'WITHDRAW' && (
              <button type="button" onClick={() => setReplied(answer)}>
                {answer.reply === null ? 'Reply' : 'Change the reply'}
                <span className="unseen"> to {answer.owner?.name ?? 'an owner'}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {rollout.answers.pageInfo.hasNextPage && <p className="quiet">These are the newest 100.</p>}
      {replied !== null && <ReplyDialog to={replied} onChanged={onChanged} onClose={() => setReplied(null)} />}
    </section>
  );
}

/** Whether an objection holds the stage. */
function isHolding({ kind, reply, withdrawnAt, createdAt }: RolloutAnswer, now: Date): boolean {
  const isYoung = now.getTime() - Date.parse(createdAt) < OBJECTION_HOLD_DAYS * DAY_MS;
  return kind === 'OBJECT' && reply === null && withdrawnAt === null && isYoung;
}

const verbs: Readonly<Record<RolloutAnswer['kind'], string>> = {
  COMMENT: 'comments',
  OBJECT: 'objects',
  WITHDRAW: 'took back the answers before',
  ENROLL: 'takes part from the first cohort on',
  ASK_EXCEPTION: 'asks for an exception',
};

interface AnswerProps {
  readonly of: RolloutAnswer;
  readonly isHolding: boolean;
}

function Answer({ of: answer, isHolding: holds }: AnswerProps) {
  const { kind, owner, text, isPublic, keyIds, until, brownout, createdAt, withdrawnAt, reply, repliedAt } = answer;
  return (
    <>
      <p>
        <strong>{owner?.name ?? 'An owner'}</strong> {verbs[kind]}
        {brownout && ', with brownouts'} · <MomentButton at={createdAt} />
        {owner !== null && (kind === 'ENROLL' || kind === 'ASK_EXCEPTION') && (
          <>
            {' '}
            · <KeysOfOwner ids={keyIds} />
          </>
        )}
        {until !== null && (
          <>
            {' '}
            · until <MomentButton at={until} />
          </>
        )}
        {isPublic && <span className="quiet"> · seen by all whom the rollout touches</span>}
      </p>
      {holds && (
        <p className="holding">It holds the next stage until it has a reply, for {OBJECTION_HOLD_DAYS} days at most.</p>
      )}
      {withdrawnAt !== null && (
        <p className="quiet">
          Taken back <MomentButton at={withdrawnAt} />
        </p>
      )}
      {text !== null && <blockquote className="written-text">{text}</blockquote>}
      {text === null && owner === null && <p className="quiet">Only its owner and administrators see the text.</p>}
      {reply !== null && (
        <div className="reply">
          <p className="quiet">
            Reply of an administrator
            {repliedAt !== null && (
              <>
                {' '}
                · <MomentButton at={repliedAt} />
              </>
            )}
          </p>
          <blockquote className="written-text">{reply}</blockquote>
        </div>
      )}
    </>
  );
}

interface ReplyDialogProps {
  readonly to: RolloutAnswer;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

function ReplyDialog({ to: answer, onChanged, onClose }: ReplyDialogProps) {
  const { answerId, owner, kind, text: answered, reply } = answer;
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [text, setText] = useState(reply ?? '');
  const [send, state] = useChange(replyDocument, 'replyToAnswer');
  const run = async () => {
    const success = await send({ input: { answerId, text, idempotencyKey } });
    onChanged();
    return success;
  };
  return (
    <AskDialog
      title={`Reply to ${owner?.name ?? 'an owner'}`}
      button="Reply"
      done="The reply is sent."
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <TextAreaField
          label="Reply"
          required
          maxLength={ANSWER_CHARACTERS}
          value={text}
          hint="All whom the rollout touches see it. It replaces an earlier reply."
          onChange={({ target }) => setText(target.value)}
        />
      }
    >
      {answered !== null && <blockquote className="written-text">{answered}</blockquote>}
      {kind === 'OBJECT' && reply === null && <p>After your reply the objection no longer holds the next stage.</p>}
    </AskDialog>
  );
}
