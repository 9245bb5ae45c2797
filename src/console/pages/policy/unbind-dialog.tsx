import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { BINDING_REASON_HINT, unbindDocument } from './binding-changes.ts';
import type { BindingDetails } from './policy-query.ts';
import { PreviewProgress } from './preview-progress.tsx';
import { usePreview, type Preview } from './preview-query.ts';

interface UnbindDialogProps {
  readonly of: BindingDetails;
  /** Whether the newest revision is still ahead: then that alone is withdrawn. */
  readonly isAnnounced: boolean;
  readonly onClose: () => void;
}

/** Asks whether a binding is to be removed, and says what that changes. A removal stops no key sooner. */
export function UnbindDialog({ of: binding, isAnnounced, onClose }: UnbindDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [unbind, state] = useChange(unbindDocument, 'unbindPolicy');
  return (
    <AskDialog
      title={isAnnounced ? `Withdraw “${binding.title}”` : `Unbind “${binding.title}”`}
      button={isAnnounced ? 'Withdraw' : 'Unbind'}
      done={isAnnounced ? 'The announced change is withdrawn.' : 'The policy is unbound.'}
      hasReason
      isReasonOptional
      reasonHint={BINDING_REASON_HINT}
      cancel="Leave it"
      state={state}
      run={(reason) => unbind({ input: { bindingId: binding.id, ...(reason !== '' && { reason }), idempotencyKey } })}
      onClose={onClose}
    >
      {isAnnounced ? (
        <p>What is announced does not take effect. What is in force now stays, if anything is.</p>
      ) : (
        <RemovalPreview of={binding} />
      )}
    </AskDialog>
  );
}

function RemovalPreview({ of: { id, realm } }: { readonly of: BindingDetails }) {
  const [result, previewAgain] = usePreview({ realm: realm.slug, bindingId: id, remove: true });
  switch (result.kind) {
    case 'RUNNING':
      return <PreviewProgress since={result.since} />;
    case 'DONE':
      return <Removal of={result.preview} />;
    default:
      return <Problem title="What changes is not known" message={result.message} onRetry={previewAgain} />;
  }
}

function Removal({ of: { furtherCount, realmKeyCount } }: { readonly of: Preview }) {
  const all = `${realmKeyCount.toLocaleString('en')} ${realmKeyCount === 1 ? 'key' : 'keys'}`;
  return (
    <p>
      {furtherCount === 0
        ? `No stop moves: for all ${all} of the realm something else decides, or nothing.`
        : `${furtherCount.toLocaleString('en')} of ${all} will stop later, or not at all by themselves.`}{' '}
      No key stops sooner because of it. Keys that the policy has held stay held until they are resumed.
    </p>
  );
}
