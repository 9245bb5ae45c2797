import { configureGlobal } from 'fast-check';

/**
 * Property tests draw the same histories in every run of the short tiers: whoever changes one thing learns of that thing alone.
 * The long form draws others each time, and prints the seed of a history that fails. `KEYTIDE_TEST_SEED` draws that one again.
 */
const { KEYTIDE_TEST_SEED: given, KEYTIDE_TEST_LONG: long } = process.env;

if (given !== undefined) configureGlobal({ seed: Number(given) });
else if (long === undefined) configureGlobal({ seed: 2016 });
