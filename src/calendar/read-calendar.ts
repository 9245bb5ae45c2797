import { quote } from '../domain/quote.ts';

/** A property of an iCalendar object (RFC 5545, section 3.1), with the number of its line from 1. */
export interface CalendarProperty {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
  readonly line: number;
}

/** An event of a calendar: its properties, by name. */
export interface CalendarEvent {
  readonly line: number;
  readonly properties: ReadonlyMap<string, readonly CalendarProperty[]>;
}

/** What is wrong with a calendar, and what to do. */
export class CalendarProblem extends Error {}

/**
 * Reads the events (VEVENT) of an iCalendar file (RFC 5545). Other components, such as VTIMEZONE, are skipped, and so are those within
 * events.
 *
 * @throws CalendarProblem if the text is not a whole calendar.
 */
export function readCalendar(text: string): readonly CalendarEvent[] {
  const events: CalendarEvent[] = [];
  const open: string[] = [];
  let event: { line: number; properties: Map<string, CalendarProperty[]> } | null = null;
  let hasCalendar = false;
  for (const { text: lineText, line } of unfold(text)) {
    const property = readProperty(lineText, line);
    const { name, value } = property;
    const component = value.toUpperCase();
    if (name === 'BEGIN') {
      if (open.length === 0 && component !== 'VCALENDAR')
        throw problemAt(line, `found BEGIN:${quote(value)}`, 'BEGIN:VCALENDAR');
      open.push(component);
      hasCalendar = true;
      if (open.length === 2 && component === 'VEVENT') event = { line, properties: new Map() };
    } else if (name === 'END') {
      if (open.pop() !== component) throw problemAt(line, `found END:${quote(value)}`, 'the end of what began last');
      if (open.length === 1 && event !== null) {
        events.push(event);
        event = null;
      }
    } else if (open.length === 0) {
      throw problemAt(line, `found ${quote(lineText)}`, 'BEGIN:VCALENDAR; is it an iCalendar file (.ics)?');
    } else if (event !== null && open.length === 2) {
      const known = event.properties.get(name);
      if (known === undefined) event.properties.set(name, [property]);
      else known.push(property);
    }
  }
  if (!hasCalendar) throw new CalendarProblem('Found an empty file; expected BEGIN:VCALENDAR.');
  const last = open.at(-1);
  if (last !== undefined)
    throw new CalendarProblem(`Found no END:${quote(last)}; the file is not complete. Export it again.`);
  return events;
}

/** Returns a problem with a line. */
export function problemAt(line: number, found: string, expected: string): CalendarProblem {
  return new CalendarProblem(`Line ${String(line)}: ${found}; expected ${expected}.`);
}

/** Returns a text value without its escapes (RFC 5545, section 3.3.11). */
export function unescapeText(value: string): string {
  return value.replace(/\\([\\;,nN])/g, (_all, letter: string) => (/n/i.test(letter) ? ' ' : letter));
}

/** Joins the lines that were folded: those that begin with a space or a tab go on the line before. */
function unfold(text: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) last.text += line.slice(1);
    else if (line !== '') lines.push({ text: line, line: index + 1 });
  }
  return lines;
}

const propertyShape = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s;
const parameterShape = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)/g;

function readProperty(text: string, line: number): CalendarProperty {
  const [, name, parameters, value] = propertyShape.exec(text) ?? [];
  if (name === undefined || value === undefined) throw problemAt(line, `found ${quote(text)}`, 'NAME:VALUE');
  const pairs = [...(parameters ?? '').matchAll(parameterShape)].map(
    ([, key = '', of = '']) => [key.toUpperCase(), of.replaceAll('"', '')] as const,
  );
  return { name: name.toUpperCase(), parameters: new Map(pairs), value, line };
}
