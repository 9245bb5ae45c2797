import { useState } from 'react';
import { CommentDialog, ObjectDialog, WithdrawDialog } from './answer-dialogs.tsx';
import { EnrollDialog } from './enroll-dialog.tsx';
import { ExceptionDialog } from './exception-dialog.tsx';
import { hasObjectedNow, mayWithdraw, type AnswerDialogProps } from './owners-query.ts';

const dialogs = {
  Comment: CommentDialog,
  Object: ObjectDialog,
  'Ask for an exception': ExceptionDialog,
  'Enroll early': EnrollDialog,
  'Take back': WithdrawDialog,
};

/** What an owner can answer. */
export function AnswerBar({ of: rollout, owner, ...rest }: Omit<AnswerDialogProps, 'onClose'>) {
  const [opened, setOpened] = useState<keyof typeof dialogs | null>(null);
  const names: (keyof typeof dialogs)[] = [
    'Comment',
    ...(hasObjectedNow(rollout, owner.id) ? [] : ['Object' as const]),
    'Ask for an exception',
    'Enroll early',
    ...(mayWithdraw(rollout, owner.id) ? ['Take back' as const] : []),
  ];
  const OpenedDialog = opened === null ? null : dialogs[opened];
  return (
    <>
      <div className="buttons">
        {names.map((name) => (
          <button key={name} type="button" onClick={() => setOpened(name)}>
            {name}
            {owner.name !== 'you' && <span className="unseen"> for {owner.name}</span>}
          </button>
        ))}
      </div>
      {OpenedDialog !== null && <OpenedDialog of={rollout} owner={owner} {...rest} onClose={() => setOpened(null)} />}
    </>
  );
}
