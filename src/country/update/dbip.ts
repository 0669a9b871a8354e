import { type DownloadOptions, refusal, saveMmdb, withHttp } from './download.ts';
import { drop, urlOn } from './http.ts';
import { md5Of, type Target } from './install.ts';
import { type Origin, readOrigin } from './origin.ts';
import type { Source, UpdateSettings } from './settings.ts';

type DbipSource = Extract<Source, { kind: 'dbip' }>;

const EDITION = { countries: 'dbip-country-lite', operators: 'dbip-asn-lite' };

/** A new file, and where it came from. */
export interface DbipDownload {
  readonly md5: string;
  readonly origin: Origin;
}

/**
 * Downloads DB-IP Lite's file of this month, or of the month before while that isn't out yet; only
 * where it is not the one we have, as the server tells (RFC 9110, conditional requests).
 * @returns undefined where the present file is the newest
 */
export function downloadFromDbip(
  settings: UpdateSettings,
  source: DbipSource,
  { which, path }: Target,
  options: DownloadOptions & { readonly now?: Date },
): Promise<DbipDownload | undefined> {
  const { host } = new URL(source.host);
  const months = latestMonths(options.now ?? new Date());
  return withHttp(settings, options, async (http) => {
    const origin = await readOrigin(path);
    const known = origin && origin.md5 === (await md5Of(path)) ? origin : undefined;
    for (const month of months) {
      const url = urlOn(source.host, `free/${EDITION[which]}-${month}.mmdb.gz`);
      const reply = await http.get(url, known?.url === url.href ? conditions(known) : {});
      if (reply.status === 404 && month !== months.at(-1)) {
        drop(reply);
        continue;
      }
      if (reply.status === 304) {
        drop(reply);
        return undefined;
      }
      if (reply.status !== 200) throw refusal(host, reply);
      const md5 = await saveMmdb(reply, path, host, options);
      const { etag, date, 'last-modified': modified = date } = reply.headers;
      return { md5, origin: { url: url.href, md5, etag, modified } };
    }
    return undefined; // not reached: the last month returns or throws
  });
}

/** This month and the one before, in UTC, as `2026-01`, `2025-12`. */
export function latestMonths(now: Date): [string, string] {
  const month = (back: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7);
  return [month(0), month(1)];
}

function conditions({ etag, modified }: Origin): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined ? {} : { 'if-modified-since': modified }),
  };
}
