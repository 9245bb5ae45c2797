import { visit, type DocumentNode, type GraphQLError } from 'graphql';
import { badUserInput } from '../../domain/request-error.ts';
import { toGraphQLError } from '../mask-error.ts';
import { limits, createLimitError } from './limit-table.ts';

/** The most names of a path that a message contains. No input type of the schema is nested as deep. */
const PATH_PARTS_MAX = 10;

type Variables = { readonly [name: string]: unknown };

/** The place of a value in the variables, linked from the inside out. */
interface ValuePath {
  readonly name: string;
  readonly parent: ValuePath | null;
}

/**
 * Returns why the literals of a document are refused before it is validated, or null. A list has too many entries, or a
 * string has NUL, which PostgreSQL cannot store, or half of a surrogate pair, which UTF-8 cannot encode.
 */
export function literalRefusal(document: DocumentNode): GraphQLError | null {
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

/**
 * Returns why variables are refused, or null: for the same reasons as literals, and for such text in a name. Visits
 * each value once, without recursion, because a body can nest variables as deep as it is long. `bulkLists` are the lists
 * that may be long.
 */
export function variableRefusal(variables: Variables, bulkLists: ReadonlySet<unknown>): GraphQLError | null {
  const waiting: { value: object; place: ValuePath | null }[] = [{ value: variables, place: null }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, place } = next;
    const isList = Array.isArray(value);
    if (isList) {
      const limit = bulkLists.has(value) ? 'bulkList' : 'list';
      if (value.length > limits[limit].accepted)
        return createLimitError(limit, value.length, printPath(pathNamesOf(place)));
    }
    for (const name of Object.keys(value)) {
      const nameProblem = isList ? null : textProblem(name);
      if (nameProblem !== null) return createTextError(place, `has a name that ${nameProblem}`);
      const entry = (value as Variables)[name];
      if (typeof entry === 'string') {
        const problem = textProblem(entry);
        if (problem !== null) return createTextError({ name, parent: place }, problem);
      } else if (typeof entry === 'object' && entry !== null) {
        waiting.push({ value: entry, place: { name, parent: place } });
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
  return `has half of a surrogate pair, U+${code} at ${characterAt(text, halfAt)}; expected well-formed Unicode`;
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
  for (let at = place; at !== null; at = at.parent) path.push(at.name);
  return path.toReversed().slice(0, PATH_PARTS_MAX);
}

/** Prints a path as messages of use cases do: without the name of the variable, which the caller chose. */
function printPath([variable = 'variables', ...names]: readonly string[]): string {
  const text = names.map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join('');
  return text === '' ? variable : text.replace(/^\./, '');
}
