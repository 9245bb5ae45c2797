import type { KeyAction } from '../../api/operations.ts';
import { Ago, RowMoment } from '../../parts/moment-button.tsx';
import { refusalWords } from '../../parts/refusal-words.ts';
import { paths } from '../../routes.ts';
import type { Breakage, HeldKey, StalledKey, UnattendedKey, WorkKey } from './work-query.ts';
import type { WorkTarget, WorkRow } from './work-row.ts';

// The rows of keys that wait for a person.

export function breakageRow({ key, consumer, outcome, at, lastUsedAt }: Breakage): Omit<WorkRow, 'id'> {
  const actions: Partial<Record<typeof outcome, WorkTarget>> = {
    KEY_EXPIRED: changeOf(key, 'RENEW', 'Rescue'),
    KEY_HELD: changeOf(key, 'RESUME', 'Resume'),
  };
  return {
    title: `${consumer} with ${key.name}`,
    detail: (
      <>
        refused <Ago at={at} />, because {refusalWords(outcome)}; last worked <Ago at={lastUsedAt} />
      </>
    ),
    action: actions[outcome] ?? { name: 'Open', href: paths.key(key.id) },
  };
}

/** Returns how a key is changed: the dialog of its page, if the viewer may; else its page. */
function changeOf(key: WorkKey, action: KeyAction, name: string): WorkTarget {
  const page = paths.key(key.id);
  return key.viewerCan.includes(action)
    ? { name, href: `${page}?do=${action.toLowerCase()}` }
    : { name: 'Open', href: page };
}

export function leakedRow(key: HeldKey) {
  const [hold] = key.holds;
  return {
    detail: hold === undefined ? `of ${key.owner.name}` : <HoldWords of={hold} />,
    action: changeOf(key, 'ROTATE', 'Replace the secret'),
  };
}

export function stoppingRow(key: UnattendedKey) {
  const { stopsAt, owner, renewalInfo } = key;
  return {
    detail: (
      <>
        {stopsAt != null && <RowMoment at={stopsAt} />}, {owner.name}
      </>
    ),
    action:
      renewalInfo.allowed && renewalInfo.mode === 'EXTEND'
        ? changeOf(key, 'RENEW', 'Renew')
        : { name: 'See why', href: paths.key(key.id) },
  };
}

export function stalledRow(key: StalledKey) {
  const { rotation } = key;
  const [first, ...others] = rotation?.notMoved ?? [];
  return {
    detail: (
      <>
        {first === undefined
          ? 'Not everyone is known to have moved'
          : `${first}${andMore(others.length)} not moved yet`}
        {rotation != null && (
          <>
            ; the old secret retires <RowMoment at={rotation.previousRetiresAt} />
          </>
        )}
      </>
    ),
    action: { name: 'See who has moved', href: paths.key(key.id) },
  };
}

function andMore(count: number): string {
  return count === 0 ? ' has' : ` and ${String(count)} more have`;
}

export function heldRow(key: HeldKey) {
  const [hold] = key.holds;
  return {
    detail: hold === undefined ? `of ${key.owner.name}` : <HoldWords of={hold} />,
    action: changeOf(key, 'RESUME', 'Resume'),
  };
}

function HoldWords({ of: { since, source, reason } }: { readonly of: HeldKey['holds'][number] }) {
  return (
    <>
      held <Ago at={since} /> by {source}: {reason}
    </>
  );
}

export function dormantRow(key: WorkKey) {
  const { lastUsedAt, stopsAt } = key;
  return {
    detail: (
      <>
        {lastUsedAt == null ? (
          'never used'
        ) : (
          <>
            last used <Ago at={lastUsedAt} />
          </>
        )}
        {stopsAt != null && (
          <>
            ; stops <RowMoment at={stopsAt} />
          </>
        )}
      </>
    ),
    action: changeOf(key, 'REVOKE', 'Revoke'),
  };
}
