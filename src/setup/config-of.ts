import { existsSync } from 'node:fs';
import { type Config, loadConfig } from '../config.ts';

/** The configuration of a file that need not be there yet. @throws Fault where it is unsound */
export function configOf(file: string): Config {
  return loadConfig(existsSync(file) ? file : '/dev/null');
}
