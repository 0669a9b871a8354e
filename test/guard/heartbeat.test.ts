import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BEAT, heartbeat, isAlive, readHeartbeat } from '../../src/guard/heartbeat.ts';
import { readRevision } from '../../src/policy/store.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';

const START = 1_800_000_000_000;

let place: TestDatabase;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  place = newDatabase();
});
afterEach(() => {
  vi.useRealTimers();
  place.remove();
});

const read = () => readHeartbeat(place.database);

describe("the guard's sign of life", () => {
  it('tells since when it runs, and since when Asterisk is away', () => {
    expect(read()).toBeUndefined();
    let connected = false;
    const { beat } = heartbeat(place.database, () => connected);
    vi.setSystemTime(START + 1_000);
    beat();
    expect(read()).toEqual({ since: START, at: START + 1_000, away: START, stopped: false });
    connected = true;
    vi.setSystemTime(START + 2_000);
    beat();
    expect(read()).toMatchObject({ since: START, at: START + 2_000, away: null });
    connected = false;
    vi.setSystemTime(START + 3_000);
    beat();
    vi.setSystemTime(START + 4_000);
    beat();
    expect(read()).toMatchObject({ at: START + 4_000, away: START + 3_000 });
  });

  it('counts for three beats, and not once it has stopped', () => {
    const life = heartbeat(place.database, () => true);
    life.beat();
    expect(isAlive(read()!, START + 3 * BEAT - 1)).toBe(true);
    expect(isAlive(read()!, START + 3 * BEAT)).toBe(false);
    life.stop();
    expect(read()).toMatchObject({ stopped: true });
    expect(isAlive(read()!, START)).toBe(false);
  });

  it('is no change of the rules', () => {
    const before = readRevision(place.database);
    const life = heartbeat(place.database, () => true);
    life.beat();
    life.beat();
    life.stop();
    expect(readRevision(place.database)).toBe(before);
  });

  it.each(['', 'x', '{}', '{"since":"x"}', 'null'])('%j is none', (text) => {
    place.database.prepare("INSERT INTO setting VALUES ('guard', ?)").run(text);
    expect(read()).toBeUndefined();
    heartbeat(place.database, () => true).beat();
    expect(read()).toBeDefined();
  });
});
