import * as v from 'valibot';
import { fault } from '../../errors.ts';
import { type DownloadOptions, refusal, saveMmdb, withHttp } from './download.ts';
import { drop, type Http, urlOn } from './http.ts';
import { md5Of, type Target } from './install.ts';
import { Passing } from './retry.ts';
import type { Source, UpdateSettings } from './settings.ts';

type MaxmindSource = Extract<Source, { kind: 'maxmind' }>;

const metadataShape = v.object({
  databases: v.array(
    v.object({
      edition_id: v.string(),
      date: v.pipe(v.string(), v.regex(/^\d{4}-?\d\d-?\d\d$/)),
      md5: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/i)),
    }),
  ),
});

/** More than any metadata has. */
const MOST_METADATA = 64 * 1024;

/**
 * Downloads MaxMind's edition for `target` as geoipupdate does: first its metadata, then, where the
 * MD5 there is not the present file's, the archive of that date.
 * @returns the MD5 of the new file, or undefined where the present one is the newest
 */
export function downloadFromMaxmind(
  settings: UpdateSettings,
  source: MaxmindSource,
  { which, path }: Target,
  options: DownloadOptions,
): Promise<string | undefined> {
  const edition = which === 'countries' ? source.countryEdition : source.operatorEdition;
  const { host } = new URL(source.host);
  const key = Buffer.from(`${source.accountId}:${source.licenseKey}`).toString('base64');
  const headers = { authorization: `Basic ${key}` };

  return withHttp(settings, options, async (http) => {
    const { date, md5 } = await metadata(http);
    if ((await md5Of(path)) === md5) return undefined;
    const url = urlOn(source.host, `geoip/databases/${encodeURIComponent(edition)}/download`);
    url.searchParams.set('date', date);
    url.searchParams.set('suffix', 'tar.gz');
    const reply = await http.get(url, headers);
    if (reply.status !== 200) throw refusal(host, reply);
    const got = await saveMmdb(reply, path, host, options);
    if (got !== md5) throw new Passing(fault('update-checksum', host));
    return got;
  });

  async function metadata(http: Http) {
    const url = urlOn(source.host, 'geoip/updates/metadata');
    url.searchParams.set('edition_id', edition);
    const reply = await http.get(url, headers);
    if (reply.status !== 200) throw refusal(host, reply);
    let text = '';
    try {
      for await (const chunk of reply.body.setEncoding('utf8')) {
        text += chunk;
        if (text.length > MOST_METADATA) throw new RangeError('metadata without end');
      }
    } catch (cause) {
      throw new Passing(fault('update-transfer', host, (cause as Error).message));
    } finally {
      drop(reply);
    }
    const found = parseMetadata(text)?.find(({ edition_id }) => edition_id === edition);
    if (!found) throw fault('update-answer', host);
    return { date: found.date.replaceAll('-', ''), md5: found.md5.toLowerCase() };
  }
}

function parseMetadata(text: string) {
  try {
    return v.parse(metadataShape, JSON.parse(text)).databases;
  } catch {
    return undefined;
  }
}
