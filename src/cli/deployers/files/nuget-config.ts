import { SaxesParser } from 'saxes';
import { z } from 'zod';
import { CommandError, exitStatus } from '../../exit-status.ts';
import { createFileDeployer, fileSetting, wordSetting } from './deploy-to-file.ts';
import { detectLineEnd, applySplices, type FileFormat } from './file-format.ts';
import { decodeXmlName, encodeXmlName } from './xml-name.ts';

/** The package source of a credential, and the user name to write if it has none yet. */
interface PackageSource {
  readonly source: string;
  readonly username: string;
}

/** An element and the positions of its tags in the text. */
interface Element {
  /** The decoded names of its ancestors and itself, such as `configuration`, `packageSourceCredentials`. */
  readonly path: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly openFrom: number;
  readonly openTo: number;
  readonly isSelfClosing: boolean;
  /** Position of its closing tag. */
  closeFrom: number;
}

const CREDENTIALS = ['configuration', 'packageSourceCredentials'];

const EMPTY = '<?xml version="1.0" encoding="utf-8"?>\n<configuration>\n</configuration>\n';

/**
 * `NuGet.Config`: ClearTextPassword of a source's credentials (learn.microsoft.com, nuget.config reference,
 * "packageSourceCredentials"). The name of a source is encoded as an element's name, and compared decoded.
 */
export const nugetConfigFormat: FileFormat<PackageSource> = {
  write(currentText, secret, { source, username }) {
    const text = currentText ?? EMPTY;
    const elements = readElements(text);
    const place = [...CREDENTIALS, source];
    const password = findPassword(elements, place, 'cleartextpassword');
    if (password !== undefined) return applySplices(text, [{ ...findValueSpan(text, password), text: secret }]);
    const end = detectLineEnd(text);
    const element = `<add key="ClearTextPassword" value="${secret}"`;
    // Replace an encrypted password, as on Windows: NuGet rejects the whole file if a source has two passwords.
    const encrypted = findPassword(elements, place, 'password');
    if (encrypted !== undefined) {
      const { openFrom: from, openTo: to, isSelfClosing } = encrypted;
      return applySplices(text, [{ from, to, text: `${element}${isSelfClosing ? ' />' : '>'}` }]);
    }
    const lines = [`${element} />`];
    if (elements.some(({ path }) => isSamePath(path, place))) return insertLines(text, elements, place, lines, end);
    const name = encodeXmlName(source);
    const elementLines = [
      `<${name}>`,
      `  <add key="Username" value="${escapeAttribute(username)}" />`,
      `  ${lines[0]}`,
      `</${name}>`,
    ];
    if (elements.some(({ path }) => isSamePath(path, CREDENTIALS)))
      return insertLines(text, elements, CREDENTIALS, elementLines, end);
    const indented = elementLines.map((line) => `  ${line}`);
    const sectionLines = ['<packageSourceCredentials>', ...indented, '</packageSourceCredentials>'];
    return insertLines(text, elements, ['configuration'], sectionLines, end);
  },
  read(text, { source }) {
    const password = findPassword(readElements(text), [...CREDENTIALS, source], 'cleartextpassword');
    return password?.attributes['value'] ?? null;
  },
};

const settings = z.strictObject({
  to: z.literal('nuget'),
  file: fileSetting,
  source: z.string().min(1),
  username: wordSetting.default('keytide'),
});

export const nugetDeployer = createFileDeployer(settings, nugetConfigFormat, ({ source }) => ` ${source}`);

function isSamePath(path: readonly string[], other: readonly string[]): boolean {
  return path.length === other.length && path.every((name, index) => name === other[index]);
}

function findPassword(elements: readonly Element[], place: readonly string[], key: string): Element | undefined {
  return elements.find(
    ({ path, attributes }) => isSamePath(path, [...place, 'add']) && attributes['key']?.toLowerCase() === key,
  );
}

/** Finds the value of the attribute `value`, between its quotes. */
function findValueSpan(text: string, { openFrom, openTo }: Element): { from: number; to: number } {
  const tag = text.slice(openFrom, openTo);
  const [value] = [...tag.matchAll(/\s([^\s=]+)\s*=\s*(["'])(.*?)\2/dgs)].filter(([, name]) => name === 'value');
  const span = value?.indices?.[3];
  if (span === undefined) throw malformedError();
  return { from: openFrom + span[0], to: openFrom + span[1] };
}

/** Inserts lines at the end of an element, indented by two more spaces. */
function insertLines(
  text: string,
  elements: readonly Element[],
  path: readonly string[],
  lines: readonly string[],
  end: string,
): string {
  const element = elements.find((element) => isSamePath(element.path, path));
  if (element === undefined) throw malformedError();
  const indent = /[^\S\n]*$/.exec(text.slice(0, element.openFrom))?.[0] ?? '';
  const block = lines.map((line) => `${indent}  ${line}${end}`).join('');
  if (element.isSelfClosing) {
    const open = text.slice(element.openFrom, element.openTo).replace(/\s*\/>$/, '>');
    const [name = ''] = /[^<\s/>]+/.exec(open) ?? [];
    const elementLines = `${open}${end}${block}${indent}</${name}>`;
    return applySplices(text, [{ from: element.openFrom, to: element.openTo, text: elementLines }]);
  }
  const lineFrom = text.lastIndexOf('\n', element.closeFrom) + 1;
  const isAlone = text.slice(lineFrom, element.closeFrom).trim() === '';
  const at = isAlone ? lineFrom : element.closeFrom;
  return applySplices(text, [{ from: at, to: at, text: isAlone ? block : `${end}${block}${indent}` }]);
}

function readElements(text: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', () => {
    throw malformedError();
  });
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    const openTo = parser.position;
    const path = [...(open.at(-1)?.path ?? []), decodeXmlName(name)];
    // A tag contains no other < (XML 1.0, section 3.1).
    const openFrom = text.lastIndexOf('<', openTo - 1);
    const element = { path, attributes, openFrom, openTo, isSelfClosing, closeFrom: openTo };
    elements.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (element !== undefined) element.closeFrom = text.lastIndexOf('<', parser.position - 1);
  });
  parser.write(text).close();
  return elements;
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** Returns an error without the parser's message, which contains parts of the file. */
function malformedError(): CommandError {
  return new CommandError(
    exitStatus.DATA,
    'NuGet’s configuration is not well-formed XML of the expected structure. The file was not changed.',
  );
}
