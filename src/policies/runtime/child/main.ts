/**
 * The process in which policy modules run. The gateway starts it with an empty environment and under Node's permission
 * model. It handles one request at a time from its parent, and ends with its parent.
 *
 * Its argument is the URL, with a slash at the end, of the folder that has each module in a folder named by its hash.
 */
import { configSchemaOf } from './config-schema.ts';
import { resolveOwnFile } from '../../resolve-own-file.ts';
import * as contract from '../../contract.ts';
import type { Facts } from '../../contract.ts';
import type { ConfigReply, LoadReply, ModuleReply, NumberedReply, NumberedRequest } from '../messages.ts';
import { evaluateFacts, readConfig } from './call-module.ts';
import { loadModule, type LoadedModule } from './load-module.ts';
import { makePure } from './make-pure.ts';
import { restrictImports } from './restrict-imports.ts';

// The parts of Node that are needed later are taken here, because they are removed below so that modules cannot reach them.
const { parse, stringify } = JSON;
const scheduleTurn = setImmediate;
const exit = process.exit.bind(process);
const send = process.send?.bind(process) ?? exit;
const modules = new URL(process.argv[2] ?? 'file:///');
const loaded = new Map<string, LoadedModule>();

// A signal to the process group, as by Ctrl-C in a terminal, is for the gateway, which still needs its modules while it drains.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => exit());
// Nothing waits for a promise that a module left behind, so that its rejection is ignored.
process.on('unhandledRejection', () => {});
process.on('message', (request: NumberedRequest) => void handleRequest(request));
// Local dates and times that a module formats are the same on every node.
process.env.TZ = 'UTC';

contract.z.config({ jitless: true });
configSchemaOf(contract.z.strictObject({ length: contract.duration().prefault('P1D') }));
const whileLoading = restrictImports(resolveOwnFile('../../contract.ts', import.meta.url));
makePure([...Object.values(contract), ...Object.values(contract.z), ...Object.values(contract.z.core)]);
reply({ id: 0, text: 'null' });

async function handleRequest(request: NumberedRequest): Promise<void> {
  const result = await replyTo(request);
  // Microtasks and immediates that a module left behind run before the reply, so that they cannot delay the next request.
  await waitTurns(2);
  reply({ id: request.id, text: stringify(result) });
}

async function replyTo(
  request: NumberedRequest,
): Promise<LoadReply | ConfigReply | readonly (readonly ModuleReply[])[]> {
  if (request.kind === 'LOAD') return load(request);
  if (request.kind === 'EVALUATE') return evaluateParts(request);
  const module = loaded.get(request.hash);
  if (module === undefined) return { fault: { kind: 'THROWS', message: 'It is not loaded.' } };
  return readConfig(module, request.config);
}

function evaluateParts({ texts, parts }: Extract<NumberedRequest, { kind: 'EVALUATE' }>) {
  // Parsed once, and frozen by the first part: several modules read the facts of a key.
  const lists = texts.map((text) => parse(text) as Facts[]);
  return parts.map((part) => {
    const module = loaded.get(part.hash);
    return module === undefined ? [] : evaluateFacts(module, part, lists[part.facts] ?? []);
  });
}

async function load({ hash, entry, scripts }: Extract<NumberedRequest, { kind: 'LOAD' }>): Promise<LoadReply> {
  const folder = new URL(`${hash}/`, modules);
  const result = await loadModule(whileLoading, { folder, entry: new URL(entry, folder), scripts });
  if ('problem' in result) return { fault: { kind: 'THROWS', message: result.problem } };
  loaded.set(hash, result.loaded);
  return result.reply;
}

async function waitTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => scheduleTurn(resolve));
}

function reply(numbered: NumberedReply): void {
  send(numbered);
}
