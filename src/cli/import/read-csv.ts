import { CommandError, exitStatus } from '../exit-status.ts';
import { ROW_MAX } from './source-row.ts';

/**
 * Yields the records of a CSV text (RFC 4180): fields are separated by commas, may be in double quotes, and may then have
 * commas, line ends and doubled quotes. Lines end with CRLF or LF. A byte order mark at the start, and empty lines, are
 * left out. The text may arrive in pieces; memory is bounded by the longest record.
 *
 * @throws CommandError DATA for a quote that is not closed, or for text after a closing quote.
 */
export async function* readCsv(pieces: AsyncIterable<string>): AsyncGenerator<string[], void> {
  const parser = new CsvParser();
  for await (const piece of pieces) yield* parser.push(piece);
  yield* parser.end();
}

class CsvParser {
  #fields: string[] = [];
  #field = '';
  #size = 0;
  /** PLAIN: at the start of a field or in it; QUOTED: in quotes; CLOSED: after the closing quote. */
  #state: 'PLAIN' | 'QUOTED' | 'CLOSED' = 'PLAIN';
  #isStart = true;
  #wasReturn = false;
  #count = 0;

  *push(piece: string): Generator<string[]> {
    const text = this.#isStart ? piece.replace(/^\uFEFF/, '') : piece;
    if (piece !== '') this.#isStart = false;
    for (const character of text) {
      const record = this.#take(character);
      if (record !== null) yield record;
    }
  }

  *end(): Generator<string[]> {
    if (this.#state === 'QUOTED') throw this.#malformed('a quote that is not closed');
    const record = this.#endRecord();
    if (record !== null) yield record;
  }

  #take(character: string): string[] | null {
    this.#size += character.length;
    if (this.#size > ROW_MAX) throw this.#malformed(`more than ${ROW_MAX} characters`);
    if (this.#state === 'QUOTED') {
      if (character === '"') this.#state = 'CLOSED';
      else this.#field += character;
      return null;
    }
    const isAfterReturn = this.#wasReturn;
    this.#wasReturn = character === '\r';
    if (character === '\r') return null;
    if (character === '\n') return this.#endRecord();
    if (isAfterReturn) this.#field += '\r';
    if (character === ',') this.#endField();
    else if (character === '"' && this.#state === 'CLOSED') {
      this.#field += '"';
      this.#state = 'QUOTED';
    } else if (character === '"' && this.#field === '') this.#state = 'QUOTED';
    else if (this.#state === 'CLOSED') throw this.#malformed('text after a closing quote');
    else this.#field += character;
    return null;
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#state = 'PLAIN';
  }

  #endRecord(): string[] | null {
    const isEmpty = this.#fields.length === 0 && this.#field === '' && this.#state === 'PLAIN';
    this.#size = 0;
    if (isEmpty) return null;
    this.#endField();
    this.#count += 1;
    const record = this.#fields;
    this.#fields = [];
    return record;
  }

  #malformed(what: string): CommandError {
    return new CommandError(exitStatus.DATA, `Record ${this.#count + 1} of the CSV file has ${what}.`);
  }
}

/** Writes a record of CSV. A field is in quotes if it needs them. */
export function writeCsv(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;
}
