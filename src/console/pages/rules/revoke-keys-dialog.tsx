import { useId, useState, type FormEvent } from 'react';
import type { RevokeKeysOfRuleMutation } from '../../api/operations.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { announce } from '../../shell/announce.tsx';
import { revokeKeysDocument, type RuleDetails } from './rule-query.ts';

/** How many owners are named before the others are counted. */
const OWNERS_NAMED_MAX = 5;

type FoundKeys = Extract<RevokeKeysOfRuleMutation['changeKeys'], { readonly matchedCount: number }>;

interface RevokeKeysDialogProps {
  readonly of: RuleDetails;
  readonly onClose: () => void;
}

/**
 * Revokes all keys that a rule has issued, in two steps: a dry run finds them, and its confirmation revokes exactly these.
 */
export function RevokeKeysDialog({ of: rule, onClose }: RevokeKeysDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [reason, setReason] = useState('');
  const [found, setFound] = useState<FoundKeys | null>(null);
  const [change, { isRunning, problem }] = useChange(revokeKeysDocument, 'changeKeys');
  const [reasonId, problemId] = [useId(), useId()];
  const input = {
    realm: rule.issuer.realm.slug,
    change: 'REVOKE' as const,
    filter: { tokenRule: rule.id },
    reason: reason.trim(),
  };
  const find = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    setFound(await change({ input: { ...input, dryRun: true } }));
  };
  const confirm = async () => {
    const confirmation = found?.confirmation;
    if (isRunning || confirmation == null) return;
    const started = await change({ input: { ...input, confirmation, idempotencyKey } });
    if (started === null) return;
    announce(
      started.operation?.state === 'AWAITING_APPROVAL'
        ? 'The change waits for the approval of a second person.'
        : 'The keys are being revoked.',
    );
    onClose();
  };
  const problemText = (
    <p id={problemId} className="field-problem" role="alert">
      {problem}
    </p>
  );
  if (found !== null) {
    return (
      <Dialog title={titleOf(found.matchedCount)} onClose={onClose}>
        <FoundOwners of={found} />
        {problemText}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          {found.matchedCount > 0 && (
            <button type="button" className="danger primary" aria-disabled={isRunning} onClick={() => void confirm()}>
              Revoke for good
            </button>
          )}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Revoke the keys of ${rule.name}`} onClose={onClose}>
      <p>
        All keys that the rule has issued and that are not revoked yet end at once and for good. Jobs that use one fail.
        The rule itself stays: remove it first if its jobs must get no new keys.
      </p>
      <form onSubmit={(event) => void find(event)}>
        <div className="field">
          <label htmlFor={reasonId}>Why</label>
          <input
            id={reasonId}
            value={reason}
            maxLength={500}
            required
            aria-describedby={problemId}
            onChange={({ target }) => setReason(target.value)}
          />
          <p className="hint">People who may see the keys read it in their history.</p>
        </div>
        {problemText}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Find the keys
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function titleOf(count: number): string {
  if (count === 0) return 'There is no key to revoke';
  return count === 1 ? 'Revoke 1 key?' : `Revoke ${count.toLocaleString('en')} keys?`;
}

function FoundOwners({ of: { matchedCount, byOwner } }: { readonly of: FoundKeys }) {
  if (matchedCount === 0) return <p>The rule has issued no key that is not revoked yet.</p>;
  const named = byOwner.slice(0, OWNERS_NAMED_MAX);
  return (
    <>
      <p>It cannot be undone. The keys belong to:</p>
      <ul>
        {named.map(({ owner, keyCount }) => (
          <li key={owner.id}>
            {owner.name}: {keyCount.toLocaleString('en')}
          </li>
        ))}
        {byOwner.length > named.length && <li>{byOwner.length - named.length} more owners</li>}
      </ul>
    </>
  );
}
