import { useId, useState, type ReactNode } from 'react';
import { Control } from './config-controls.tsx';
import {
  alternativeName,
  alternativeOf,
  hintOf,
  initialValue,
  isObject,
  fieldShapeOf,
  titleOf,
  type ConfigMember,
  type JsonSchema,
} from './config-schema.ts';
import { ProblemContext, Problems, ProblemText, useProblem, type ConfigProblem } from './field-problems.tsx';

interface ConfigFieldsProps {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  readonly onChange: (value: unknown) => void;
}

/**
 * Asks for a configuration, by the JSON Schema of its module. It checks nothing itself: the gateway does, and its problems are
 * shown where they are. What is left alone is not in the value.
 */
export function ConfigFields({ schema, value, problems, onChange }: ConfigFieldsProps) {
  const shape = fieldShapeOf(schema);
  const whole = { name: 'configuration', schema, isRequired: true };
  return (
    <ProblemContext value={problems}>
      {shape.kind === 'OBJECT' ? (
        <Members members={shape.members} value={value} path={[]} onChange={onChange} />
      ) : (
        <Field member={whole} value={value} path={[]} onChange={onChange} />
      )}
    </ProblemContext>
  );
}

interface FieldProps {
  readonly member: ConfigMember;
  readonly value: unknown;
  readonly path: readonly string[];
  readonly onChange: (value: unknown) => void;
}

interface MembersProps extends Omit<FieldProps, 'member'> {
  readonly members: readonly ConfigMember[];
}

function Members({ members, value, path, onChange }: MembersProps) {
  const given = isObject(value) ? value : {};
  const asked = members.filter(({ schema }) => fieldShapeOf(schema).kind !== 'CONSTANT');
  if (asked.length === 0) return <p className="quiet">There is nothing to set.</p>;
  return asked.map((member) => (
    <Field
      key={member.name}
      member={member}
      value={Object.hasOwn(given, member.name) ? given[member.name] : undefined}
      path={[...path, member.name]}
      onChange={(changed) => {
        const { [member.name]: _before, ...others } = given;
        onChange(changed === undefined ? others : { ...others, [member.name]: changed });
      }}
    />
  ));
}

/** One member of a configuration. */
function Field(props: FieldProps) {
  const { member, value, path, onChange } = props;
  const shape = fieldShapeOf(member.schema);
  const title = titleOf(member);
  switch (shape.kind) {
    case 'OBJECT':
      return (
        <Group {...props} title={title}>
          <Members members={shape.members} value={value} path={path} onChange={onChange} />
        </Group>
      );
    case 'NULLABLE':
      return <NullableField {...props} inner={shape.inner} nullMeans={shape.nullMeans} />;
    case 'UNION':
      return <UnionField {...props} alternatives={shape.alternatives} />;
    case 'LIST':
      return <ListField {...props} item={shape.item} />;
    default:
      return <PlainField {...props} title={title} />;
  }
}

/** A field with a control of its own: a label, the control, what it means, and what is wrong with it. */
function PlainField({ member, value, path, onChange, title }: FieldProps & { readonly title: string }) {
  const [id, hintId, problemId] = [useId(), useId(), useId()];
  const problem = useProblem(path, true);
  const { schema, isRequired } = member;
  const isCheck = fieldShapeOf(schema).kind === 'BOOLEAN';
  const control = (
    <Control
      id={id}
      title={title}
      schema={schema}
      value={value === undefined ? schema['default'] : value}
      isRequired={isRequired && !('default' in schema)}
      isInvalid={problem !== null}
      describedBy={`${hintId} ${problemId}`}
      onChange={onChange}
    />
  );
  return (
    <div className="field">
      {isCheck ? (
        <div className="check">
          {control}
          <label htmlFor={id}>{title}</label>
        </div>
      ) : (
        <>
          <label htmlFor={id}>{title}</label>
          {control}
        </>
      )}
      <p className="hint" id={hintId}>
        {hintOf(schema)}
      </p>
      <ProblemText id={problemId} text={problem} />
    </div>
  );
}

/** A value or none. Its box says what none means. */
function NullableField({ member, value, path, onChange, ...more }: FieldProps & NullableProps) {
  const { inner, nullMeans } = more;
  const { schema } = member;
  const shown = value === undefined ? schema['default'] : value;
  const isNone = shown === null;
  const title = titleOf(member);
  const isNoneByDefault = schema['default'] === null;
  const innerSchema = {
    ...inner,
    ...pick(schema, 'title', 'description', ...(isNoneByDefault ? [] : ['default'])),
  };
  return (
    <div className="nullable">
      {isNone ? (
        <div className="field">
          <p className="label">{title}</p>
          <p className="hint">{hintOf(schema)}</p>
          <Problems path={path} />
        </div>
      ) : (
        <Field
          member={{ ...member, schema: innerSchema, isRequired: member.isRequired || isNoneByDefault }}
          value={value}
          path={path}
          // What is left alone would be none again.
          onChange={(changed) => onChange(changed === undefined && isNoneByDefault ? '' : changed)}
        />
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={isNone}
          onChange={({ target }) => onChange(target.checked ? null : beginValue(schema, inner))}
        />
        <span>
          <span className="unseen">{title}: </span>
          {nullMeans ?? 'None'}
        </span>
      </label>
    </div>
  );
}

interface NullableProps {
  readonly inner: JsonSchema;
  readonly nullMeans: string | null;
}

/** Returns the value with which a nullable member begins after none was chosen. An empty text still has to be replaced: its field is required. */
function beginValue(schema: JsonSchema, inner: JsonSchema): unknown {
  if (schema['default'] !== null) return undefined;
  return initialValue(inner) ?? '';
}

/** One of several alternatives. */
function UnionField({ member, value, path, onChange, alternatives }: FieldProps & UnionProps) {
  const id = useId();
  const shown = value === undefined ? member.schema['default'] : value;
  const [chosen, setChosen] = useState(() => alternativeOf(alternatives, shown));
  const schema = alternatives[chosen] ?? {};
  const title = titleOf(member);
  return (
    <Group member={member} path={path} title={title}>
      <div className="field">
        <label htmlFor={id}>{title}: which</label>
        <select
          id={id}
          value={chosen}
          onChange={({ target }) => {
            setChosen(Number(target.value));
            onChange(initialValue(alternatives[Number(target.value)] ?? {}));
          }}
        >
          {alternatives.map((one, place) => (
            <option key={alternativeName(one)} value={place}>
              {alternativeName(one)}
            </option>
          ))}
        </select>
      </div>
      {fieldShapeOf(schema).kind === 'OBJECT' ? (
        <Members key={chosen} members={membersIn(schema)} value={shown} path={path} onChange={onChange} />
      ) : (
        <Field
          key={chosen}
          member={{ name: member.name, schema: { title, ...schema }, isRequired: member.isRequired }}
          value={shown}
          path={path}
          onChange={onChange}
        />
      )}
    </Group>
  );
}

interface UnionProps {
  readonly alternatives: readonly JsonSchema[];
}

function membersIn(schema: JsonSchema): readonly ConfigMember[] {
  const shape = fieldShapeOf(schema);
  return shape.kind === 'OBJECT' ? shape.members : [];
}

/** Several values. */
function ListField({ member, value, path, onChange, item }: FieldProps & { readonly item: JsonSchema }) {
  const given: unknown = value === undefined ? member.schema['default'] : value;
  const items: readonly unknown[] = Array.isArray(given) ? given : [];
  // A row keeps what is typed in it when another row goes.
  const [ids, setIds] = useState(() => items.map(() => crypto.randomUUID()));
  const title = titleOf(member);
  const replace = (place: number, changed: readonly unknown[]) => items.toSpliced(place, 1, ...changed);
  return (
    <Group member={member} path={path} title={title}>
      {items.map((one, place) => (
        <div key={ids[place] ?? place} className="list-row">
          <Field
            member={{ name: `${title} ${String(place + 1)}`, schema: item, isRequired: true }}
            value={one ?? undefined}
            path={[...path, String(place)]}
            onChange={(changed) => onChange(replace(place, [changed ?? null]))}
          />
          <button
            type="button"
            aria-label={`Remove ${title} ${String(place + 1)}`}
            onClick={() => {
              setIds(ids.toSpliced(place, 1));
              onChange(replace(place, []));
            }}
          >
            Remove
          </button>
        </div>
      ))}
      <button
        type="button"
        onClick={() => {
          setIds([...ids, crypto.randomUUID()]);
          onChange([...items, initialValue(item) ?? null]);
        }}
      >
        Add to: {title}
      </button>
    </Group>
  );
}

interface GroupProps extends Pick<FieldProps, 'member' | 'path'> {
  readonly title: string;
  readonly children: ReactNode;
}

function Group({ member: { schema }, path, title, children }: GroupProps) {
  const hint = hintOf(schema);
  return (
    <fieldset className="field group">
      <legend>{title}</legend>
      {hint !== '' && <p className="hint">{hint}</p>}
      <Problems path={path} />
      {children}
    </fieldset>
  );
}

function pick(schema: JsonSchema, ...names: readonly string[]): JsonSchema {
  return Object.fromEntries(names.flatMap((name) => (name in schema ? [[name, schema[name]]] : [])));
}
