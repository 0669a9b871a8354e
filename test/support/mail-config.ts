import { loadConfig } from '../../src/config.ts';

/** The mail section with its defaults, and what the test sets. */
export function mailConfig(values: Record<string, string | number | string[]> = {}) {
  const lines = Object.entries({ to: ['admin@example.com'], transport: 'smtp', ...values });
  const env = Object.fromEntries(
    lines.map(([key, value]) => [`IPCOUNTRY_MAIL_${key.toUpperCase()}`, [value].flat().join(' ')]),
  );
  return loadConfig('/dev/null', env).mail;
}
