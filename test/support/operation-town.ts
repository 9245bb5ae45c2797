import { openTown, type Person, type Town } from './town.ts';
import { makeManyKeys } from './many-keys.ts';

const OPERATION = `id kind state isUndoing total done failed skipped undone newlyMatched reason endedAt canUndo
  actor { id name } approvedBy { id name } organization { id }`;

const CHANGE_KEYS = `mutation ($input: ChangeKeysInput!) { changeKeys(input: $input) {
  __typename
  ... on UserError { code message }
  ... on ChangeKeysSuccess {
    matchedCount byOwner { owner { id } keyCount } confirmation confirmationExpiresAt
    keys(first: 100) { edges { node { id } } pageInfo { hasNextPage endCursor } }
    operation { ${OPERATION} }
  } } }`;

const actOn = (mutation: string) => `mutation ($input: OperationInput!) { ${mutation}(input: $input) {
  ... on UserError { code message } ... on OperationSuccess { operation { ${OPERATION} } } } }`;

/** A town in which people change many keys. Operations run when the test says so. */
export interface OperationTown extends Town {
  /** Makes keys that belong to Acme, or as the columns say. Returns their ids. */
  makeKeys(count: number, columns?: object): Promise<string[]>;
  /** Sends changeKeys. Returns its result, or the code of the error as `error`. */
  changeKeys(who: { readonly token: string }, input: object): Promise<any>;
  /** Makes a dry run and confirms it. Returns the operation. */
  start(who: Person, input: object): Promise<any>;
  act(mutation: string, who: { readonly token: string }, operationId: string): Promise<any>;
  read(id: string): Promise<any>;
  /** Lets the node run all operations to their end. */
  runAll(): Promise<void>;
  /** Returns the keys that have a hold, each with the operations that hold it; null: a person does. */
  holds(): Promise<Record<string, (string | null)[]>>;
  /** Returns the types of the events of keys that name an operation. */
  eventsOf(operationId: string): Promise<{ readonly type: string; readonly keyId: string | null }[]>;
}

export async function openOperationTown(options: Parameters<typeof openTown>[0] = {}): Promise<OperationTown> {
  const town = await openTown(options);
  const { gateway } = town;
  const { prisma, services, node } = gateway;
  const send = async (query: string, name: string, input: object, token: string) => {
    const { data, errors } = await gateway.ask(query, { input }, token);
    const [error] = errors ?? [];
    if (error?.extensions?.['code'] === 'INTERNAL_SERVER_ERROR') throw new Error(gateway.logged.slice(-3).join(''));
    return error === undefined ? data[name] : { error: error.extensions?.['code'], message: error.message };
  };
  const changeKeys = (who: { readonly token: string }, input: object) =>
    send(CHANGE_KEYS, 'changeKeys', { realm: 'default', reason: 'an incident', filter: {}, ...input }, who.token);
  return {
    ...town,
    changeKeys,
    async makeKeys(count, columns = {}) {
      const keys = Array.from({ length: count }, () => ({ organizationId: town.acme, ...columns }));
      return makeManyKeys(services, town.realm, keys);
    },
    async start(who, input) {
      const { confirmation } = await changeKeys(who, { ...input, dryRun: true });
      const started = await changeKeys(who, { ...input, confirmation });
      if (!started.operation) throw new Error(JSON.stringify(started));
      return started.operation;
    },
    act: (mutation, who, operationId) => send(actOn(mutation), mutation, { operationId }, who.token),
    async read(id) {
      const query = `query ($id: ID!) { operation(id: $id) { ${OPERATION} keys(first: 100) { edges { node { key { id } state code message } } } } }`;
      return (await gateway.ask(query, { id }, await gateway.admin())).data['operation'];
    },
    runAll: () => node.operationLoop.runDue(),
    async holds() {
      const rows = await prisma.hold.findMany({ orderBy: { operationId: 'asc' } });
      return Object.fromEntries(
        Object.entries(Object.groupBy(rows, ({ keyId }) => keyId)).map(([keyId, held]) => [
          keyId,
          (held ?? []).map(({ operationId }) => operationId),
        ]),
      );
    },
    eventsOf: (operationId) =>
      prisma.event.findMany({
        where: { data: { path: ['operationId'], equals: operationId }, keyId: { not: null } },
        select: { type: true, keyId: true },
        orderBy: { position: 'asc' },
      }),
  };
}
