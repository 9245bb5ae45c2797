// Loaded into a node before all else (node --import): a machine whose clock is wrong by TEST_CLOCK_OFFSET_MS, and wrong by
// as much the other way after each SIGUSR2. As on such a machine the monotonic clock is not touched.

const RealDate = Date;
let offsetMs = Number(process.env['TEST_CLOCK_OFFSET_MS'] ?? 0);
process.on('SIGUSR2', () => (offsetMs = -offsetMs));

globalThis.Date = class extends RealDate {
  constructor(...args: [] | ConstructorParameters<typeof RealDate>) {
    if (args.length === 0) super(RealDate.now() + offsetMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
} as DateConstructor;
