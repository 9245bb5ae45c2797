import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isIntrospectionType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
} from 'graphql';
import { parseDocument, type Document } from './documents.ts';

type Fields = readonly GraphQLField<unknown, unknown>[];
type Inputs = readonly (GraphQLArgument | GraphQLInputField)[];

/** A page of the reference: its name below `schema/`, its title, what it says first, and what it describes. */
interface ReferencePage {
  readonly name: string;
  readonly title: string;
  readonly introduction: string;
  readonly entries: readonly string[];
}

/**
 * Returns the reference of a schema as documents: one for each kind of name, and the page that lists them. A mutation is
 * described with its input and its results, so that one place says all of it. `codes` are the failures that have a page.
 */
export function describeSchema(schemaText: string, codes: ReadonlySet<string>): readonly Document[] {
  const schema = buildSchema(schemaText);
  const pages = new SchemaReference(schema, codes).pages();
  const list = pages.map(({ name, title, introduction }) => `- [${title}](schema/${name}): ${introduction}`);
  const first = `# The GraphQL schema\n\nEvery name of the API. The gateway serves it at \`/graphql\`.\n\n${list.join('\n')}\n`;
  return [
    parseDocument('schema', first, null),
    ...pages.map(({ name, title, introduction, entries }) => {
      const text = `# ${title}\n\n${capitalize(introduction)}.\n\n${entries.join('\n\n')}\n`;
      return parseDocument(`schema/${name}`, text, null);
    }),
  ];
}

class SchemaReference {
  readonly #schema: GraphQLSchema;
  readonly #codes: ReadonlySet<string>;
  readonly #types: readonly GraphQLNamedType[];
  /** The types of `Event.detail`. */
  readonly #details: ReadonlySet<GraphQLNamedType>;
  /** Types that are described with the one mutation that has them, by name. */
  readonly #mutationOf = new Map<string, string>();

  constructor(schema: GraphQLSchema, codes: ReadonlySet<string>) {
    this.#schema = schema;
    this.#codes = codes;
    const roots = new Set<GraphQLNamedType | null | undefined>([
      schema.getQueryType(),
      schema.getMutationType(),
      schema.getSubscriptionType(),
    ]);
    this.#types = Object.values(schema.getTypeMap()).filter(
      (type) => !roots.has(type) && !isIntrospectionType(type) && !isSpecifiedScalarType(type),
    );
    const detail = schema.getType('EventDetail');
    this.#details = new Set(isUnionType(detail) ? detail.getTypes() : []);
    this.#findPartsOfMutations();
  }

  pages(): readonly ReferencePage[] {
    const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.values(type?.getFields() ?? {});
    return [
      {
        name: 'queries',
        title: 'Queries',
        introduction: 'what can be read, where a document begins',
        entries: fieldsOf(this.#schema.getQueryType()).map((field) => this.#rootField(field)),
      },
      {
        name: 'mutations',
        title: 'Mutations',
        introduction: 'what can be changed, each with its input and its results',
        entries: fieldsOf(this.#schema.getMutationType()).map((field) => this.#mutation(field)),
      },
      {
        name: 'subscriptions',
        title: 'Subscriptions',
        introduction: 'what is sent as it happens',
        entries: fieldsOf(this.#schema.getSubscriptionType()).map((field) => this.#rootField(field)),
      },
      this.#typePage('objects', 'Objects', 'what answers consist of'),
      this.#typePage('event-details', 'Details of events', 'what each type of event has in its `detail`'),
      this.#typePage('failures', 'Failures', 'why a mutation changed nothing, as the types of its result'),
      this.#typePage('inputs', 'Inputs', 'what arguments consist of, where several fields take them'),
      this.#typePage('enums', 'Enums', 'values with a name of their own'),
      this.#typePage(
        'scalars-and-unions',
        'Scalars and unions',
        'texts and numbers, and answers of one type among several',
      ),
    ];
  }

  #typePage(name: string, title: string, introduction: string): ReferencePage {
    const types = this.#types.filter((type) => !this.#mutationOf.has(type.name) && this.#pageNameOf(type) === name);
    return { name, title, introduction, entries: types.map((type) => this.#entry(type)) };
  }

  /** A mutation's result, its success and its input are described with it, unless another field has them as well. */
  #findPartsOfMutations(): void {
    const uses = new Map<string, number>();
    const note = (type: GraphQLType) => uses.set(getNamedType(type).name, (uses.get(getNamedType(type).name) ?? 0) + 1);
    for (const type of Object.values(this.#schema.getTypeMap())) {
      if (isUnionType(type)) type.getTypes().forEach(note);
      if (isInputObjectType(type)) Object.values(type.getFields()).forEach((field) => note(field.type));
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        note(field.type);
        for (const argument of field.args) note(argument.type);
      }
    }
    for (const field of Object.values(this.#schema.getMutationType()?.getFields() ?? {})) {
      const result = getNamedType(field.type);
      const members = isUnionType(result)
        ? [result, ...result.getTypes().filter((type) => !this.#isFailure(type))]
        : [];
      for (const { name } of [...field.args.map((argument) => getNamedType(argument.type)), ...members]) {
        if (uses.get(name) === 1) this.#mutationOf.set(name, field.name);
      }
    }
  }

  #isFailure({ name }: GraphQLNamedType): boolean {
    return this.#codes.has(codeOf(name));
  }

  #rootField(field: GraphQLField<unknown, unknown>): string {
    const table = field.args.length === 0 ? '' : this.#inputTable(field.args);
    return paragraphs(`## ${field.name}`, proseOf(field.description), `Returns ${this.#link(field.type)}.`, table);
  }

  #mutation(field: GraphQLField<unknown, unknown>): string {
    const result = getNamedType(field.type);
    const members = isUnionType(result) ? result.getTypes() : [];
    const inputs = field.args.map((argument) => {
      const type = getNamedType(argument.type);
      return isInputObjectType(type) && this.#mutationOf.get(type.name) === field.name
        ? paragraphs(
            `Takes \`${argument.name}\`, an \`${type.name}\`:`,
            this.#inputTable(Object.values(type.getFields())),
          )
        : `Takes \`${argument.name}\`: ${this.#link(argument.type)}.`;
    });
    const successes = members
      .filter((member) => !this.#isFailure(member))
      .map((member) =>
        this.#mutationOf.get(member.name) === field.name
          ? paragraphs(`Returns \`${member.name}\`:`, this.#fieldTable(Object.values(member.getFields())))
          : `Returns ${this.#link(member)}.`,
      );
    const failures = members.filter((member) => this.#isFailure(member)).map((member) => this.#failureLink(member));
    return paragraphs(
      `## ${field.name}`,
      proseOf(field.description),
      ...inputs,
      ...(members.length === 0 ? [`Returns ${this.#link(field.type)}.`] : successes),
      failures.length === 0 ? '' : `Or one of the failures ${failures.join(', ')}.`,
    );
  }

  #entry(type: GraphQLNamedType): string {
    const failure = this.#isFailure(type) ? `The failure ${this.#failureLink(type)}.` : '';
    return paragraphs(`## ${type.name}`, proseOf(type.description), failure, this.#body(type));
  }

  #body(type: GraphQLNamedType): string {
    if (isEnumType(type)) return valueTable(type);
    if (isUnionType(type))
      return `One of ${type
        .getTypes()
        .map((member) => this.#link(member))
        .join(', ')}.`;
    if (isInputObjectType(type)) return this.#inputTable(Object.values(type.getFields()));
    return isScalarType(type) ? '' : this.#fieldTable(Object.values(type.getFields()));
  }

  #fieldTable(fields: Fields): string {
    const rows = fields.map((field) => {
      const given = field.args.map(
        (argument) => `\`${argument.name}\` (${this.#link(argument.type)}): ${cellOf(argument.description)}`,
      );
      const description = [cellOf(describe(field)), ...given].join('<br>');
      return `| \`${field.name}\` | ${this.#link(field.type)} | ${description} |`;
    });
    return `| Field | Type | Description |\n| --- | --- | --- |\n${rows.join('\n')}`;
  }

  #inputTable(inputs: Inputs): string {
    const rows = inputs.map((input) => {
      const fallback = input.astNode?.defaultValue === undefined ? '' : ` Default: ${printDefault(input)}.`;
      return `| \`${input.name}\` | ${this.#link(input.type)} | ${cellOf(describe(input))}${fallback} |`;
    });
    return `| Input | Type | Description |\n| --- | --- | --- |\n${rows.join('\n')}`;
  }

  /** A type as the schema writes it, with a link to the section that describes it. */
  #link(type: GraphQLType): string {
    const named = getNamedType(type);
    if (isSpecifiedScalarType(named)) return `\`${String(type)}\``;
    const mutation = this.#mutationOf.get(named.name);
    const page = mutation === undefined ? this.#pageNameOf(named) : 'mutations';
    return `[\`${String(type)}\`](${page}#${(mutation ?? named.name).toLowerCase()})`;
  }

  #failureLink({ name }: GraphQLNamedType): string {
    return `[\`${codeOf(name)}\`](../errors/${codeOf(name)}.md)`;
  }

  #pageNameOf(type: GraphQLNamedType): string {
    if (isInputObjectType(type)) return 'inputs';
    if (isEnumType(type)) return 'enums';
    if (isScalarType(type) || isUnionType(type)) return 'scalars-and-unions';
    if (this.#isFailure(type)) return 'failures';
    return this.#details.has(type) ? 'event-details' : 'objects';
  }
}

function valueTable(type: GraphQLEnumType): string {
  const rows = type.getValues().map((value) => `| \`${value.name}\` | ${cellOf(describe(value))} |`);
  return `| Value | Meaning |\n| --- | --- |\n${rows.join('\n')}`;
}

/** ExpiryOutOfBounds is the failure EXPIRY_OUT_OF_BOUNDS. */
function codeOf(typeName: string): string {
  return typeName.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

function describe({
  description,
  deprecationReason,
}: {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
}): string {
  return deprecationReason == null ? (description ?? '') : `${description ?? ''} Deprecated: ${deprecationReason}`;
}

function printDefault({ astNode }: GraphQLArgument | GraphQLInputField): string {
  const { start = 0, end = 0, source } = astNode?.defaultValue?.loc ?? {};
  return `\`${source?.body.slice(start, end) ?? ''}\``;
}

/** The text of a description, whose signs have no meaning in Markdown but backticks. */
function proseOf(description: string | null | undefined): string {
  return (description ?? '')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/[\\*[\]<#|]/g, String.raw`\$&`)))
    .join('');
}

/** The text of a description for a cell of a table: one line. */
function cellOf(description: string | null | undefined): string {
  return proseOf(description).replaceAll(/\s*\n\s*/g, ' ');
}

function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
