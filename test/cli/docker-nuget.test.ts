import { array, assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { dockerConfigFormat } from '../../src/cli/deployers/files/docker-config.ts';
import { nugetConfigFormat } from '../../src/cli/deployers/files/nuget-config.ts';
import { decodeXmlName, encodeXmlName } from '../../src/cli/deployers/files/xml-name.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';

const secret = newSecret(systemRandom).reveal();
const place = { registry: 'registry.example', username: 'ci' };
const auth = Buffer.from(`ci:${secret}`).toString('base64');
const write = (text: string | null) => dockerConfigFormat.write(text, secret, place);

test('docker: an empty file and empty or missing helpers are none, as in Docker', () => {
  for (const text of ['', '\n', ' \n\t', '{}', '{"credsStore": ""}', '{"credsStore": null, "auths": null}']) {
    expect(JSON.parse(write(text)).auths, text).toEqual({ 'registry.example': { auth } });
    expect(dockerConfigFormat.read(write(text), place)).toBe(secret);
    expect(dockerConfigFormat.read(text, place)).toBeNull();
  }
  // A helper of the registry comes first, also an empty one.
  for (const helpers of ['{"registry.example": ""}', '{"other.example": "pass"}', '{}', 'null']) {
    const stores = helpers.includes('"registry') ? '"credsStore": "desktop", ' : '';
    expect(JSON.parse(write(`{${stores}"credHelpers": ${helpers}}`)).auths, helpers).toEqual({
      'registry.example': { auth },
    });
  }
  for (const text of [
    '{"credsStore": "pass"}',
    '{"CREDSSTORE": "pass"}',
    '{"credsStore": "", "credHelpers": {"registry.example": "pass"}}',
    '{"credsStore": "pass", "credHelpers": {"other.example": ""}}',
  ]) {
    expect(() => write(text), text).toThrow(expect.objectContaining({ status: 78 }));
  }
});

test('docker: everything but the entry stays byte for byte', () => {
  const text =
    '{ "n": 1.0, "big": 12345678901234567890,\r\n  "auths": { "a\\u002eb" : {"auth":"YQ=="},\r\n "registry.example":{ "identitytoken": "x", "auth" : "old", "Registrytoken":"y" } },\r\n "list": [1,2 ,3]}\r\n';
  const written = text
    .replace('"identitytoken": "x", ', '')
    .replace('"old", "Registrytoken":"y"', `${JSON.stringify(auth)}`);
  expect(write(text)).toBe(written);
  expect(write('{"auths":{}}')).toBe(`{"auths":{"registry.example":{"auth":"${auth}"}}}`);
  const pretty = '{\n  "auths": {\n    "a": {}\n  }\n}\n';
  expect(write(pretty)).toBe(
    `{\n  "auths": {\n    "a": {},\n    "registry.example": {\n      "auth": "${auth}"\n    }\n  }\n}\n`,
  );
  expect(write('{\n\t"psFormat": "x"\n}')).toBe(
    `{\n\t"psFormat": "x",\n\t"auths": {\n\t\t"registry.example": {\n\t\t\t"auth": "${auth}"\n\t\t}\n\t}\n}`,
  );
});

test('docker: an entry named after the host comes before one with a URL, as in Docker', () => {
  const registry = { registry: 'https://registry.example/v2/', username: 'ci' };
  const text = '{"auths":{"https://registry.example/v2/":{"auth":"YTpi"},"registry.example":{"auth":"YTpj"}}}';
  expect(dockerConfigFormat.write(text, secret, registry)).toBe(text.replace('YTpj', auth));
});

test('docker: in random configurations the other members stay, and the written text is stable', () => {
  assert(
    property(
      dictionary(string(), jsonValue(), { maxKeys: 4 }),
      dictionary(string(), dictionary(string(), jsonValue(), { maxKeys: 2 }), { maxKeys: 3 }),
      constantFrom(undefined, '\t', '  '),
      (members, auths, indent) => {
        const ours = /^(?:auths|credsstore|credhelpers)$/i;
        const others = Object.fromEntries(Object.entries(members).filter(([name]) => !ours.test(name)));
        const config = { ...others, auths: { ...auths, 'registry.example': { email: 'a@b' } }, last: ['}', '"'] };
        const text = JSON.stringify(config, null, indent);
        const written = write(text);
        const expected = { ...config, auths: { ...config.auths, 'registry.example': { email: 'a@b', auth } } };
        expect(written).toBe(JSON.stringify(expected, null, indent));
        expect(write(written)).toBe(written);
      },
    ),
  );
});

const source = (name: string) => ({ source: name, username: 'ci' });

/** The names of the elements of a document, by a parser that knows namespaces, decoded as .NET does. */
function elementsOf(text: string): string[] {
  const names: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ local }) => names.push(decodeXmlName(local)));
  parser.write(text).close();
  return names;
}

test.each([
  ['µServices', '_x00B5_Services'],
  ['Feed nº 2', 'Feed_x0020_n_x00BA__x0020_2'],
  ['Größe', 'Größe'],
  ['2nd', '_x0032_nd'],
  ['-a.b-c_d', '_x002D_a.b-c_d'],
  ['a:b', 'a_x003A_b'],
  ['a_x0020_b', 'a_x005F_x0020_b'],
  ['_xyz', '_xyz'],
  ['📦 feed', '_x0001F4E6__x0020_feed'],
  ['日本', '日本'],
  ['a²', 'a_x00B2_'],
  ['<&>"', '_x003C__x0026__x003E__x0022_'],
])('nuget: the source %j becomes the element %j, as by XmlConvert.EncodeLocalName', (name, element) => {
  expect(encodeXmlName(name)).toBe(element);
  expect(decodeXmlName(element)).toBe(name);
  const written = nugetConfigFormat.write(null, secret, source(name));
  expect(written).toContain(`<${element}>`);
  expect(elementsOf(written)).toContain(name);
  expect(nugetConfigFormat.read(written, source(name))).toBe(secret);
  expect(nugetConfigFormat.write(written, secret, source(name))).toBe(written);
});

test('nuget: a source with another encoding of its name is found', () => {
  const text =
    '<configuration><packageSourceCredentials><Acme_x002E_F_x00e9_ed><add key="ClearTextPassword" value="old" /></Acme_x002E_F_x00e9_ed></packageSourceCredentials></configuration>';
  expect(nugetConfigFormat.write(text, secret, source('Acme.Féed'))).toBe(text.replace('old', secret));
  const tag = '<add note=" value=\'x\'" key="ClearTextPassword" value="old" />';
  const noted = text.replace(/<add.*?\/>/, tag);
  expect(nugetConfigFormat.write(noted, secret, source('Acme.Féed'))).toBe(noted.replace('old', secret));
});

test('nuget: for random sources the file stays XML, is stable, and other sources keep their passwords', () => {
  const name = string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
  assert(
    property(array(name, { minLength: 1, maxLength: 4 }), constantFrom('\n', '\r\n'), (names, end) => {
      let text: string | null = `<configuration>${end}</configuration>${end}`;
      const passwords = new Map<string, string>();
      for (const [index, given] of names.entries()) {
        passwords.set(given, `${secret}${index}`);
        text = nugetConfigFormat.write(text, `${secret}${index}`, source(given));
      }
      const written = text;
      for (const [given, password] of passwords) expect(nugetConfigFormat.read(written, source(given))).toBe(password);
      expect(elementsOf(written)).toEqual(expect.arrayContaining(names));
    }),
  );
});
