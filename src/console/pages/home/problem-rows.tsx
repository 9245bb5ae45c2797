import { Ago, RowMoment } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import type { Work } from './work-query.ts';
import type { WorkRow } from './work-row.ts';

// The rows of problems that wait for a person, most of them not of one key.

type Proposal = Work['proposals']['edges'][number]['node'];

export function brakeRow({ since, brake }: Work['brakes'][number], isAdministrator: boolean): WorkRow | null {
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

export function brokenRow({ since, binding }: Work['broken'][number]): WorkRow | null {
  if (binding == null) return null;
  const { id, title, fault, realm } = binding;
  const detail = (
    <>
      <Ago at={since} />: {fault?.message ?? 'the module fails'}
    </>
  );
  return { id, title: `${title} in ${realm.name}`, detail, action: { name: 'See why', href: paths.binding(id) } };
}

export function proposalRow({ id, reason, total, startedAt, actor }: Proposal): WorkRow {
  const detail = (
    <>
      {total.toLocaleString('en')} keys, proposed <Ago at={startedAt} />
      {actor?.name != null && ` by ${actor.name}, who cannot approve it`}
    </>
  );
  return { id, title: reason, detail, action: { name: 'See', href: paths.operation(id) } };
}

export function failedDeliveryRow({ since, webhook, key }: Work['deliveries'][number]): WorkRow | null {
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

export function beforeNextUseRow({ key }: Work['beforeNextUse'][number]): WorkRow | null {
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
