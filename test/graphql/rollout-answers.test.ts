import { expect, test } from 'vitest';
import { MutationWorld } from '../support/mutation-world.ts';
import { openTown, type Town } from '../support/town.ts';

const ANSWER = `mutation ($input: AnswerRolloutInput!) {
  answerRollout(input: $input) { __typename ... on AnswerRolloutSuccess { answerId } ... on UserError { code } }
}`;
const REPLY = `mutation ($input: ReplyToAnswerInput!) { replyToAnswer(input: $input) { __typename } }`;
const DECIDE = `mutation ($input: DecideExceptionInput!) {
  decideException(input: $input) { __typename ... on UserError { code } }
}`;
const READ = `query ($id: ID!) {
  rollout(id: $id) {
    title stages { kind }
    answers(first: 10) { edges { node { kind owner { name } text keyIds until brownout reply } } }
    exceptions(first: 10) { edges { node { exceptionId owner { name } reason state decision keyIds } } }
  }
}`;

/** A rollout in the realm of the town, so that it touches the keys of all people there. */
async function openAnswered(town: Town) {
  const world = new MutationWorld(town.gateway);
  const { id, bindingId } = await world.rollout([
    { kind: 'COMMENT', atLeast: 'P7D' },
    { kind: 'ENFORCED', atLeast: 'P30D' },
  ]);
  const { prisma } = town.gateway;
  await prisma.rollout.update({ where: { id }, data: { realmId: town.realm } });
  await prisma.binding.update({ where: { id: bindingId }, data: { realmId: town.realm } });
  return id;
}

test('rollout answers: an owner sees its own, administrators see all, others see public comments without an author, and replies', async () => {
  const town = await openTown();
  const { gateway, olga, admin, eve, ann, acme } = town;
  const rolloutId = await openAnswered(town);
  const olgas = await town.issue(olga.token);
  await town.issue(ann.token, { owner: acme });
  const answer = async (token: string, input: object) => {
    const { data } = await gateway.ask(ANSWER, { input: { rolloutId, ...input } }, token);
    expect(data['answerRollout']).toMatchObject({ __typename: 'AnswerRolloutSuccess' });
    return data['answerRollout'].answerId as string;
  };
  const until = new Date(gateway.clock.now().getTime() + 30 * 86_400_000).toISOString();
  await answer(olga.token, { kind: 'COMMENT', text: 'For all: <script>', isPublic: true });
  await answer(olga.token, { kind: 'COMMENT', text: 'For you alone.' });
  const objection = await answer(olga.token, { kind: 'OBJECT', text: 'My releases!' });
  await answer(olga.token, { kind: 'ASK_EXCEPTION', text: 'A month.', until, keyIds: [olgas.id] });
  await answer(ann.token, { kind: 'OBJECT', text: 'Ours too!', owner: acme });
  const read = async (token: string) => {
    const { data } = await gateway.ask(READ, { id: rolloutId }, token);
    const { answers, exceptions, ...proposal } = data['rollout'];
    const nodes = (list: any) => list.edges.map(({ node }: any) => node);
    return { proposal, answers: nodes(answers), exceptions: nodes(exceptions) };
  };
  const texts = (found: { answers: any[] }) => found.answers.map(({ text }) => text).toSorted();
  expect((await read(eve.token)).proposal).toEqual((await read(admin.token)).proposal);
  expect(texts(await read(eve.token))).toEqual(['For all: <script>']);
  expect((await read(eve.token)).answers).toMatchObject([{ owner: null, keyIds: [], until: null, reply: null }]);
  expect((await read(eve.token)).exceptions).toEqual([]);
  expect(texts(await read(olga.token))).toEqual(['A month.', 'For all: <script>', 'For you alone.', 'My releases!']);
  expect((await read(olga.token)).answers.find(({ kind }: any) => kind === 'ASK_EXCEPTION')).toMatchObject({
    owner: { name: 'Olga' },
    keyIds: [olgas.id],
    until,
  });
  expect(texts(await read(ann.token))).toEqual(['For all: <script>', 'Ours too!']);
  expect(texts(await read(admin.token))).toHaveLength(5);
  const [exception] = (await read(olga.token)).exceptions;
  expect(exception).toMatchObject({ reason: 'A month.', state: 'ASKED', keyIds: [olgas.id] });
  expect((await read(admin.token)).exceptions).toHaveLength(1);
  expect((await read(ann.token)).exceptions).toEqual([]);

  // A reply is for all: what it replies to is not.
  for (const token of [eve.token, olga.token]) {
    const refused = await gateway.ask(REPLY, { input: { answerId: objection, text: 'x' } }, token);
    expect(refused.data['replyToAnswer'].__typename).toBe('RolloutAnswerNotFound');
    const decided = await gateway.ask(
      DECIDE,
      { input: { exceptionId: exception.exceptionId, grant: true, text: 'x' } },
      token,
    );
    expect(decided.data['decideException'].code).toBe('ROLLOUT_ANSWER_NOT_FOUND');
  }
  await gateway.ask(REPLY, { input: { answerId: objection, text: 'Rotate them.' } }, admin.token);
  const replied = (await read(eve.token)).answers.filter(({ reply }: any) => reply !== null);
  expect(replied).toEqual([
    { kind: 'OBJECT', owner: null, text: null, keyIds: [], until: null, brownout: false, reply: 'Rotate them.' },
  ]);
  await gateway.ask(
    DECIDE,
    { input: { exceptionId: exception.exceptionId, grant: true, text: 'Until then.' } },
    admin.token,
  );
  expect((await read(olga.token)).exceptions).toMatchObject([{ state: 'GRANTED', decision: 'Until then.' }]);
  // Administrators see what owners answered, and so does each owner its own.
  const EVENTS = '{ events(first: 50, filter: { types: [ROLLOUT_ANSWERED] }) { edges { node { owner { id } } } } }';
  const count = async (token: string) => (await gateway.ask(EVENTS, {}, token)).data['events'].edges.length as number;
  expect([await count(admin.token), await count(olga.token), await count(ann.token), await count(eve.token)]).toEqual([
    5, 4, 1, 0,
  ]);
});
