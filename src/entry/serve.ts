import { cacheCompiledModules } from './compile-cache.ts';

// The program that runs a node.
cacheCompiledModules(process.env);
await import('./start-gateway.ts');
