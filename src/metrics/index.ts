export { type Counts, createCounts } from './counts.ts';
export type { Endpoint, Page } from './endpoint.ts';
export type { Exposition } from './registry.ts';
// Not endpoint.ts and registry.ts themselves: they are loaded where the endpoint is on.
