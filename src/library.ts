import { createRequire } from 'node:module';

/**
 * Loads a library (its CommonJS build) when it is first needed, in a function that can't wait for
 * `import()`: a verb that does its work without it starts that much sooner.
 */
export const library = createRequire(import.meta.url);
