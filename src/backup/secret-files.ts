import { SECRETS } from '../config.ts';
import { library } from '../library.ts';

/** A file that the configuration names in a `…_file` key, as it holds a secret. */
export interface SecretFile {
  /** `ami.secret` */
  readonly key: string;
  readonly path: string;
}

/** @param toml a configuration that has been read without a fault */
export function secretFiles(toml: string): SecretFile[] {
  const { parse } = library('smol-toml') as typeof import('smol-toml');
  const sections = parse(toml) as Record<string, Record<string, unknown> | undefined>;
  return SECRETS.flatMap(([section, key]) => {
    const path = sections[section]?.[`${key}_file`];
    return typeof path === 'string' ? [{ key: `${section}.${key}`, path }] : [];
  });
}
