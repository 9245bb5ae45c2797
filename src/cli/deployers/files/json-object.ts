import { detectLineEnd } from './file-format.ts';

/** A member of an object in a JSON text, with the positions of its name and its value. */
export interface JsonMember {
  readonly name: string;
  readonly from: number;
  readonly nameTo: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

/** An object in a JSON text. */
export interface JsonObject {
  /** Position of its opening brace. */
  readonly from: number;
  /** Position of its closing brace. */
  readonly closeAt: number;
  readonly members: readonly JsonMember[];
}

/** Reads the object that begins at a position of a valid JSON text; null: another value is there. */
export function readJsonObject(text: string, at: number): JsonObject | null {
  const from = skipSpace(text, at);
  if (text[from] !== '{') return null;
  const members: JsonMember[] = [];
  let position = skipSpace(text, from + 1);
  while (text[position] === '"') {
    const nameTo = skipString(text, position);
    const valueFrom = skipSpace(text, skipSpace(text, nameTo) + 1);
    const valueTo = skipValue(text, valueFrom);
    members.push({
      name: JSON.parse(text.slice(position, nameTo)) as string,
      from: position,
      nameTo,
      valueFrom,
      valueTo,
    });
    position = skipSpace(text, valueTo);
    if (text[position] === ',') position = skipSpace(text, position + 1);
  }
  return { from, closeAt: position, members };
}

/** Replaces the value of a member. */
export function replaceJsonValue(text: string, { valueFrom, valueTo }: JsonMember, json: string): string {
  return text.slice(0, valueFrom) + json + text.slice(valueTo);
}

/** Adds a member behind the last one, formatted like the text. */
export function addJsonMember(
  text: string,
  { from, closeAt, members }: JsonObject,
  name: string,
  value: unknown,
): string {
  const lineFrom = text.lastIndexOf('\n', from) + 1;
  const indent = /[ \t]*/y.exec(text.slice(lineFrom))?.[0] ?? '';
  const unit = /^\{\s*\n([ \t]+)/.exec(text.trimStart())?.[1] ?? '';
  const last = members.at(-1);
  const end = detectLineEnd(text);
  const lineBreak = unit === '' ? '' : `${end}${indent}`;
  const json = JSON.stringify(value, null, unit).replaceAll('\n', `${lineBreak}${unit}`);
  if (last === undefined) {
    const member = `${JSON.stringify(name)}:${unit === '' ? '' : ' '}${json}`;
    return `${text.slice(0, from)}{${unit === '' ? '' : lineBreak + unit}${member}${lineBreak}${text.slice(closeAt)}`;
  }
  const previousEnd = members.at(-2)?.valueTo ?? from;
  const space = text.slice(previousEnd, last.from).replace(/^\s*[,{]/, '');
  const member = `${JSON.stringify(name)}${text.slice(last.nameTo, last.valueFrom)}${json}`;
  return `${text.slice(0, last.valueTo)},${space}${member}${text.slice(last.valueTo)}`;
}

/** Removes the members that `isRemoved` selects. At least one other member must be left. */
export function removeJsonMembers(
  text: string,
  object: JsonObject,
  isRemoved: (member: JsonMember) => boolean,
): string {
  const index = object.members.findIndex(isRemoved);
  const member = object.members[index];
  if (member === undefined) return text;
  const previous = object.members[index - 1];
  const next = object.members[index + 1];
  const rest =
    previous === undefined
      ? text.slice(0, member.from) + text.slice(next?.from ?? member.valueTo)
      : text.slice(0, previous.valueTo) + text.slice(member.valueTo);
  return removeJsonMembers(rest, readJsonObject(rest, object.from) ?? object, isRemoved);
}

function skipSpace(text: string, at: number): number {
  let position = at;
  while (/[ \t\r\n]/.test(text[position] ?? '')) position += 1;
  return position;
}

function skipString(text: string, at: number): number {
  let position = at + 1;
  while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
  return position + 1;
}

function skipValue(text: string, at: number): number {
  let depth = 0;
  let position = at;
  do {
    const character = text[position] ?? '';
    if (character === '"') {
      position = skipString(text, position);
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    position += 1;
  } while (position < text.length && (depth > 0 || isInside(text, at, position)));
  return position;
}

/** Whether a number or name that began at a position continues. */
function isInside(text: string, at: number, position: number): boolean {
  return /[^"{[]/.test(text[at] ?? '') && /[^\s,}\]]/.test(text[position] ?? '');
}
