// What happens to the machine around the server: a full disk, a file system that turns read-only,
// no more file descriptors, a clock that is set back. As root: it mounts small file systems.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Built, build } from '../support/build.ts';
import { ask, openPlace, type Place } from '../support/place.ts';
import type { Serving } from '../support/serving.ts';
import { startMailServer } from '../support/smtp.ts';

const LOCAL = '127.0.0.1';
const STRANGER = '203.0.113.66';
const POLL = { interval: 50, timeout: 30_000 };

let built: Built;
beforeAll(async () => {
  built = await build();
});
afterAll(() => built.remove());

/** Has a place whose database is on a file system of 4 MB of its own, and a server there. */
async function onSmallDisk(
  test: (place: Place, serving: Serving, disk: string) => Promise<void>,
): Promise<void> {
  const place = await openPlace(built);
  const disk = place.file('disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  try {
    place.configure({
      database: { path: `${disk}/ipcountry.db` },
      screening: { rate_calls: 0 },
    });
    await test(place, await place.serve(), disk);
  } finally {
    await place.remove().catch(() => {}); // all but the mount point, which is busy
    execFileSync('umount', ['--lazy', disk]);
    rmSync(place.folder, { recursive: true, force: true });
  }
}

/** Takes all the room there is. */
function fill(disk: string): string {
  const { bsize, bavail } = statfsSync(disk);
  const file = `${disk}/filler`;
  writeFileSync(file, Buffer.alloc(bsize * bavail, 1));
  return file;
}

/** What a new connection finds: rows of the journal, and whether the file is sound. */
function found(disk: string) {
  const database = new SQLite(`${disk}/ipcountry.db`);
  try {
    return {
      numbers: database.prepare('SELECT number FROM call ORDER BY id').pluck().all(),
      sound: database.pragma('integrity_check', { simple: true }),
      rules: database.prepare("SELECT subject FROM rule WHERE origin LIKE 'cli:%'").pluck().all(),
    };
  } finally {
    database.close();
  }
}

/** Calls from this host and from a stranger in turn; each must be judged as ever. */
async function callsAreAnswered(place: Place, numbers: readonly string[]): Promise<void> {
  for (const [i, number] of numbers.entries()) {
    const [source, reason] = i % 2 ? [STRANGER, 'country-unknown'] : [LOCAL, 'unlisted'];
    expect(await ask(place.at, source, { number })).toMatchObject({ reason });
  }
}

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${from + i}`);

describe('a full disk', () => {
  it('calls are answered, and journalled when there is room; a change is refused whole', () =>
    onSmallDisk(async (place, serving, disk) => {
      await callsAreAnswered(place, numbers(0, 4));
      const filler = fill(disk);
      const waiting = 'journal: the database can not be written, calls wait for it';
      let asked = 4;
      // Until what SQLite had room for already is used up.
      while (!serving.lines.some(({ msg }) => msg === waiting)) {
        await callsAreAnswered(place, numbers(asked, 50));
        asked += 50;
      }
      const refused = await place.run('permit', '198.51.100.7');
      expect([refused.code, refused.out, refused.err]).toEqual([
        2,
        '',
        expect.stringMatching(/^ipcountry: .*\n$/),
      ]);
      expect(refused.err).toMatch(/^ipcountry: .*\n$/);
      await callsAreAnswered(place, numbers(asked, 50));
      asked += 50;
      rmSync(filler);
      await serving.logged('journal: the waiting calls are written');
      expect(found(disk)).toEqual({ numbers: numbers(0, asked), sound: 'ok', rules: [] });
      expect(await place.run('permit', '198.51.100.7')).toMatchObject({ code: 0 });
      expect(await ask(place.at, '198.51.100.7')).toMatchObject({ reason: 'unlisted' });
    }));
});

describe('a file system that turns read-only', () => {
  it('calls are answered, and journalled when it can be written again', () =>
    onSmallDisk(async (place, serving, disk) => {
      await callsAreAnswered(place, numbers(0, 4));
      // Files that are open for writing keep a file system from being remounted: a bind mount can.
      execFileSync('mount', ['--bind', disk, disk]);
      execFileSync('mount', ['-o', 'remount,bind,ro', disk]);
      try {
        await callsAreAnswered(place, numbers(4, 20));
        const refused = await place.run('permit', '198.51.100.7');
        expect([refused.code, refused.out, refused.err]).toEqual([
          2,
          '',
          expect.stringMatching(/^ipcountry: .*\n$/),
        ]);
        expect(refused.err).toMatch(/^ipcountry: .*read|^ipcountry: .*writ/);
      } finally {
        execFileSync('umount', ['--lazy', disk]);
      }
      await callsAreAnswered(place, numbers(24, 4));
      await vi.waitFor(
        () => expect(found(disk)).toMatchObject({ numbers: numbers(0, 28), sound: 'ok' }),
        POLL,
      );
      expect(serving.child.exitCode).toBeNull();
    }));
});

describe('no more file descriptors', () => {
  it('calls beyond them wait or are refused; afterwards all is as before', async () => {
    const place = await openPlace(built, { screening: { rate_calls: 0 } });
    try {
      const serving = await place.serve();
      const { pid } = serving.child;
      const open = Number(
        execFileSync('sh', ['-c', `ls /proc/${pid}/fd | wc -l`], { encoding: 'utf8' }),
      );
      execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${open + 20}`]);
      const idle: Socket[] = Array.from({ length: 200 }, () =>
        connect({ host: place.at.address, port: place.at.port }).on('error', () => {}),
      );
      // All of them are let go at their deadline, and then there is room again.
      await vi.waitFor(
        async () => expect(await ask(place.at, LOCAL)).toMatchObject({ reason: 'unlisted' }),
        POLL,
      );
      for (const socket of idle) socket.destroy();
      await callsAreAnswered(place, numbers(0, 20));
      expect(serving.child.exitCode).toBeNull();
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    } finally {
      await place.remove();
    }
  });
});

describe('a database that another program keeps locked for 10 s', () => {
  it('calls are answered at once, and all of them journalled in their order', async () => {
    const place = await openPlace(built, { screening: { rate_calls: 0 } });
    try {
      const serving = await place.serve();
      const other = place.database();
      other.exec('BEGIN IMMEDIATE');
      const end = performance.now() + 10_000;
      let asked = 0;
      let slowest = 0;
      while (performance.now() < end) {
        const before = performance.now();
        await callsAreAnswered(place, numbers(asked++, 1));
        slowest = Math.max(slowest, performance.now() - before);
      }
      other.exec('COMMIT');
      await serving.logged('journal: the waiting calls are written');
      const rows = other.prepare('SELECT number FROM call ORDER BY id').pluck().all();
      expect(rows).toEqual(numbers(0, asked));
      expect(slowest).toBeLessThan(2_000); // SQLite's own patience is 5 s: nobody waited for that
    } finally {
      await place.remove();
    }
  });
});

describe('a clock that is set back by an hour', () => {
  it('calls are answered, a rule that had expired is back for that hour, mail and rates go on', async () => {
    const mails = await startMailServer();
    const mail = { to: ['admin@example.com'], transport: 'smtp', host: '127.0.0.1' };
    const place = await openPlace(built, {
      screening: { rate_calls: 4, rate_seconds: 60 },
      mail: { ...mail, port: mails.port, security: 'none' },
    });
    const clock = place.file('clock');
    writeFileSync(clock, '+0\n');
    try {
      const serving = await place.serveWith({
        LD_PRELOAD: fakeTimeLibrary(),
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      });
      const reasonOf = async (number: string, source = LOCAL) =>
        (await ask(place.at, source, { number })).reason;
      expect(await place.run('deny', LOCAL, '--for', '30m')).toMatchObject({ code: 0 });
      expect(await reasonOf('1')).toBe('denied');
      writeFileSync(clock, '+3600\n');
      expect(await reasonOf('2')).toBe('unlisted'); // half an hour after the rule's end
      writeFileSync(clock, '+0\n');
      expect(await reasonOf('3')).toBe('denied');
      writeFileSync(clock, '-3600\n');
      expect(await reasonOf('4')).toBe('denied');
      // The call rate counts on the clock that nobody sets.
      writeFileSync(clock, '+3600\n');
      expect(await reasonOf('5')).toBe('rate');
      writeFileSync(clock, '+0\n');
      expect(await reasonOf('6', STRANGER)).toBe('country-unknown');
      await expect.poll(() => mails.mails.length, POLL).toBeGreaterThan(0);
      await expect.poll(() => mails.mails.map(({ raw }) => raw).join(''), POLL).toContain(STRANGER);
      const rows = place.database().prepare('SELECT number, at FROM call ORDER BY id').all() as {
        number: string;
        at: number;
      }[];
      expect(rows.map(({ number }) => number)).toEqual(['1', '2', '3', '4', '5', '6']);
      expect(rows[1]!.at - rows[2]!.at).toBeGreaterThan(3_500_000); // the clock was set back indeed
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    } finally {
      await place.remove();
      await mails.close();
    }
  });
});

/** Of Debian's package libfaketime, wherever this machine's architecture has it. */
function fakeTimeLibrary(): string {
  const files = execFileSync('dpkg', ['-L', 'libfaketime'], { encoding: 'utf8' }).split('\n');
  const library = files.find((file) => file.endsWith('/libfaketime.so.1'));
  if (!library || readFileSync(library).length === 0) throw new Error('libfaketime is not there');
  return library;
}
