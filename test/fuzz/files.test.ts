import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { readConf } from '../../src/asterisk/index.ts';
import { loadConfig } from '../../src/config.ts';
import { readGeoipConf } from '../../src/country/update/geoip-conf.ts';
import { Fault } from '../../src/errors.ts';
import { readDocument, readTextList } from '../../src/exchange/index.ts';
import { fuzz, mutants } from '../support/fuzz.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipcountry-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the bytes to a file of their own, and has it read. Only a Fault may come of it. */
function reading(name: string, read: (path: string) => unknown): (bytes: Buffer) => void {
  const path = join(folder, name);
  return (bytes) => {
    writeFileSync(path, bytes);
    try {
      read(path);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
    }
  };
}

describe('files of an administrator', () => {
  it('ipcountry.toml', () => {
    const words = [
      '[agi]\n',
      '[[agi]]\n',
      '"',
      "'''",
      ' = ',
      '{',
      '}',
      '[',
      ']',
      '\n',
      'port = -1\n',
    ];
    fuzz(
      mutants('config', words),
      reading('ipcountry.toml', (path) => loadConfig(path, {})),
    );
  });

  it('GeoIP.conf', () => {
    const words = ['AccountID ', 'Proxy http://', '\n', '\t', '#', 'RetryFor 5x\n'];
    fuzz(
      mutants('geoip-conf', words),
      reading('GeoIP.conf', (path) => readGeoipConf(path, {})),
    );
  });

  it('exports and lists to import', () => {
    const words = ['{', '}', '[', ']', '"', ',', ':', 'null', '1e999', '"__proto__":', '\\u0000'];
    fuzz(mutants('import', words), (bytes) => {
      const text = bytes.toString('utf8');
      readTextList(text, 'permit');
      try {
        readDocument(text, 'export.json');
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause;
      }
    });
  });

  it('Asterisk’s configuration', () => {
    const words = [
      '[',
      '](',
      '!',
      '+)',
      '=>',
      ';--',
      '--;',
      '\\;',
      '#include *.conf\n',
      '#exec x\n',
    ];
    fuzz(
      mutants('asterisk-conf', words),
      reading('sip.conf', () => readConf(folder, 'sip.conf')),
    );
  });
});
