import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/address/index.ts';
import {
  addBlock,
  blocksRevision,
  countBlocks,
  deleteExpiredBlocks,
  findBlock,
  liftBlock,
  listBlockEvents,
  listBlocks,
  type NewBlock,
  noticeBlock,
  pruneBlockEvents,
} from '../../src/blocks/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { readRevision } from '../../src/policy/store.ts';

let database: Database;
beforeEach(() => {
  database = openDatabase(':memory:');
});
afterEach(() => database.close());

const at = (text: string) => parseAddress(text)!;
const NOW = 1_700_000_000_000;
const HOUR = 3_600;

const block = (source: string, more: Partial<NewBlock> = {}): NewBlock => ({
  source: at(source),
  reason: 'strikes',
  evidence: 'five wrong passwords',
  endpoint: '1001',
  country: 'RU',
  origin: 'guard',
  seconds: HOUR,
  ...more,
});
const add = (source: string, more: Partial<NewBlock> = {}, now = NOW, mail = false) =>
  addBlock(database, block(source, more), { now, mail });
const alerts = () => database.prepare('SELECT * FROM alert').all() as Record<string, unknown>[];

describe('a block', () => {
  it('stands until it runs out, and is found by any address of its source', () => {
    expect(add('203.0.113.7')).toBe(true);
    expect(add('2001:db8:1:2::7')).toBe(true);
    expect(findBlock(database, at('203.0.113.7'), NOW)?.expiresAt).toBe(NOW + HOUR * 1_000);
    expect(findBlock(database, at('203.0.113.8'), NOW)).toBeUndefined();
    expect(findBlock(database, at('2001:db8:1:2:ffff::1'), NOW)).toMatchObject({
      counted: '2001:db8:1:2::/64',
      source: '2001:db8:1:2::7',
    });
    expect(findBlock(database, at('2001:db8:1:3::1'), NOW)).toBeUndefined();
    expect(findBlock(database, at('203.0.113.7'), NOW + HOUR * 1_000)).toBeUndefined();
    expect(listBlocks(database, NOW + HOUR * 1_000)).toEqual([]);
    expect(deleteExpiredBlocks(database, NOW + HOUR * 1_000)).toBe(2);
  });

  it('is made longer by a longer one, and never shorter', () => {
    add('203.0.113.7');
    expect(add('203.0.113.7', { seconds: 60 })).toBe(false);
    expect(add('203.0.113.7', { seconds: 2 * HOUR, reason: 'manual' })).toBe(true);
    expect(add('203.0.113.7', { seconds: undefined })).toBe(true);
    expect(add('203.0.113.7', { seconds: undefined })).toBe(false);
    expect(add('203.0.113.7', { seconds: 9 * HOUR })).toBe(false);
    expect(findBlock(database, at('203.0.113.7'), NOW)?.expiresAt).toBeUndefined();
    expect(listBlockEvents(database, 0, 10).map(({ seconds }) => seconds)).toEqual([
      null,
      2 * HOUR,
      HOUR,
    ]);
  });

  it('is journalled, and counts for the next one, until that is too long ago', () => {
    add('203.0.113.7', {}, NOW - 10_000_000);
    add('203.0.113.7');
    noticeBlock(database, block('203.0.113.7'), NOW);
    expect(countBlocks(database, at('203.0.113.7'), 0)).toBe(2);
    expect(countBlocks(database, at('203.0.113.7'), NOW - 1)).toBe(1);
    expect(countBlocks(database, at('203.0.113.8'), 0)).toBe(0);
    expect(pruneBlockEvents(database, NOW)).toBe(1);
    expect(listBlockEvents(database, 0, 10).map(({ event }) => event)).toEqual([
      'noticed',
      'blocked',
    ]);
  });

  it('is lifted by name, once', () => {
    add('203.0.113.7');
    expect(liftBlock(database, at('203.0.113.7'), 'cli:root', NOW + 1)?.reason).toBe('strikes');
    expect(liftBlock(database, at('203.0.113.7'), 'cli:root', NOW + 1)).toBeUndefined();
    expect(listBlocks(database, NOW)).toEqual([]);
    expect(listBlockEvents(database, 0, 1)).toMatchObject([
      { event: 'lifted', origin: 'cli:root' },
    ]);
  });

  it('owes a mail where that is asked for: at once, whatever the digest of its network', () => {
    database.prepare('INSERT INTO alert_window VALUES (?, ?)').run('203.0.113.7', NOW + 1e9);
    add('203.0.113.9');
    add('203.0.113.7', {}, NOW, true);
    const [alert, ...more] = alerts();
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ kind: 'block', counted: '203.0.113.7', due_at: NOW });
    expect(JSON.parse(String(alert!['facts']))).toMatchObject({
      event: 'blocked',
      source: '203.0.113.7',
      endpoint: '1001',
      seconds: HOUR,
    });
  });

  it('moves its own revision, and not that of the rules: calls need not be compiled for anew', () => {
    const rules = readRevision(database);
    const before = blocksRevision(database);
    add('203.0.113.7');
    const added = blocksRevision(database);
    liftBlock(database, at('203.0.113.7'), 'x', NOW);
    expect(added).toBeGreaterThan(before);
    expect(blocksRevision(database)).toBeGreaterThan(added);
    expect(readRevision(database)).toBe(rules);
    // Nor does what the firewall notes.
    for (const note of ['firewall_load', 'audit']) {
      database.exec(`INSERT INTO setting VALUES ('${note}', 'x')`);
      database.exec(`UPDATE setting SET value = 'y' WHERE name = '${note}'`);
      database.exec(`DELETE FROM setting WHERE name = '${note}'`);
    }
    expect(readRevision(database)).toBe(rules);
    database.exec("UPDATE setting SET value = 'monitor' WHERE name = 'mode'");
    expect(readRevision(database)).toBe(rules + 1);
  });

  it('keeps no more of a stranger’s text than there is room for', () => {
    add('203.0.113.7', { endpoint: 'x'.repeat(10_000), evidence: 'y'.repeat(10_000) });
    const [event] = listBlockEvents(database, 0, 1);
    expect([event!.endpoint.length, event!.evidence.length]).toEqual([256, 256]);
  });
});
