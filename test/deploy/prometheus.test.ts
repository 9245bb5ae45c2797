import { execFile } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { outcomes } from '../../src/domain/verification.ts';
import { attemptOutcomes } from '../../src/webhooks/delivery/attempt-delivery.ts';
import { findDebianProgram } from '../support/debian-programs.ts';
import { openGateway } from '../support/gateway.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { deployFolder, readDeployFile, readYaml } from './deploy-files.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const rules: readonly Rule[] = readYaml('prometheus/alerts.yaml')[0].groups.flatMap((group: any) => group.rules);
const dashboard = JSON.parse(readDeployFile('grafana/keytide.json'));
const panels = dashboard.panels.filter(({ type }: any) => type !== 'row');

/** The expressions of the dashboard, as Grafana sends them. */
const queries: readonly string[] = panels.flatMap(({ targets }: any) =>
  targets.map(({ expr }: any) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$node', '.*')),
);

/** Runs promtool with files in a folder of its own, which also has the alerts. */
async function promtool(words: readonly string[], files: Readonly<Record<string, object>> = {}) {
  const folder = scratchFolder();
  cpSync(join(deployFolder, 'prometheus'), folder, { recursive: true });
  // Every JSON text is YAML.
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  return promisify(execFile)(await findDebianProgram('promtool'), words, { cwd: folder }).then(
    ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ status: code as number, output: String(stdout) + String(stderr) }),
  );
}

/** Adds the labels that every series of a node has. */
const series = (name: string, labels: string, values: string) => {
  const own = labels === '' ? '' : `, ${labels}`;
  return { series: `${name}{job="keytide", instance="one"${own}}`, values };
};

const bucket = (le: string, values: string) =>
  series('keytide_http_request_duration_seconds_bucket', `route="/verify", status="200", le="${le}"`, values);
const refused = (values: string) => series('keytide_verifications_total', 'outcome="KEY_EXPIRED"', values);
const failed = (values: string) =>
  series('keytide_http_request_duration_seconds_count', 'route="/graphql", status="503"', values);

/** A node that works, for 3 hours at a sample a minute: a quiet series for each alert. */
const quiet = [
  series('up', '', '1x180'),
  series('keytide_log_lag_seconds', '', '0.2x180'),
  series('keytide_http_request_duration_seconds_count', 'route="/verify", status="200"', '0+6000x180'),
  series('keytide_http_request_duration_seconds_count', 'route="/readyz", status="503"', '0+600x180'),
  failed('0+6x180'),
  series('keytide_http_requests_shed_total', '', '0x180'),
  bucket('0.25', '0+6000x180'),
  bucket('1', '0+6000x180'),
  bucket('+Inf', '0+6000x180'),
  series('keytide_revocation_journal_failing', '', '0x180'),
  series('keytide_bindings_broken', '', '0x180'),
  series('keytide_brakes_engaged', '', '0x180'),
  series('keytide_stops_moved_out_total', '', '0x180'),
  series('keytide_mails_total', 'outcome="POSTPONED"', '0x180'),
  series('keytide_webhook_lag_seconds', '', '2x180'),
  series('keytide_verifications_total', 'outcome="VALID"', '0+6000x180'),
  refused('0+60x180'),
  series('keytide_secrets_reused_by_strangers_total', '', '0x180'),
  series('keytide_leak_reports_total', 'source="github", outcome="REFUSED"', '0x180'),
];

const until = 'x79';
/** What replaces the quiet series of each alert: 80 minutes of quiet, then the trouble. */
const troubles: Readonly<Record<string, readonly ReturnType<typeof series>[]>> = {
  KeytideNodeDown: [{ ...series('up', '', `1${until} 0x100`), series: 'up{job="keytide", instance="two"}' }],
  KeytideDown: [series('up', '', `1${until} 0x100`)],
  KeytideLogLag: [series('keytide_log_lag_seconds', '', `0.2${until} 30x100`)],
  KeytideServerErrors: [failed(`0+6${until} 480+600x100`)],
  KeytideRequestsShed: [series('keytide_http_requests_shed_total', '', `0${until} 5+5x100`)],
  KeytideSlowVerification: [bucket('0.25', `0+6000${until} 480000+3000x100`)],
  KeytideRevocationJournalFailing: [series('keytide_revocation_journal_failing', '', `0${until} 1x100`)],
  KeytideBindingBroken: [series('keytide_bindings_broken', '', `0${until} 2x100`)],
  KeytideBrakeEngaged: [series('keytide_brakes_engaged', '', `0${until} 1x100`)],
  KeytideStopsPostponed: [series('keytide_stops_moved_out_total', '', `0${until} 1+1x100`)],
  KeytideMailFailing: [series('keytide_mails_total', 'outcome="POSTPONED"', `0${until} 1+1x100`)],
  KeytideWebhookLag: [series('keytide_webhook_lag_seconds', '', `2${until} 7200x100`)],
  KeytideStoppedKeysUsed: [refused(`0+60${until} 4800+600x100`)],
  KeytideSecretReused: [series('keytide_secrets_reused_by_strangers_total', '', `0${until} 1+1x100`)],
  KeytideLeakReportsRefused: [
    series('keytide_leak_reports_total', 'source="github", outcome="REFUSED"', `0${until} 1+1x100`),
  ],
};

test('Prometheus: each alert fires in the trouble that it is for, and none on a node that works', async () => {
  expect(Object.keys(troubles)).toEqual(rules.map(({ alert }) => alert));
  const cases: typeof troubles = { none: [], ...troubles };
  const tests = Object.entries(cases).map(([alert, changed]) => {
    const replaced = new Set(changed.map((one) => one.series));
    // A node that is down takes no node that works with it: then all would be.
    const alerts = alert === 'none' ? [] : alert === 'KeytideDown' ? ['KeytideDown', 'KeytideNodeDown'] : [alert];
    return {
      name: alert,
      interval: '1m',
      input_series: [...quiet.filter((one) => !replaced.has(one.series)), ...changed],
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: '3h',
          exp_samples: alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
        },
      ],
    };
  });
  const file = { rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests };
  expect(await promtool(['test', 'rules', 'tests.yaml'], { 'tests.yaml': file })).toEqual({
    status: 0,
    output: expect.stringContaining('SUCCESS'),
  });
});

test('Prometheus: promtool accepts the configuration, the alerts and every query of the dashboard', async () => {
  const given = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
  const checked = await promtool(['check', 'config', '--lint=all', '--lint-fatal', 'prometheus.yaml']);
  expect(checked).toEqual({ status: 0, output: expect.stringContaining(`${rules.length} rules found`) });
  const groups = { groups: [{ name: 'dashboard', rules: given }] };
  expect(await promtool(['check', 'rules', 'queries.yaml'], { 'queries.yaml': groups })).toMatchObject({ status: 0 });
});

test('Prometheus and Grafana: every metric that they read is one of the gateway, with its labels', async () => {
  const gateway = await openGateway();
  await fetch(`${gateway.url}/livez`);
  const page = await (await fetch(`${gateway.url}/metrics`)).text();
  const metrics = new Set(['up']);
  for (const [, name = '', type] of page.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) metrics.add(name + suffix);
  }
  const texts = [...rules.map(({ expr }) => expr), ...queries];
  const named = texts.flatMap((text) => text.match(/\b(?:keytide|process|nodejs)_\w+|\bup\b/g) ?? []);
  expect(named.filter((name) => !metrics.has(name))).toEqual([]);
  expect(new Set(named).size).toBeGreaterThan(20);
  // Metrics of the gateway that nobody sees would be of no use.
  const seen = (name: string) => named.includes(name) || named.includes(`${name}_count`);
  const own = [...page.matchAll(/^# TYPE (keytide_\w+) /gm)].map(([, name = '']) => name);
  expect(own.filter((name) => !seen(name))).toEqual([]);

  const values = texts.flatMap((text) =>
    [...text.matchAll(/outcome[!=]~?"([^"]+)"/g)].flatMap(([, list = '']) => list.split('|')),
  );
  const known = new Set<string>([...outcomes, ...attemptOutcomes, 'TAKEN', 'POSTPONED', 'FAILED', 'REFUSED']);
  expect(values.filter((value) => !known.has(value))).toEqual([]);
});

test('Grafana: each panel has its own id and place, and a query', () => {
  const ids = dashboard.panels.map(({ id }: any) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const places = new Set<string>();
  for (const { title, gridPos, targets, fieldConfig, type } of dashboard.panels) {
    expect(title).toMatch(/\w/);
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect([title, places.has(`${x} ${y}`)]).toEqual([title, false]);
        places.add(`${x} ${y}`);
      }
    }
    if (type === 'row') continue;
    expect(fieldConfig.defaults.unit).toMatch(/^(none|reqps|s|bytes)$/);
    expect(targets.length).toBeGreaterThan(0);
  }
  const variables = dashboard.templating.list.map(({ name }: any) => name);
  const used = new Set(
    JSON.stringify(panels)
      .match(/\$\{?(?!__)\w+/g)!
      .map((name) => name.replace(/^\$\{?/, '')),
  );
  expect([...used].sort()).toEqual(variables.toSorted());
});
