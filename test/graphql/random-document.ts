import * as fc from 'fast-check';
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  type GraphQLField,
  type GraphQLNamedType,
} from 'graphql';
import { schema } from '../../src/graphql/schema.ts';

/** A document with one operation, and what its variables are. */
export interface RandomDocument {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** How much of everything there is to be. */
interface Knobs {
  readonly operation: 'query' | 'mutation';
  readonly fieldCount: number;
  readonly depth: number;
  readonly aliasCount: number;
  readonly directiveCount: number;
  readonly fragmentCount: number;
  readonly isIntrospecting: boolean;
  readonly pages: readonly (number | null)[];
  readonly choices: readonly number[];
}

/** From well within the limits to well over them, one or several at a time. */
const knobs: fc.Arbitrary<Knobs> = fc.record({
  operation: fc.oneof(
    { weight: 9, arbitrary: fc.constant('query' as const) },
    { weight: 1, arbitrary: fc.constant('mutation' as const) },
  ),
  fieldCount: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 260 })),
  depth: fc.integer({ min: 2, max: 13 }),
  aliasCount: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 10, max: 20 })),
  directiveCount: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 40, max: 60 })),
  fragmentCount: fc.integer({ min: 0, max: 6 }),
  isIntrospecting: fc.boolean(),
  pages: fc.array(fc.option(fc.integer({ min: 0, max: 100 })), { minLength: 1, maxLength: 4 }),
  choices: fc.array(fc.nat(), { minLength: 40, maxLength: 400 }),
});

/** Random documents that are valid but for conflicts of fields that are answered under one name. */
export const randomDocument: fc.Arbitrary<RandomDocument> = knobs.map((given) => new Writer(given).write());

/** Arguments that fields need, by their type. */
const literals: Record<string, string> = {
  ID: '"x"',
  String: '"x"',
  Duration: '"P1D"',
  SignInInput: '{ email: "a@example.com", password: "wrong" }',
};

class Writer {
  readonly #given: Knobs;
  #step = 0;
  #fieldsLeft: number;
  #aliasesLeft: number;
  #directivesLeft: number;
  readonly #fragments: { name: string; on: string; text: string }[] = [];
  readonly #variables = new Map<string, number | null>();

  constructor(given: Knobs) {
    this.#given = given;
    this.#fieldsLeft = given.fieldCount;
    this.#aliasesLeft = given.aliasCount;
    this.#directivesLeft = given.directiveCount;
  }

  write(): RandomDocument {
    const { operation } = this.#given;
    const root = schema.getRootType(operation === 'query' ? ('query' as never) : ('mutation' as never))!;
    const body = this.#selections(root, this.#given.depth);
    const declared = [...this.#variables.keys()].map((name, index) => `$${name}: Int${index % 2 === 0 ? ' = 30' : ''}`);
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`);
    const head = `${operation} Random${declared.length === 0 ? '' : `(${declared.join(', ')})`}`;
    const sent = [...this.#variables].filter(([, value]) => value !== null);
    return { query: `${head}${this.#directive()} ${body} ${fragments.join(' ')}`, variables: Object.fromEntries(sent) };
  }

  #choose(count: number): number {
    const { choices } = this.#given;
    this.#step += 1;
    return (choices[this.#step % choices.length]! + this.#step) % count;
  }

  #selections(type: GraphQLNamedType, depth: number): string {
    const count = 1 + this.#choose(type === schema.getQueryType() ? 8 : 6);
    const parts: string[] = [];
    for (let index = 0; index < count && this.#fieldsLeft > 0; index += 1) parts.push(this.#selection(type, depth));
    return `{ ${parts.join(' ') || '__typename'} }`;
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const kind = this.#choose(10);
    if (kind === 0) return `...${this.#directive()} ${this.#selections(type, depth)}`;
    if (isAbstractType(type) && kind < 7) {
      const possible = schema.getPossibleTypes(type);
      const chosen = possible[this.#choose(possible.length)]!;
      return `... on ${chosen.name}${this.#directive()} ${this.#selections(chosen, depth)}`;
    }
    if (kind === 1) return this.#spread(type, depth) ?? '__typename';
    return this.#field(type, depth);
  }

  /** A fragment that is there already, or a new one that holds those that are there. */
  #spread(type: GraphQLNamedType, depth: number): string | null {
    const known = this.#fragments.filter(({ on }) => on === type.name);
    if (known.length > 0 && this.#choose(3) > 0)
      return `...${known[this.#choose(known.length)]!.name}${this.#directive()}`;
    if (this.#fragments.length >= this.#given.fragmentCount) return null;
    const text = this.#selections(type, depth);
    const name = `F${this.#fragments.length}`;
    this.#fragments.push({ name, on: type.name, text });
    return `...${name}`;
  }

  #field(type: GraphQLNamedType, depth: number): string {
    this.#fieldsLeft -= 1;
    if (this.#given.isIntrospecting && type === schema.getQueryType() && this.#choose(4) === 0)
      return this.#introspection();
    const fields =
      isCompositeType(type) && 'getFields' in type
        ? Object.values(type.getFields()).filter((field) => this.#fits(field, depth))
        : [];
    const field = fields[this.#choose(fields.length || 1)];
    if (field === undefined) return `${this.#alias()}__typename${this.#directive()}`;
    const below = getNamedType(field.type);
    const selections = isCompositeType(below) ? ` ${this.#selections(below, depth - 1)}` : '';
    return `${this.#alias()}${field.name}${this.#arguments(field)}${this.#directive()}${selections}`;
  }

  /**
   * Whether a field may stand here: what has fields needs room for them, and of mutations signIn alone is run by
   * anyone.
   */
  #fits(field: GraphQLField<unknown, unknown>, depth: number): boolean {
    if (field.args.some(({ type }) => isNonNullType(type) && literals[getNamedType(type).name] === undefined))
      return false;
    return depth > 1 || !isCompositeType(getNamedType(field.type));
  }

  #introspection(): string {
    const types = `types { name ${'kind '.repeat(this.#choose(4))}fields { name type { name } ${'name '.repeat(this.#choose(2) * this.#choose(400))} } }`;
    return this.#choose(2) === 0
      ? `${this.#alias()}__schema { ${types} }`
      : `${this.#alias()}__type(name: "Key") { fields { name } }`;
  }

  /** The same arguments wherever a field stands, so that two of one name do not conflict. */
  #arguments({ name, args }: GraphQLField<unknown, unknown>): string {
    const given = args.flatMap((argument) => {
      if (argument.name === 'first') return this.#page(name);
      const literal = literals[getNamedType(argument.type).name];
      return isNonNullType(argument.type) && literal !== undefined ? [`${argument.name}: ${literal}`] : [];
    });
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  #page(name: string): string[] {
    const { pages } = this.#given;
    const place = name.length % pages.length;
    const page = pages[place] ?? null;
    if (page !== null && place % 2 === 0) return [`first: ${page}`];
    if (place % 2 === 0) return [];
    this.#variables.set(`page${place}`, page);
    return [`first: $page${place}`];
  }

  #alias(): string {
    if (this.#aliasesLeft === 0 || this.#choose(3) > 0) return '';
    this.#aliasesLeft -= 1;
    return `a${this.#aliasesLeft}: `;
  }

  #directive(): string {
    if (this.#directivesLeft === 0 || this.#choose(2) > 0) return '';
    this.#directivesLeft -= 1;
    return this.#choose(2) === 0 ? ' @skip(if: false)' : ' @include(if: true)';
  }
}
