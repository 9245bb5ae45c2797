// The health check of the container: exits with 0 if the gateway in it is ready, else with 1. `docker inspect` shows
// what it printed last.

const port = process.env['PORT'] || '4000';
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(4_000) });
  console.log(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.log(`no response: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
