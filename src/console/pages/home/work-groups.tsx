import type { ReactNode } from 'react';
import type { KeyAction } from '../../api/operations.ts';
import { Ago, RowMoment } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { refusalWords } from '../../parts/refusal-words.ts';
import {
  PROBLEMS_MAX,
  type Breakage,
  type HeldKey,
  type StalledKey,
  type UnattendedKey,
  type Work,
  type WorkKey,
} from './work-query.ts';

interface Target {
  readonly name: string;
  readonly href: string;
}

/** One thing that waits for a person. */
export interface WorkRow {
  readonly id: string;
  readonly title: string;
  /** Why it waits, and for how long. */
  readonly detail: ReactNode;
  /** The one thing to do. */
  readonly action: Target;
}

/** Things of one kind that wait for a person: the first of them. */
export interface WorkGroup {
  readonly title: string;
  readonly count: number;
  /** Whether there may be more than were counted. */
  readonly isLeast: boolean;
  readonly rows: readonly WorkRow[];
  /** Where all of them are; null: there is no such list. */
  readonly all: Target | null;
}

/** Returns what waits for a person, the most urgent first. Kinds without any are left out. */
export function listWork(work: Work, isAdministrator: boolean): WorkGroup[] {
  const { keyCounts, leakedCount, heldCount, stalledCount, leaked, stopping, stalled, held, dormant } = work;
  const dormantCount = keyCounts.byStanding.find(({ standing }) => standing === 'WARNED')?.keyCount ?? 0;
  const keys = `${paths.keys}?`;
  const groups: readonly WorkGroup[] = [
    keyGroup('Leaked keys', leakedCount, leaked, leakedRow, `${keys}care=leaked&state=held`),
    breakageGroup(work.breakage.breakages.edges.map(({ node }) => node)),
    problemGroup('Changes of many keys that wait for a second person', proposals(work), proposalRow),
    problemGroup('Engaged brakes', work.brakes, (problem) => brakeRow(problem, isAdministrator)),
    problemGroup('Broken policies', work.broken, brokenRow),
    problemGroup('Failed deliveries', work.deliveries, deliveryRow),
    keyGroup(
      'Stop within 30 days, and nothing renews them',
      keyCounts.stopsSoonByHand,
      stopping,
      stoppingRow,
      `${keys}care=by-hand&within=P30D&ci=no`,
    ),
    problemGroup('Stop before their next use', work.beforeNextUse, beforeNextUseRow),
    keyGroup('Rotations that stall', stalledCount, stalled, stalledRow, `${keys}care=stalled`),
    keyGroup('Held keys', heldCount, held, heldRow, `${keys}state=held&ci=no`),
    keyGroup('Dormant keys', dormantCount, dormant, dormantRow, `${keys}dormant=yes&ci=no`),
  ];
  return groups.filter(({ count }) => count > 0);
}

function keyGroup<Key extends WorkKey>(
  title: string,
  count: number,
  { edges }: { readonly edges: readonly { readonly node: Key }[] },
  rowOf: (key: Key) => Omit<WorkRow, 'id' | 'title'>,
  href: string,
): WorkGroup {
  const rows = edges.map(({ node }) => ({ id: node.id, title: node.name, ...rowOf(node) }));
  return { title, count: Math.max(count, rows.length), isLeast: false, rows, all: { name: 'All', href } };
}

function problemGroup<Problem>(
  title: string,
  problems: readonly Problem[],
  rowOf: (problem: Problem) => WorkRow | null,
): WorkGroup {
  const rows = problems.flatMap((problem) => rowOf(problem) ?? []);
  return { title, count: rows.length, isLeast: problems.length >= PROBLEMS_MAX, rows: rows.slice(0, 4), all: null };
}

/** Returns the consumers that worked and were refused in the last 7 days, each once, unless their key works again or is revoked. */
function breakageGroup(breakages: readonly Breakage[]): WorkGroup {
  const open = new Map<string, Breakage>();
  for (const breakage of breakages) {
    const { key, consumer, outcome } = breakage;
    const isOver =
      key.state === 'REVOKED' ||
      (outcome === 'KEY_EXPIRED' && key.state !== 'EXPIRED') ||
      (outcome === 'KEY_HELD' && key.state !== 'HELD');
    const id = `${key.id} ${consumer}`;
    if (!isOver && !open.has(id)) open.set(id, breakage);
  }
  const rows = [...open].slice(0, 4).map(([id, breakage]) => ({ id, ...breakageRow(breakage) }));
  const isLeast = breakages.length >= PROBLEMS_MAX;
  return { title: 'Consumers broken in the last 7 days', count: open.size, isLeast, rows, all: null };
}

function breakageRow({ key, consumer, outcome, at, lastUsedAt }: Breakage): Omit<WorkRow, 'id'> {
  const actions: Partial<Record<typeof outcome, Target>> = {
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
function changeOf(key: WorkKey, action: KeyAction, name: string): Target {
  const page = paths.key(key.id);
  return key.viewerCan.includes(action)
    ? { name, href: `${page}?do=${action.toLowerCase()}` }
    : { name: 'Open', href: page };
}

function leakedRow(key: HeldKey) {
  const [hold] = key.holds;
  return {
    detail: hold === undefined ? `of ${key.owner.name}` : <HoldWords of={hold} />,
    action: changeOf(key, 'ROTATE', 'Replace the secret'),
  };
}

function stoppingRow(key: UnattendedKey) {
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

function stalledRow(key: StalledKey) {
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

function heldRow(key: HeldKey) {
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

function dormantRow(key: WorkKey) {
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

function brakeRow({ since, brake }: Work['brakes'][number], isAdministrator: boolean): WorkRow | null {
  if (brake == null) return null;
  const { id, waitingCount, binding, realm } = brake;
  const detail = (
    <>
      {waitingCount.toLocaleString('en')} {waitingCount === 1 ? 'key keeps its' : 'keys keep their'} later stop, since{' '}
      <Ago at={since} />
    </>
  );
  return {
    id,
    title: `${binding.title} in ${realm.name}`,
    detail,
    action: { name: isAdministrator ? 'Decide' : 'See why', href: paths.binding(binding.id) },
  };
}

function brokenRow({ since, binding }: Work['broken'][number]): WorkRow | null {
  if (binding == null) return null;
  const { id, title, fault, realm } = binding;
  const detail = (
    <>
      <Ago at={since} />: {fault?.message ?? 'the module fails'}
    </>
  );
  return { id, title: `${title} in ${realm.name}`, detail, action: { name: 'See why', href: paths.binding(id) } };
}

type Proposal = Work['proposals']['edges'][number]['node'];

function proposals({ proposals: { edges } }: Work): readonly Proposal[] {
  return edges.map(({ node }) => node);
}

function proposalRow({ id, reason, total, startedAt, actor }: Proposal): WorkRow {
  const detail = (
    <>
      {total.toLocaleString('en')} keys, proposed <Ago at={startedAt} />
      {actor?.name != null && ` by ${actor.name}, who cannot approve it`}
    </>
  );
  return { id, title: reason, detail, action: { name: 'See', href: paths.operation(id) } };
}

function deliveryRow({ since, webhook, key }: Work['deliveries'][number]): WorkRow | null {
  if (webhook != null) {
    const detail = (
      <>
        paused <Ago at={since} />
        {webhook.reason != null && `: ${webhook.reason}`}
      </>
    );
    return { id: webhook.id, title: webhook.url, detail, action: { name: 'Open', href: paths.webhook(webhook.id) } };
  }
  if (key == null) return null;
  const detail = (
    <>
      no mail or webhook could tell {key.owner.name} that it stops
      {key.stopsAt != null && (
        <>
          {' '}
          <RowMoment at={key.stopsAt} />
        </>
      )}
    </>
  );
  return { id: key.id, title: key.name, detail, action: { name: 'Open', href: paths.key(key.id) } };
}

function beforeNextUseRow({ key }: Work['beforeNextUse'][number]): WorkRow | null {
  if (key == null) return null;
  const { id, name, stopsAt, cadence } = key;
  const detail = (
    <>
      {stopsAt != null && (
        <>
          stops <RowMoment at={stopsAt} />
        </>
      )}
      {cadence != null && (
        <>
          , next used likely from <RowMoment at={cadence.nextUseFrom} />
        </>
      )}
    </>
  );
  return { id, title: name, detail, action: { name: 'See why', href: paths.key(id) } };
}
