import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallRecord, openMasterCsv } from '../../src/call-records/index.ts';
import { localTime } from '../../src/cli/terminal.ts';
import { cdrLine, utc } from './csv.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_795_000_000_000; // 2026-11-18, on a whole second
const SINCE = NOW - 7 * DAY;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-cdr-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(text: string, since = SINCE) {
  const path = join(folder, 'Master.csv');
  writeFileSync(path, text);
  const opened = await openMasterCsv(path, since);
  const records: CallRecord[] = [];
  for await (const record of opened.records) records.push(record);
  return { ...opened, records };
}

const id = (at: number, n = 1) => `${at / 1_000}.${n}`;

describe('a record', () => {
  it('with a uniqueid tells by it when the call began, whatever the zone of its times', async () => {
    const { records } = await read(
      cdrLine({ start: '1999-01-01 00:00:00', billsec: 42, uniqueid: id(NOW), userfield: '' }) +
        cdrLine({ start: utc(NOW), billsec: 7, uniqueid: `pbx-1-${id(NOW)}` }),
    );
    const channel = 'PJSIP/anonymous-00000001';
    expect(records).toEqual([
      { channel, uniqueid: id(NOW), begins: [NOW], seconds: 42 },
      { channel, uniqueid: `pbx-1-${id(NOW)}`, begins: [NOW], seconds: 7 },
    ]);
  });

  it.each([
    ['alone', undefined],
    ['with a user field', 'customer 7'],
  ])('without one has its time read as local and as UTC: %s', async (_, userfield) => {
    const { records } = await read(
      cdrLine({ start: localTime(NOW), ...(userfield && { userfield }) }) +
        cdrLine({ start: utc(NOW), ...(userfield && { userfield }) }),
    );
    expect(records.map(({ uniqueid }) => uniqueid)).toEqual(['', '']);
    for (const { begins } of records) expect(begins).toContain(NOW);
  });

  it.each([
    ['somebody', { billsec: 42 }, 42],
    ['nobody', { billsec: 0 }, 0],
    ['a busy line', { billsec: 0, disposition: 'BUSY' }, 0],
    ['a failed call, whatever it claims', { billsec: 42, disposition: 'FAILED' }, 0],
    ["FreePBX's dead end", { billsec: 9, lastapp: 'Congestion', lastdata: '5' }, 0],
    ['its tones', { billsec: 9, lastapp: 'Playtones', lastdata: 'congestion' }, 0],
    ['its words', { billsec: 9, lastapp: 'Playback', lastdata: 'ss-noservice' }, 0],
    [
      'nobody yet, on the way to its words',
      { billsec: 2, dcontext: 'ipcountry-freepbx-pass', lastapp: 'Wait', lastdata: '2' },
      0,
    ],
    ['a device that our own context dials', { billsec: 2, dcontext: 'ipcountry-route' }, 2],
    ['other words', { billsec: 9, lastapp: 'Playback', lastdata: 'opening-hours' }, 9],
  ])('answered by %s', async (_, line, seconds) => {
    const { records } = await read(cdrLine({ start: utc(NOW), ...line }));
    expect(records).toMatchObject([{ seconds }]);
  });

  it("holds callers' quotes, commas, line ends and bytes", async () => {
    const clid = 'a",\n"",""x"","\r\n\u202e" <1>';
    const { records } = await read(
      cdrLine({ start: utc(NOW), clid, billsec: 1, uniqueid: id(NOW, 1) }) +
        cdrLine({ start: utc(NOW), billsec: 2, uniqueid: id(NOW, 2) }),
    );
    expect(records.map(({ seconds }) => seconds)).toEqual([1, 2]);
  });
});

describe('a damaged file', () => {
  const good = (n: number) => cdrLine({ start: utc(NOW), billsec: n, uniqueid: id(NOW, n) });
  const seconds = async (text: string) => (await read(text)).records.map((r) => r.seconds);

  it.each([
    ['a torn line', `${good(1).slice(0, 60)}\n`],
    ['a line torn within quotes', `"","x","abc`],
    ['zeros', '\0'.repeat(4_096)],
    ['another file', 'dear diary\n'],
    ['a line without a channel', `${',,,,'.repeat(5)}\n`],
  ])('with %s loses the record behind it at most', async (_, damage) => {
    const found = await seconds(good(1) + damage + good(2) + good(3) + good(4));
    expect(found.slice(-2)).toEqual([3, 4]);
    expect(found[0]).toBe(1);
  });

  it('that is no CSV at all has nothing to tell', async () => {
    expect(await seconds('')).toEqual([]);
    expect(await seconds('x'.repeat(300_000))).toEqual([]);
  });

  it('is told of where it can not be read', async () => {
    const absent = join(folder, 'absent.csv');
    await expect(openMasterCsv(absent, SINCE)).rejects.toMatchObject({
      code: 'file-read',
      message: expect.stringContaining(`${absent}: can't be read (ENOENT)`),
    });
    await expect(openMasterCsv(folder, SINCE)).rejects.toMatchObject({ code: 'file-read' });
  });
});

describe('a long file', () => {
  /** Calls every ten minutes, some 11 MB, with text that would look like records. */
  const clid = `x\n${cdrLine({ start: utc(NOW - 300 * DAY), clid: 'y' })}`.slice(0, 300);
  const first = NOW - 330 * DAY;
  const lines: string[] = [];
  for (let at = first, n = 0; at <= NOW; at += 600_000, n++) {
    lines.push(
      cdrLine({ start: utc(at), end: utc(at + 60_000), billsec: 60, clid, uniqueid: id(at, n) }),
    );
  }
  const text = lines.join('');

  it('is read from its end', async () => {
    const { records, since } = await read(text);
    expect(since).toBe(SINCE);
    // All of the days asked for, and less than one stride (1 MB, some 15 days) and a day before.
    const asked = records.filter(({ begins }) => begins[0]! >= SINCE);
    expect(asked).toHaveLength(7 * 144 + 1);
    expect(records.length).toBeLessThan(25 * 144);
    expect(records.every(({ seconds, uniqueid }) => seconds === 60 && uniqueid !== '')).toBe(true);
  });

  it('finds a record wherever the looks fall', async () => {
    for (let shift = 1; shift < 500; shift += 61) {
      const { records } = await read(`${text}${' '.repeat(shift)}\n`, NOW - DAY / 2);
      const asked = records.filter(({ begins }) => begins[0]! >= NOW - DAY / 2);
      expect(asked).toHaveLength(73);
      expect(records.length).toBeLessThan(20 * 144);
    }
  });

  it('that does not reach back says since when it tells', async () => {
    const { records, since } = await read(text, first - 30 * DAY);
    expect(records).toHaveLength(lines.length);
    expect(since).toBe(first);
  });
});
