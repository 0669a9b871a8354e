import { afterEach, beforeEach, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../src/address/index.ts';
import { addBlock, liftBlock } from '../../src/blocks/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { followRefusedCalls } from '../../src/guard/refused-calls.ts';
import { createJournal, type Journal } from '../../src/journal/index.ts';
import { aStranger } from '../support/calls.ts';
import { listeningLog } from '../support/log.ts';

const NOW = 1_700_000_000_000;

let database: Database;
let journal: Journal;
beforeEach(() => {
  database = openDatabase(':memory:');
  journal = createJournal(database, { log: listeningLog().log, alerts: false });
});
afterEach(() => database.close());

const record = (source: string, more: Parameters<typeof aStranger>[1] = {}) =>
  journal.record(aStranger(source, { at: NOW, ...more }));
const sources = (look: ReturnType<typeof followRefusedCalls>) =>
  look().map(({ source }) => formatAddress(source));

it('gives the calls since a time, and then each once', () => {
  record('192.0.2.1', { at: NOW - 1_000 });
  record('192.0.2.2');
  const look = followRefusedCalls(database, () => NOW);
  expect(sources(look)).toEqual(['192.0.2.2']);
  expect(sources(look)).toEqual([]);
  record('192.0.2.3');
  record('2001:db8::3');
  expect(sources(look)).toEqual(['192.0.2.3', '2001:db8::3']);
});

it('begins with what comes next where nothing is as young, or nothing is there', () => {
  const empty = followRefusedCalls(database, () => NOW);
  record('192.0.2.1', { at: NOW - 1_000 });
  const later = followRefusedCalls(database, () => NOW);
  record('192.0.2.2');
  expect([sources(empty), sources(later)]).toEqual([['192.0.2.2'], ['192.0.2.2']]);
});

it('leaves out old calls that come back to the journal with a backup', () => {
  record('192.0.2.1');
  const look = followRefusedCalls(database, () => NOW);
  expect(sources(look)).toEqual(['192.0.2.1']);
  record('192.0.2.2', { at: NOW - 1_000 });
  record('192.0.2.3');
  expect(sources(look)).toEqual(['192.0.2.3']);
});

it('leaves out who was let in, what was only journalled, and calls without an address', () => {
  const look = followRefusedCalls(database, () => NOW);
  record('192.0.2.1', { verdict: { outcome: 'allow', reason: 'permitted' } });
  record('192.0.2.2', { verdict: { outcome: 'unlisted', reason: 'unlisted' } });
  record('192.0.2.3', { enforced: false });
  record('');
  record('no address');
  expect(sources(look)).toEqual([]);
});

it('leaves out what was before a block was lifted: cron looks at the same calls again', () => {
  const source = parseAddress('192.0.2.1')!;
  record('192.0.2.1');
  addBlock(
    database,
    { source, reason: 'strikes', origin: 'guard', seconds: 60 },
    { now: NOW, mail: false },
  );
  liftBlock(database, source, 'cli:root', NOW + 1);
  record('192.0.2.1', { at: NOW + 2 });
  expect(followRefusedCalls(database, () => NOW)().map(({ at }) => at)).toEqual([NOW + 2]);
});

it('reads more than fit into one look at the table', () => {
  const look = followRefusedCalls(database, () => NOW);
  const many = Array.from({ length: 2_500 }, () => aStranger('192.0.2.1', { at: NOW }));
  journal.recordAll(() => many);
  expect(look()).toHaveLength(2_500);
});
