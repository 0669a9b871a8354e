// Run by the packaged Node in the folder of the packaged program: loads each library that the program
// names anywhere, as a module that is missing would only be missed by the verb that needs it.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , folder] = process.argv;
const require = createRequire(join(folder, 'x.js'));
const names = new Set();
for (const file of readdirSync(folder, { recursive: true })) {
  if (!file.endsWith('.js')) continue;
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, name] of text.matchAll(
    /(?:from|import|import\(|library\()\s*["']([@a-z][\w@/.-]*)["']/g,
  )) {
    names.add(name);
  }
}
for (const name of names) await import(require.resolve(name));
console.log([...names].sort().join(' '));
