import { GraphQLError, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { createLimitError } from './create-limit-error.ts';
import { limits } from './limit-table.ts';

/** How much memory documents may take that are kept for when they are sent again; in bytes, as far as can be told. */
const CACHE_BYTES_MAX = 32 * 1024 * 1024;
/** What a token takes, with the nodes made of it. */
const TOKEN_BYTES = 500;

/** More than these are of no use to anyone. */
const ERRORS_MAX = 20;

/** A document as it was read: what it says, or why it says nothing. */
type ParsedDocument = { readonly document: DocumentNode } | { readonly refusal: GraphQLError };

/**
 * Parses documents, at most to the limits on tokens and comments, and validates them; what came lately is not read again.
 * In closed mode nothing suggests what the schema holds.
 */
export function useDocumentCache({ isOpen }: { readonly isOpen: boolean }): Plugin {
  const kept = new LRUCache<string, ParsedDocument>({ maxSize: CACHE_BYTES_MAX, sizeCalculation: sizeOf });
  const validated = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  function parseOnce(text: string): DocumentNode {
    const known = kept.get(text);
    const read = known ?? parseLimited(text);
    if (known === undefined) kept.set(text, read);
    if ('refusal' in read) throw read.refusal;
    return read.document;
  }

  function validateOnce(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
    const known = validated.get(document);
    if (known !== undefined) return known;
    const errors = validate(schema, document, undefined, { hideSuggestions: !isOpen, maxErrors: ERRORS_MAX });
    validated.set(document, errors);
    return errors;
  }

  return {
    onParse({ setParseFn }) {
      setParseFn((source) => parseOnce(typeof source === 'string' ? source : source.body));
    },
    onValidate({ setValidationFn }) {
      setValidationFn(validateOnce);
    },
  };
}

function sizeOf(read: ParsedDocument, text: string): number {
  const tokenCount = 'document' in read ? (read.document.tokenCount ?? limits.tokens.accepted) : 1;
  return 2 * text.length + TOKEN_BYTES * tokenCount;
}

function parseLimited(text: string): ParsedDocument {
  try {
    const { tokens, comments } = limits;
    return { document: parse(text, { maxLexicalTokens: tokens.accepted, maxComments: comments.accepted }) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [, limit] = /^Syntax Error: Document contains more than \d+ (tokens|comments)\./.exec(error.message) ?? [];
    if (limit !== 'tokens' && limit !== 'comments') return { refusal: error };
    // It was read to where the limit is and no further.
    return { refusal: createLimitError(limit, limits[limit].accepted + 1) };
  }
}
