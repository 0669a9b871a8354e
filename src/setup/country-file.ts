import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type Fault, fault } from '../errors.ts';
import { createLog } from '../log.ts';
import type { SourceAnswer } from './answers.ts';

/** A country database that was downloaded, and is not in its place yet. */
export interface FetchedCountry {
  readonly path: string;
  remove(): void;
}

export interface FetchOptions {
  /** Told how far it is, from 0 to 1. */
  readonly progress: (done: number) => void;
  readonly signal: AbortSignal;
}

/** Milliseconds in which a failed request is tried again: somebody sits and waits. */
const RETRY_FOR = 15_000;

/** The configuration as it will be with this source. */
export function withSource(config: Config, source: SourceAnswer): Config {
  const country = { ...config.country };
  switch (source.kind) {
    case 'dbip':
    case 'none':
      return { ...config, country: { ...country, source: source.kind } };
    case 'maxmind': {
      const { accountId: account_id, licenseKey: license_key } = source;
      return { ...config, country: { ...country, source: 'maxmind', account_id, license_key } };
    }
    case 'geoip-conf': {
      const own = { account_id: undefined, license_key: undefined };
      return {
        ...config,
        country: { ...country, source: 'maxmind', geoip_conf: source.file, ...own },
      };
    }
    default:
      return config;
  }
}

/**
 * Downloads country data beside nothing: into a folder of its own, so that it can be looked at
 * before anything is changed.
 * @throws Fault where it can't be had
 */
export async function fetchCountry(
  config: Config,
  { progress, signal }: FetchOptions,
): Promise<FetchedCountry> {
  const { updateFiles, updateSettings } = await import('../country/update/index.ts');
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-country-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const path = join(folder, 'country.mmdb');
  try {
    const paths = { country: path, mayBeMissing: true, operators: undefined };
    const settings = { ...updateSettings(config), paths, retryFor: RETRY_FOR };
    const [result] = await updateFiles(settings, {
      log: createLog('silent'),
      signal,
      progress: (bytes, total) => progress(total ? bytes / total : 0),
    });
    if (result?.outcome === 'refused') throw result.refusal;
    return { path, remove };
  } catch (cause) {
    remove();
    if (signal.aborted) throw fault('setup-interrupted');
    throw cause;
  }
}

/** What a country file came to. */
export interface InstalledCountry {
  readonly type: string;
  readonly builtAt: Date;
  readonly networks: number;
}

/**
 * Puts a country file in its place after the checks of every update.
 * @returns undefined where it is there already
 * @throws Fault where it can't be used
 */
export async function placeCountry(
  file: string,
  path: string,
): Promise<InstalledCountry | undefined> {
  const { installFile } = await import('../country/update/index.ts');
  const result = await installFile(file, { which: 'countries', path });
  if (result.outcome === 'refused') throw result.refusal satisfies Fault;
  if (result.outcome === 'unchanged') return undefined;
  const { facts, networks } = result;
  return { type: facts.type, builtAt: facts.builtAt, networks };
}
