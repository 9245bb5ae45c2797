import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { describeDuration, formatDuration } from '../../domain/duration.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { adapters, type AdapterName } from '../import/adapters.ts';
import { StopCounts } from '../import/count-stops.ts';
import {
  checkSameOptions,
  deleteProgress,
  readProgress,
  startProgress,
  writeProgress,
  GATEWAY,
  type ImportProgress,
} from '../import/import-journal.ts';
import { readColumns, type RowMapping } from '../import/map-row.ts';
import { openSource, type SourceFile } from '../import/read-rows.ts';
import { RefusalReport } from '../import/refusal-report.ts';
import { importRows, type ImportRequest } from '../import/run-import.ts';
import type { SourceRow } from '../import/source-row.ts';
import { readScopes } from '../key-list/read-pairs.ts';
import { openLogin } from '../login/open-login.ts';
import { readDuration } from '../read-duration.ts';
import { readInstant } from '../read-instant.ts';

/** The parsed options. */
interface Options {
  readonly realm: string;
  readonly from?: string;
  readonly map?: readonly string[];
  readonly owner?: string;
  readonly subjects?: boolean;
  readonly scope?: readonly string[];
  readonly source?: string;
  readonly bindFrom?: string;
  readonly spreadOver?: string;
  readonly dryRun?: boolean;
  readonly journal?: string;
  readonly refused?: string;
}

/**
 * Imports the keys of an export by the digests of their secrets. An import that was interrupted goes on where it was; no
 * key is imported twice. Refused rows are written to a file, to be mended and imported.
 *
 * With `--json`: `{ dryRun, rows, imported, unchanged, refused, refusedFile, stops }`, where `stops` has the days on which
 * keys stop by themselves, as `{ day, count }`.
 */
export const importCommand: Command = {
  declare(parser) {
    parser
      .argument('<file>', 'the export: CSV with a header, or a JSON object a line (NDJSON)')
      .option('--realm <slug>', 'realm that the keys will belong to', 'default')
      .option('--from <system>', `what made the export: ${Object.keys(adapters).join(', ')}`)
      .option('--map <columns...>', 'columns that give a field, as column=field')
      .option('--owner <id>', 'owner of the keys whose rows name none')
      .option('--subjects', 'take the owner of each row as the external id of a subject of the realm')
      .option('--scope <scopes...>', 'scopes of the keys whose rows name none, such as package:push=Acme.*')
      .option('--source <name>', 'the system that the keys come from, for rows that name none')
      .option('--bind-from <instant>', 'until then no policy stops an imported key; default: now')
      .option('--spread-over <duration>', 'time from then on over which their first stops are spread, such as 90d')
      .option('--dry-run', 'show what would become of the rows, and import nothing')
      .option('--journal <file>', 'where the import notes how far it has come; default: beside the file')
      .option('--refused <file>', 'the new file for refused rows; default: beside the file')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [path], options }) {
    const flags = options as unknown as Options;
    const file = resolve(path as string);
    const mapping = readMapping(flags);
    const asked = readRequest(flags, context.now());
    const { client, login } = await openLogin(context);
    const source = await openSource(file);
    const journal = resolve(flags.journal ?? `${file}.import`);
    const subject = hash('sha256', JSON.stringify([file, source.size, source.changedAtMs]), 'hex');
    const chosen = listOptions(flags, login.url);
    const done = asked.dryRun ? null : await readProgress(journal, subject);
    if (done !== null) checkSameOptions(done, chosen, journal);
    let progress = done ?? startProgress(subject, chosen, asked.ramp);
    const request = { ...asked, ramp: progress.ramp };
    // A dry run leaves the report of an import that was interrupted.
    const reportPath = resolve(flags.refused ?? (request.dryRun ? `${file}.dry-run.refused` : `${file}.refused`));
    const report = new RefusalReport(reportPath, source, done?.reportSize ?? 0);
    const stops = new StopCounts(progress.stops);
    if (done !== null) context.output.note(`Goes on after row ${done.rowCount}, where it was interrupted.`);
    const show = trackRows(context, source, progress.rowCount);
    try {
      const rows = skipRows(source.rows(), progress.rowCount);
      for await (const batch of importRows(client, rows, mapping, request)) {
        await report.add(batch.refused);
        for (const { stopsAt } of batch.rows) stops.add(stopsAt);
        const unchanged = batch.rows.filter((row) => row.unchanged).length;
        progress = {
          ...progress,
          stops: stops.counted(),
          rowCount: batch.rowCount,
          imported: progress.imported + batch.rows.length - unchanged,
          unchanged: progress.unchanged + unchanged,
          refused: progress.refused + batch.refused.length,
          reportSize: report.size,
        };
        if (!request.dryRun) await writeProgress(journal, progress);
        show(batch.rowCount, batch.bytesRead);
      }
    } finally {
      context.output.progress(null);
      await report.close();
    }
    if (!request.dryRun) await deleteProgress(journal);
    writeResult(context, request, progress, stops, progress.refused === 0 ? null : reportPath);
    return progress.refused === 0 ? exitStatus.OK : exitStatus.DATA;
  },
};

function readMapping({ from, map = [], owner, subjects = false, scope = [], source }: Options): RowMapping {
  if (from !== undefined && !Object.hasOwn(adapters, from)) {
    const known = Object.keys(adapters).join(', ');
    throw new CommandError(exitStatus.USAGE, `--from: found ${JSON.stringify(from)}; expected one of: ${known}.`);
  }
  return {
    from: (from as AdapterName | undefined) ?? null,
    columns: readColumns(map),
    defaults: { owner: owner ?? null, hasSubjects: subjects, source: source ?? null, scopes: readScopes(scope) },
  };
}

function readRequest({ realm, bindFrom, spreadOver, dryRun = false }: Options, now: Date): ImportRequest {
  const hasRamp = bindFrom !== undefined || spreadOver !== undefined;
  const ramp = {
    bindFrom: bindFrom === undefined ? now.toISOString() : readInstant('--bind-from', bindFrom),
    spreadOver: formatDuration(spreadOver === undefined ? 0 : readDuration('--spread-over', spreadOver)),
  };
  return { realm, ramp: hasRamp ? ramp : null, dryRun };
}

/** Returns the options that decide what becomes of the rows, by the names of their flags. */
function listOptions(flags: Options, gateway: string) {
  const { realm, from, map, owner, subjects, scope, source } = flags;
  const ramp = { 'bind-from': flags.bindFrom, 'spread-over': flags.spreadOver };
  const places = { refused: flags.refused === undefined ? undefined : resolve(flags.refused) };
  return { [GATEWAY]: gateway, realm, from, map, owner, subjects, scope, source, ...ramp, ...places };
}

async function* skipRows(rows: AsyncIterable<SourceRow>, count: number): AsyncGenerator<SourceRow> {
  for await (const row of rows) if (row.number > count) yield row;
}

/** Returns a function that shows how far the import is: rows, the rate, and the time left, which follows from the bytes. */
function trackRows({ output, now }: CommandContext, { size }: SourceFile, doneCount: number) {
  const startedMs = now().getTime();
  return (rowCount: number, bytesRead: number): void => {
    const seconds = Math.max(0.001, (now().getTime() - startedMs) / 1000);
    const rate = (rowCount - doneCount) / seconds;
    const rowsLeft = bytesRead === 0 ? 0 : (rowCount / bytesRead) * Math.max(0, size - bytesRead);
    const left = describeDuration(Math.ceil(rowsLeft / Math.max(rate, 0.1)) * 1000);
    output.progress(`${rowCount} rows, ${Math.round(rate)} a second, ${left} left`);
  };
}

function writeResult(
  { output, now }: CommandContext,
  { dryRun }: ImportRequest,
  { rowCount, imported, unchanged, refused }: ImportProgress,
  stops: StopCounts,
  refusedFile: string | null,
): void {
  output.json({ dryRun, rows: rowCount, imported, unchanged, refused, refusedFile, stops: stops.days() });
  const [done, nothing] = dryRun ? ['Would import', 'Would leave'] : ['Imported', 'Left'];
  output.line(
    `${done} ${imported} of ${rowCount} keys. ${nothing} ${unchanged} unchanged, which were imported before.`,
  );
  if (refusedFile !== null) output.line(`Refused ${refused}: mend the rows in ${refusedFile} and import that file.`);
  if (imported + unchanged > 0) output.table(['they stop', 'keys'], stops.summarize(now()), '');
}
