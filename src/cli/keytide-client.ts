#!/usr/bin/env node
import { runUnlessNodeIsOld } from './refuse-old-node.ts';

// The program of the package `@keytide/client`.
runUnlessNodeIsOld(() => import('./client-main.ts'));
