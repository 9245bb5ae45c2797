import { visit, type DocumentNode, type GraphQLError } from 'graphql';
import { badUserInput } from '../../domain/request-error.ts';
import { toGraphQLError } from '../mask-error.ts';
import { createLimitError } from './create-limit-error.ts';
import { limits } from './limit-table.ts';

/** How much of a place is told; nothing of ours is nested as deep. */
const PATH_PARTS_MAX = 10;

type Variables = { readonly [name: string]: unknown };

/** Where a value stands in the variables, from the inside to the outside. */
interface ValuePath {
  readonly name: string | number;
  readonly parent: ValuePath | null;
}

/**
 * Why an input cannot be taken, whatever it is for: a list of too many entries; a text, an id or a name with what no text
 * holds (the character NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which no encoding can). Null: all
 * is well. Goes over literals and variables once; these without recursion, as they may be nested as deep as a body is long.
 */
export function inputRefusal(document: DocumentNode, variables: Variables): GraphQLError | null {
  return literalRefusal(document) ?? variableRefusal(variables);
}

function literalRefusal(document: DocumentNode): GraphQLError | null {
  let refusal: GraphQLError | null = null;
  visit(document, {
    StringValue(node) {
      const problem = textProblem(node.value);
      const { line = 1, column = 1 } = node.loc?.startToken ?? {};
      if (problem === null) return;
      refusal ??= toGraphQLError(badUserInput(`The text at line ${line}, column ${column} ${problem}`), {
        nodes: [node],
      });
    },
    ListValue({ values: { length } }) {
      if (length > limits.list.accepted) refusal ??= createLimitError('list', length, 'A list');
    },
  });
  return refusal;
}

function variableRefusal(variables: Variables): GraphQLError | null {
  const waiting: { value: unknown; place: ValuePath | null }[] = [{ value: variables, place: null }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, place: within } = next;
    if (typeof value === 'string') {
      const problem = textProblem(value);
      if (problem !== null) return createTextError(within, problem);
    } else if (Array.isArray(value)) {
      if (value.length > limits.list.accepted)
        return createLimitError('list', value.length, printPath(pathNamesOf(within)));
      for (const [name, entry] of value.entries()) waiting.push({ value: entry, place: { name, parent: within } });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, entry] of Object.entries(value)) {
        const problem = textProblem(name);
        if (problem !== null) return createTextError(within, `has a name that ${problem}`);
        waiting.push({ value: entry, place: { name, parent: within } });
      }
    }
  }
  return null;
}

function textProblem(text: string): string | null {
  const nulAt = text.indexOf('\0');
  if (nulAt >= 0) return `has a control character, U+0000 at ${characterAt(text, nulAt)}; none is accepted`;
  if (text.isWellFormed()) return null;
  const halfAt = text.search(/\p{Surrogate}/u);
  const code = text.charCodeAt(halfAt).toString(16).toUpperCase();
  return `has half of a surrogate pair, U+${code} at ${characterAt(text, halfAt)}; well-formed Unicode is expected`;
}

function characterAt(text: string, index: number): string {
  return `character ${Array.from(text.slice(0, index)).length + 1}`;
}

function createTextError(place: ValuePath | null, problem: string): GraphQLError {
  const path = pathNamesOf(place);
  return toGraphQLError(badUserInput(`${printPath(path)} ${problem}`, path));
}

function pathNamesOf(place: ValuePath | null): string[] {
  const path: string[] = [];
  for (let at = place; at !== null; at = at.parent) path.push(String(at.name));
  return path.toReversed().slice(0, PATH_PARTS_MAX);
}

/** As messages of use cases name it: what the variable is called is the caller's own affair. */
function printPath([variable = 'variables', ...within]: readonly string[]): string {
  const text = within.map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join('');
  return text === '' ? variable : text.replace(/^\./, '');
}
