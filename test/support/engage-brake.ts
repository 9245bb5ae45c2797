import { sweepBatch } from '../../src/keys/sweep.ts';
import type { Gateway } from './gateway.ts';
import { mutationQuery } from './mutation-query.ts';

/** A brake that is engaged, in a realm of its own. */
export interface EngagedBrake {
  readonly realm: string;
  readonly bindingId: string;
  readonly brakeId: string;
  /** The key that waits behind it. */
  readonly keyId: string;
}

/** Makes a realm with that slug in which a binding would bring the stops of two keys nearer, and one has to wait. */
export async function engageBrake(gateway: Gateway, realm: string): Promise<EngagedBrake> {
  const token = await gateway.admin();
  const mutate = async (mutation: string, input: object, selection: string): Promise<any> => {
    const { data, errors } = await gateway.ask(mutationQuery(mutation, selection), { input }, token);
    const answer = data?.[mutation];
    if (answer?.__typename.endsWith('Success')) return answer;
    throw new Error(`${mutation} was to be prepared: ${JSON.stringify(errors ?? answer)}`);
  };
  await mutate('createRealm', { slug: realm, name: realm }, 'realm { id }');
  await mutate('defineAction', { realm, name: 'package:push', description: 'Push packages' }, 'realm { id }');
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  for (const name of ['first', 'second']) await mutate('issueKey', { realm, name, scopes }, 'key { id }');
  const input = { realm, policy: 'active-never-expires', config: { idle: 'P60D' } };
  const { id: bindingId } = (await mutate('bindPolicy', input, 'binding { id }')).binding;
  for (;;) {
    const brake = await gateway.prisma.brake.findFirst({ where: { bindingId }, include: { waiting: true } });
    if (brake !== null) return { realm, bindingId, brakeId: brake.id, keyId: brake.waiting[0]!.keyId };
    await sweepBatch(gateway.services);
  }
}
