import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Fault, fault } from '../../errors.ts';
import { downloadFromDbip } from './dbip.ts';
import { codeOf, type DownloadOptions } from './download.ts';
import {
  downloadPath,
  type InstallOptions,
  install,
  type Target,
  type UpdateResult,
} from './install.ts';
import { withLock } from './lock.ts';
import { downloadFromMaxmind } from './maxmind.ts';
import { type Origin, writeOrigin } from './origin.ts';
import type { UpdateSettings } from './settings.ts';
import { unpack } from './unpack.ts';

export interface UpdateOptions extends DownloadOptions, Pick<InstallOptions, 'force' | 'checked'> {
  /** Decides which month's file of DB-IP is wanted; now by default. */
  readonly now?: Date;
}

/**
 * Updates the country database and, where one is configured, the operator database: looks whether
 * there is a newer file, downloads it beside the present one, checks it and puts it in its place.
 * Whatever happens, there is always a whole file at the path.
 * @throws Fault where a download fails for good; the present files are as they were
 */
export async function updateFiles(
  settings: UpdateSettings,
  options: UpdateOptions,
): Promise<UpdateResult[]> {
  const { country, operators } = settings.paths;
  const targets: Target[] = [{ which: 'countries', path: country }];
  if (operators !== undefined) targets.push({ which: 'operators', path: operators });
  const results: UpdateResult[] = [];
  for (const target of targets) {
    const result = await whileLocked(target, () => update(settings, target, options));
    if (result.outcome === 'refused') {
      options.log.error({ path: target.path, fault: result.refusal.message }, 'update refused');
    }
    results.push(result);
  }
  return results;
}

/**
 * Puts a file from the disk in the place of a database after the same checks: an mmdb file, plain,
 * gzipped or in a tar.
 * @throws Fault where it can't be read
 */
export function installFile(
  file: string,
  target: Target,
  options: InstallOptions = {},
): Promise<UpdateResult> {
  return whileLocked(target, async () => {
    let md5: string;
    try {
      md5 = await unpack(createReadStream(file), downloadPath(target.path));
    } catch (cause) {
      throw cause instanceof Fault ? cause : fault('update-source-file', file, codeOf(cause));
    }
    return install(target, md5, options);
  });
}

async function update(
  settings: UpdateSettings,
  target: Target,
  options: UpdateOptions,
): Promise<UpdateResult> {
  const { source } = settings;
  let md5: string | undefined;
  let origin: Origin | undefined;
  if (source.kind === 'dbip') {
    const download = await downloadFromDbip(settings, source, target, options);
    ({ md5, origin } = download ?? {});
  } else {
    md5 = await downloadFromMaxmind(settings, source, target, options);
  }
  if (md5 === undefined) return { ...target, outcome: 'unchanged' };
  const result = await install(target, md5, options);
  if (origin && result.outcome !== 'refused') await writeOrigin(target.path, origin);
  return result;
}

/** Nobody else is at it; what an earlier, killed update left, or this one in its failure, goes. */
function whileLocked(target: Target, work: () => Promise<UpdateResult>): Promise<UpdateResult> {
  const clean = () =>
    rm(downloadPath(target.path), { force: true }).catch((cause: unknown) => {
      throw fault('update-write', target.path, codeOf(cause));
    });
  return withLock(target.path, async () => {
    await clean();
    return work().finally(clean);
  });
}
