import { escapeLiteral } from 'pg';
import type { Scope } from '../../domain/scope.ts';
import type { StopBasis } from '../../domain/verdict.ts';
import { freezeAll } from '../../verifier/interned.ts';
import type { FoundKey, StoredSecret, VerifiedRealm } from '../../verifier/stored-secret.ts';

/** How many different scopes and labels are remembered, so that equal ones are parsed once. */
const PARSED_MAX = 10_000;

const none: readonly never[] = Object.freeze([]);

const NEW_LINE = 0x0a;

/** Keys by their ids: those after one id, up to another; null: no bound. */
export interface KeyRange {
  readonly after: string | null;
  readonly upTo: string | null;
}

/**
 * Returns the COPY of all secrets that can still verify at a moment, with their keys, in the text format: of a range of
 * keys in any order, or of so many that were used most recently.
 */
export function verifiableSecrets(now: Date, of: KeyRange | { readonly limit: number }): string {
  const instant = (column: string) => `(date_part('epoch', ${column}) * 1000)::bigint`;
  const moment = `to_timestamp(${now.getTime()} / 1000.0)`;
  const isIn = (column: string) => ('limit' in of ? 'true' : withinRange(column, of));
  return `COPY (
    SELECT encode(s.digest, 'hex'), s.id, s.generation, ${instant('s."retiresAt"')}, ${instant('s."firstUsedAt"')},
           k.id, k.name, k."realmId", coalesce(k."accountId", k."organizationId", k."subjectId"), k."tokenRuleId", k.scopes, l.labels,
           ${instant('k."expiresAt"')}, k."expiryBasis", ${instant('k."stopsAt"')}, ${instant('k."renewalDueAt"')}, h.sources, u."externalId",
           ${instant('k."notBefore"')}, array_to_string(k."allowedAddresses", ','), k.warnings, k.brownouts
    FROM "Secret" s JOIN "Key" k ON k.id = s."keyId"
    LEFT JOIN "Subject" u ON u.id = k."subjectId"
    LEFT JOIN (SELECT "keyId", json_agg(json_build_object('name', name, 'value', value) ORDER BY name) AS labels
               FROM "Label" WHERE ${isIn('"keyId"')} GROUP BY "keyId") l ON l."keyId" = k.id
    LEFT JOIN (SELECT "keyId", string_agg(DISTINCT source::text, ',' ORDER BY source::text) AS sources
               FROM "Hold" WHERE ${isIn('"keyId"')} GROUP BY "keyId") h ON h."keyId" = k.id
    WHERE ${isIn('k.id')} AND ${isIn('s."keyId"')} AND k."revokedAt" IS NULL AND k."expiredAt" IS NULL
      AND (k."expiresAt" IS NULL OR k."expiryBasis" <> 'HARD' OR k."expiresAt" > ${moment})
      AND (s."retiresAt" IS NULL OR s."retiresAt" > ${moment})
    ${'limit' in of ? `ORDER BY s."lastUsedAt" DESC NULLS LAST LIMIT ${of.limit}` : ''}
  ) TO STDOUT (NULL '')`;
}

function withinRange(column: string, { after, upTo }: KeyRange): string {
  const bounds = [
    ...(after === null ? [] : [`${column} > ${escapeLiteral(after)}`]),
    ...(upTo === null ? [] : [`${column} <= ${escapeLiteral(upTo)}`]),
  ];
  return bounds.length === 0 ? 'true' : bounds.join(' AND ');
}

/** Parses the rows of `verifiableSecrets`. */
export class StoredRows {
  readonly #realms: ReadonlyMap<string, VerifiedRealm>;
  readonly #parsed = new Map<string, unknown>();

  /** `realms`: as of the same moment as the rows. */
  constructor(realms: ReadonlyMap<string, VerifiedRealm>) {
    this.#realms = realms;
  }

  /** Yields the secrets of a piece of whole rows. */
  *parse(piece: Buffer): Generator<StoredSecret, void> {
    // Each row is a text of its own: a part of a text that stays in memory holds the whole text.
    for (let from = 0, to = piece.indexOf(NEW_LINE); to >= 0; from = to + 1, to = piece.indexOf(NEW_LINE, from)) {
      const row = piece.toString('utf8', from, to);
      const fields = row.split('\t');
      yield this.#toStored(row.includes('\\') ? fields.map(unescape) : fields);
    }
  }

  /** NULL is empty. */
  #toStored(fields: readonly string[]): StoredSecret {
    const text = (index: number) => fields[index] ?? '';
    const instant = (index: number) => (text(index) === '' ? null : new Date(Number(text(index))));
    const realm = this.#realms.get(text(7));
    if (realm === undefined) throw new Error('a key has no realm');
    const sources = text(16);
    const addresses = text(19);
    return {
      digest: Buffer.from(text(0), 'hex'),
      secretId: text(1),
      generation: Number(text(2)),
      retiresAt: instant(3),
      firstUsedAt: instant(4),
      id: text(5),
      name: text(6),
      realmId: realm.id,
      realmSlug: realm.slug,
      foldsCase: realm.foldsCase,
      actions: realm.actions,
      ownerId: text(8),
      externalId: text(17) === '' ? null : text(17),
      tokenRuleId: text(9) === '' ? null : text(9),
      scopes: this.#parse(text(10)) as readonly Scope[],
      labels: text(11) === '' ? none : (this.#parse(text(11)) as FoundKey['labels']),
      expiresAt: instant(12),
      expiryBasis: text(13) === '' ? null : (text(13) as StopBasis),
      stopsAt: instant(14),
      renewalDueAt: instant(15),
      notBefore: instant(18),
      allowedAddresses: addresses === '' ? none : addresses.split(','),
      warnings: text(20) === '' ? none : (this.#parse(text(20)) as FoundKey['warnings']),
      brownouts: text(21) === '' ? none : (this.#parse(text(21)) as FoundKey['brownouts']),
      revokedAt: null,
      expiredAt: null,
      isHeld: sources !== '',
      holdSources: sources === '' ? none : sources.split(','),
    };
  }

  #parse(json: string): unknown {
    const known = this.#parsed.get(json);
    if (known !== undefined) return known;
    if (this.#parsed.size >= PARSED_MAX) this.#parsed.clear();
    const value = freezeAll(JSON.parse(json) as readonly object[]);
    this.#parsed.set(json, value);
    return value;
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Returns the value of a field of COPY. */
function unescape(field: string): string {
  return field.replaceAll(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);
}
