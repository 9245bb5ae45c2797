import { eventTypes, type EventType } from '../../domain/event.ts';
import { eventFields, type EventDetail } from '../../domain/event-detail.ts';
import type { Fields, Kind, ObjectOf, ReadValues, SimpleKind } from '../../domain/event-field.ts';
import { decodeCursor } from '../../log/cursor.ts';
import { builder } from '../builder.ts';
import {
  EventTypeEnum,
  LeakResponseEnum,
  OutcomeEnum,
  PortalActionEnum,
  RenewalModeEnum,
  RoleEnum,
  StopBasisEnum,
  TokenPresetEnum,
} from '../enums.ts';
import { ClaimConditionRef, ClaimLabelRef } from '../issuer/issuer.ts';
import { LabelRef, ScopeRef } from '../key/key-parts.ts';
import { BindingModeEnum } from '../policy/binding.ts';
import { RolloutAnswerKindEnum, RolloutStageKindEnum } from '../rollout/rollout-enums.ts';
import { eventDescriptions } from './event-descriptions.ts';

const scalars = {
  text: 'String',
  id: 'ID',
  integer: 'Int',
  boolean: 'Boolean',
  instant: 'DateTime',
  duration: 'Duration',
  cursor: 'Cursor',
  json: 'JSON',
} as const satisfies Record<SimpleKind, string>;

/** The schema’s types by name, for kinds that name a type. An object type is added when it is created. */
const namedTypes = new Map<string, unknown>([
  ['StopBasis', StopBasisEnum],
  ['RenewalMode', RenewalModeEnum],
  ['Role', RoleEnum],
  ['BindingMode', BindingModeEnum],
  ['RolloutAnswerKind', RolloutAnswerKindEnum],
  ['RolloutStageKind', RolloutStageKindEnum],
  ['LeakResponse', LeakResponseEnum],
  ['PortalAction', PortalActionEnum],
  ['EventType', EventTypeEnum],
  ['Outcome', OutcomeEnum],
  ['TokenPreset', TokenPresetEnum],
  ['Scope', ScopeRef],
  ['Label', LabelRef],
  ['ClaimCondition', ClaimConditionRef],
  ['ClaimLabel', ClaimLabelRef],
]);

/** Returns the type of the schema for a kind, in the form that Pothos takes. */
function typeOf(kind: Kind): unknown {
  if (typeof kind === 'string') return scalars[kind];
  if (kind.kind === 'list') return [typeOf(kind.of)];
  const known = namedTypes.get(kind.name);
  if (known !== undefined) return known;
  if (kind.kind === 'choice') throw new Error(`no enum ${kind.name}`);
  const made = createObjectType<ReadValues>(kind, (values) => values);
  namedTypes.set(kind.name, made);
  return made;
}

/** Creates an object type of the schema from described fields. */
function createObjectType<Source extends object>(
  { name, description, fields }: Pick<ObjectOf, 'name' | 'description'> & { readonly fields: Fields },
  valuesOf: (source: Source) => ReadValues,
) {
  const rows = Object.entries(fields).map(([field, row]) => ({ field, ...row, type: typeOf(row.kind) }));
  return builder.objectRef<Source>(name).implement({
    description,
    fields: (t) =>
      Object.fromEntries(
        rows.map(({ field, kind, presence, description, type }) => [
          field,
          t.field({
            type: type as 'JSON',
            nullable: presence !== 'always',
            description,
            resolve: (source) => {
              const value = valuesOf(source)[field];
              return kind === 'cursor' ? readCursor(value) : value;
            },
          }),
        ]),
      ),
  });
}

function readCursor(text: unknown): bigint | null {
  try {
    return typeof text === 'string' ? decodeCursor(text) : null;
  } catch {
    return null;
  }
}

/** Returns the name of the type that has the data of a type of event: KeyUpdatedDetail for KEY_UPDATED. */
export function detailTypeName(type: EventType): string {
  const words = type.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  return `${words.join('')}Detail`;
}

export const EventDetailRef = builder.unionType('EventDetail', {
  description:
    'The fields of `data` with their types: an object type for each type of event. A nullable field is also null if the event was recorded before the field existed. Fields that have the same name but different types need aliases.',
  types: eventTypes.map((type) =>
    createObjectType<EventDetail>(
      { name: detailTypeName(type), description: `${type}: ${eventDescriptions[type]}`, fields: eventFields[type] },
      ({ values }) => values,
    ),
  ),
  resolveType: ({ type }) => detailTypeName(type),
});
