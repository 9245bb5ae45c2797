/** The jobs of 30 days. */
export interface Month {
  readonly jobCount: number;
  readonly brokenCount: number;
}

const WIDTH = 760;
const LEFT = 20;
/** Width of a bar and its gap. */
const PITCH = (WIDTH - 2 * LEFT) / 37;
const BARS = 90;
const PANEL = 160;

/**
 * Draws both simulations, one under the other: a bar for each 30 days, as high as the number of jobs, with the failed
 * ones in red.
 */
export function drawMonths(kept: readonly Month[], alone: readonly Month[]): string {
  const most = Math.max(...kept.map(({ jobCount }) => jobCount));
  const [keptCount, aloneCount] = [kept, alone].map((months) =>
    months.reduce((sum, { brokenCount }) => sum + brokenCount, 0),
  );
  const jobCount = formatCount(kept.reduce((sum, month) => sum + month.jobCount, 0));
  const panels = [
    ...drawPanel(0, `With keytide renew: of ${jobCount} jobs ${formatCount(keptCount)} met a dead key`, kept, most),
    ...drawPanel(PANEL, `Nobody renews: of ${jobCount} jobs ${formatCount(aloneCount)} met a dead key`, alone, most),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(2 * PANEL)}" role="img" aria-labelledby="title">
<title id="title">Jobs of 60 repositories over three years with 90-day keys: with keytide renew ${formatCount(keptCount)} of ${jobCount} met a dead key, without ${formatCount(aloneCount)}.</title>
<style>
  text { font: 14px system-ui, sans-serif; fill: #24292f }
  .small { font-size: 12px }
  .good { fill: #2c7a4b }
  .broken { fill: #c4373a }
  line { stroke: #24292f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .good { fill: #4cb782 }
    .broken { fill: #f0686b }
    line { stroke: #e6edf3 }
  }
</style>
${panels.join('\n')}
</svg>
`;
}

function drawPanel(top: number, title: string, months: readonly Month[], most: number): string[] {
  const floor = top + 34 + BARS;
  const bar = (kind: string, month: number, from: number, count: number) => {
    const [height, below] = [(count / most) * BARS, (from / most) * BARS];
    const place = `x="${formatLength(LEFT + month * PITCH)}" y="${formatLength(floor - below - height)}"`;
    return count === 0
      ? []
      : [`<rect class="${kind}" ${place} width="${formatLength(PITCH - 3)}" height="${formatLength(height)}"/>`];
  };
  const years = [1, 2, 3].map((year) => {
    const x = LEFT + ((year - 1) * 365 * PITCH) / 30;
    return `<text class="small" x="${formatLength(x)}" y="${formatLength(floor + 16)}">year ${String(year)}</text>`;
  });
  return [
    `<text x="${formatLength(LEFT)}" y="${formatLength(top + 22)}">${title}</text>`,
    ...months.flatMap(({ jobCount, brokenCount }, month) => [
      ...bar('broken', month, 0, brokenCount),
      ...bar('good', month, brokenCount, jobCount - brokenCount),
    ]),
    `<line x1="${formatLength(LEFT)}" y1="${formatLength(floor)}" x2="${formatLength(WIDTH - LEFT)}" y2="${formatLength(floor)}"/>`,
    ...years,
  ];
}

function formatLength(length: number): string {
  return String(Math.round(length * 10) / 10);
}

function formatCount(count = 0): string {
  return count === 0 ? 'none' : count.toLocaleString('en');
}
