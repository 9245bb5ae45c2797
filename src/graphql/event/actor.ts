import type { actorKinds } from '../../domain/event.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';

interface ActorShape {
  readonly kind: string;
  readonly id: string | null;
  readonly name: string | null;
}

const actorDescriptions: Readonly<Record<(typeof actorKinds)[number], string>> = {
  ACCOUNT: 'A signed-in person.',
  KEY: 'A key, by one of its secrets.',
  PORTAL: 'A page in a customer’s browser, by the token of a portal session.',
  POLICY: 'A policy, by its binding.',
  SYSTEM: 'The gateway itself: because a moment has come, after a leak report, or by a token rule.',
};

const ActorKindEnum = builder.enumType('ActorKind', {
  description: 'What kind of actor made a change.',
  values: describeValues(actorDescriptions),
});

export const ActorRef = builder.objectRef<ActorShape>('Actor').implement({
  description: 'The person, key, policy or gateway that made a change.',
  fields: (t) => ({
    kind: t.field({
      type: ActorKindEnum,
      description: 'Whether a person, a key, a policy or the gateway made the change.',
      resolve: ({ kind }) => kind as (typeof actorKinds)[number],
    }),
    id: t.id({
      nullable: true,
      description:
        'Id of the account, the key, the portal session or the policy’s binding. Null for the gateway itself.',
      resolve: ({ id }) => id,
    }),
    name: t.exposeString('name', {
      nullable: true,
      description:
        'Name of the actor at the time of the change, for people. For SYSTEM: the name of the leak reporter or of the token rule. Null: the gateway acted for neither.',
    }),
  }),
});
