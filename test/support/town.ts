import type { Role } from '../../src/domain/caller.ts';
import { newId } from '../../src/domain/id.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { ISSUE_KEY } from './operations.ts';

export interface Person {
  readonly id: string;
  readonly token: string;
}

export interface IssuedKey {
  readonly id: string;
  readonly secret: string;
}

export const PUSH = { action: 'package:push', resource: 'Acme.*' };

/**
 * A gateway with everyone who may stand to a key in some way, for tests of who may do and see what. Olga owns keys herself.
 * Acme has Ann (OWNER), Adam (ADMIN), Mia and Max (MEMBERs), Globex has Gus (OWNER). Eve belongs nowhere.
 */
export interface Town {
  readonly gateway: Gateway;
  readonly admin: Person;
  readonly olga: Person;
  readonly ann: Person;
  readonly adam: Person;
  readonly mia: Person;
  readonly max: Person;
  readonly gus: Person;
  readonly eve: Person;
  readonly acme: string;
  readonly globex: string;
  /** The ids of the realms `default` and `other`. */
  readonly realm: string;
  readonly other: string;
  /** A new account with that email, without a password. */
  person(name: string): Promise<Person>;
  join(organizationId: string, person: Person, role: Role): Promise<void>;
  /** Issues a key, by default one that pushes packages of Acme in `default` for the caller. */
  issue(token: string, input?: object): Promise<IssuedKey>;
  /** A new session, after time has passed. */
  signInAgain(person: Person): Promise<Person>;
}

export async function openTown(options: Parameters<typeof openGateway>[0] = {}): Promise<Town> {
  const gateway = await openGateway(options);
  const { prisma, clock, services } = gateway;
  const now = clock.now();
  const person = async (name: string): Promise<Person> => {
    const id = newId('account', now, services.random);
    const email = `${name.toLowerCase()}@example.com`;
    await prisma.account.create({ data: { id, name, email, passwordHash: '', createdAt: now } });
    return { id, token: await gateway.session(id) };
  };
  const join = async (organizationId: string, { id }: Person, role: Role) => {
    await prisma.membership.create({ data: { organizationId, accountId: id, role, createdAt: now } });
  };
  const organization = async (name: string) => {
    const id = newId('organization', now, services.random);
    await prisma.organization.create({ data: { id, name, createdAt: now } });
    return id;
  };
  const [acme, globex] = [await organization('Acme'), await organization('Globex')];
  const people = {
    olga: await person('Olga'),
    ann: await person('Ann'),
    adam: await person('Adam'),
    mia: await person('Mia'),
    max: await person('Max'),
    gus: await person('Gus'),
    eve: await person('Eve'),
  };
  await join(acme, people.ann, 'OWNER');
  await join(acme, people.adam, 'ADMIN');
  await join(acme, people.mia, 'MEMBER');
  await join(acme, people.max, 'MEMBER');
  await join(globex, people.gus, 'OWNER');

  const { id: realmId, ...realm } = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const other = newId('realm', now, services.random);
  const push = { id: newId('action', now, services.random), name: PUSH.action, description: 'Push', createdAt: now };
  await prisma.realm.create({
    data: { ...realm, subjectCeilings: [], id: other, slug: 'other', name: 'Other', actions: { create: push } },
  });

  const administrator = await prisma.account.findFirstOrThrow({ where: { isAdministrator: true } });
  return {
    gateway,
    admin: { id: administrator.id, token: await gateway.admin() },
    ...people,
    acme,
    globex,
    realm: realmId,
    other,
    person,
    join,
    signInAgain: async ({ id }) => ({ id, token: await gateway.session(id) }),
    async issue(token, input = {}) {
      const keyInput = { realm: 'default', name: 'release', scopes: [PUSH], ...input };
      const { data, errors } = await gateway.ask(ISSUE_KEY, { input: keyInput }, token);
      if (data?.['issueKey']?.key === undefined) throw new Error(JSON.stringify(errors ?? data));
      return { id: data['issueKey'].key.id, secret: data['issueKey'].secret };
    },
  };
}
