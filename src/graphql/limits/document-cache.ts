import { GraphQLError, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { limits, createLimitError } from './limit-table.ts';

/** The size of the cache of parsed documents, in bytes; estimated. */
const CACHE_BYTES_MAX = 32 * 1024 * 1024;
/** The estimated memory of a token with the nodes made of it. */
const TOKEN_BYTES = 500;

/** Validation stops after this many errors. */
const ERRORS_MAX = 20;

/** A parsed document, or the error that parsing it gave. */
type ParsedDocument = { readonly document: DocumentNode } | { readonly refusal: GraphQLError };

/**
 * Parses documents up to the limits on tokens and comments, validates them, and caches both results, errors included.
 * In closed mode validation gives no suggestions, which would reveal the schema.
 */
export function useDocumentCache({ isOpen }: { readonly isOpen: boolean }): Plugin {
  const cache = new LRUCache<string, ParsedDocument>({ maxSize: CACHE_BYTES_MAX, sizeCalculation: sizeOf });
  const validated = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  function parseOnce(text: string): DocumentNode {
    const cached = cache.get(text);
    const parsed = cached ?? parseLimited(text);
    if (cached === undefined) cache.set(text, parsed);
    if ('refusal' in parsed) throw parsed.refusal;
    return parsed.document;
  }

  function validateOnce(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
    const cached = validated.get(document);
    if (cached !== undefined) return cached;
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

function sizeOf(parsed: ParsedDocument, text: string): number {
  const tokenCount = 'document' in parsed ? (parsed.document.tokenCount ?? limits.tokens.accepted) : 1;
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
    // The parser stops at the limit, so the real count is unknown.
    return { refusal: createLimitError(limit, limits[limit].accepted + 1) };
  }
}
