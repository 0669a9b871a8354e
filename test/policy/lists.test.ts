import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/index.ts';
import {
  addDomain,
  addExtension,
  addScanner,
  getMode,
  listDomains,
  listExtensions,
  listScanners,
  parseRoute,
  removeDomain,
  removeExtension,
  removeScanner,
  setMode,
} from '../../src/policy/index.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';

let store: TestDatabase;
let database: Database;

beforeEach(() => {
  store = newDatabase();
  database = store.database;
});
afterEach(() => store.remove());

const NOW = 1_700_000_000_000;
const origin = 'cli:root';

describe('extensions', () => {
  const add = (name: string, route: string, note?: string) =>
    addExtension(
      database,
      { name, route: parseRoute(route), origin, ...(note === undefined ? {} : { note }) },
      NOW,
    );

  it('added, given another route, listed in order, removed in letters of any case', () => {
    add('Weather', 'goto,from-internal,947,1', 'forecast');
    add('bob', 'dial,PJSIP/951');
    add('WEATHER', 'goto,from-internal,948,1', 'new');
    expect(listExtensions(database)).toEqual([
      { name: 'bob', route: 'dial,PJSIP/951', note: '', origin, createdAt: NOW },
      { name: 'weather', route: 'goto,from-internal,948,1', note: 'new', origin, createdAt: NOW },
    ]);
    expect(removeExtension(database, 'wEATHER')).toBe(true);
    expect(removeExtension(database, 'weather')).toBe(false);
    expect(listExtensions(database)).toHaveLength(1);
  });

  it('a name that can’t be dialled is refused, and nothing is changed', () => {
    expect(() => add('500&PJSIP/trunk/1900', 'dial,PJSIP/951')).toThrow(/can't be an extension/);
    expect(listExtensions(database)).toEqual([]);
  });
});

describe('domains', () => {
  it('added once, however written, and removed likewise', () => {
    addDomain(database, { name: 'SIP.Example.com.', origin }, NOW);
    addDomain(database, { name: 'sip.example.com', origin, note: 'ours' }, NOW + 1);
    expect(listDomains(database)).toEqual([
      { name: 'sip.example.com', note: 'ours', origin, createdAt: NOW },
    ]);
    expect(removeDomain(database, 'Sip.Example.Com')).toBe(true);
    expect(removeDomain(database, 'sip.example.com')).toBe(false);
  });

  it('what is no domain is refused', () => {
    const add = () => addDomain(database, { name: 'sip.example.com:5060', origin }, NOW);
    expect(add).toThrow(/is no domain/);
    expect(listDomains(database)).toEqual([]);
  });
});

describe('scanners', () => {
  it('a new database knows the tools that scan', () => {
    const known = listScanners(database).map((scanner) => scanner.name);
    for (const agent of 'sipvicious friendly-scanner sipcli sipsak sundayddr sip-scan iWar VaxSIPUserAgent eyeBeam'.split(
      ' ',
    )) {
      expect(known).toContain(agent.toLowerCase());
    }
  });

  it('added and removed in letters of any case', () => {
    addScanner(database, { name: 'PJSUA', origin, note: 'loud' }, NOW);
    expect(listScanners(database)).toContainEqual({
      name: 'pjsua',
      note: 'loud',
      origin,
      createdAt: NOW,
    });
    expect(removeScanner(database, 'pjSUA')).toBe(true);
    expect(removeScanner(database, 'pjsua')).toBe(false);
  });

  it.each(['', ' ', 'ab', '  ab  '])('%j is too short: it would refuse our own callers', (name) => {
    expect(() => addScanner(database, { name, origin }, NOW)).toThrow(/is too short/);
  });
});

describe('mode', () => {
  it('begins as enforce', () => {
    expect(getMode(database)).toBe('enforce');
  });

  it('is set, and set back', () => {
    setMode(database, 'monitor');
    expect(getMode(database)).toBe('monitor');
    setMode(database, 'enforce');
    expect(getMode(database)).toBe('enforce');
  });

  it.each(["'Monitor'", "''", "'monitor '", "'off'"])('%s, edited by hand, is enforce', (value) => {
    database.exec(`UPDATE setting SET value = ${value} WHERE name = 'mode'`);
    expect(getMode(database)).toBe('enforce');
  });

  it('without the row it is enforce, and can be set again', () => {
    database.exec("DELETE FROM setting WHERE name = 'mode'");
    expect(getMode(database)).toBe('enforce');
    setMode(database, 'monitor');
    expect(getMode(database)).toBe('monitor');
  });
});
