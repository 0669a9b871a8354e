// A hundred thousand rules: start, change, list, export, import, memory; beside a database with the
// initial ones.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { memoryOf, say, spread } from './figures.ts';
import { type Own, openOwn, runVerb, sayUsed, startServer } from './program.ts';
import { manySubjects } from './rule-list.ts';

const RULES = 100_000;
const LONG = 600_000;

let own: Own;
let empty: Own;
beforeAll(async () => {
  own = await openOwn();
  empty = await openOwn();
  for (const { path } of [own, empty]) openDatabase(path).close();
});
afterAll(() => {
  own.close();
  empty.close();
});

test(
  '100 000 rules',
  async () => {
    const list = join(own.folder, 'list.txt');
    writeFileSync(list, [...manySubjects(RULES)].join('\n'));
    const document = join(own.folder, 'rules.json');
    say(`\n${RULES} rules`);
    sayUsed('import --list deny', await runVerb(own, 'import', '--list', 'deny', list));
    for (const [what, place] of [
      ['the initial rules', empty],
      [`${RULES} rules`, own],
    ] as const) {
      say(`\n${what}`);
      for (const line of [
        ...['permit US', 'deny 9.9.9.9', 'remove deny 9.9.9.9', 'remove permit US', 'list deny'],
        ...['list deny --json', 'check 127.0.0.1', 'inspect 127.0.0.1', 'status'],
        ...[`export ${document}`, `import --dry-run ${document}`],
      ]) {
        sayUsed(line.replaceAll(own.folder, '…'), await runVerb(place, ...line.split(' ')));
      }
      const started: number[] = [];
      for (let n = 0; n < 5; n++) {
        const server = await startServer(place);
        started.push(server.milliseconds);
        if (n === 4) {
          say(`start to the first call answered: ${spread(started)}`);
          await runVerb(place, 'deny', '9.9.9.9');
          await new Promise((resolve) => setTimeout(resolve, 5_000)); // the change is taken in
          const [now, most] = [
            memoryOf(server.child.pid!, 'VmRSS'),
            memoryOf(server.child.pid!, 'VmHWM'),
          ];
          say(`memory of the server: ${Math.round(now!)} MB, at most ${Math.round(most!)} MB`);
          await runVerb(place, 'remove', 'deny', '9.9.9.9');
        }
        await server.stop();
      }
    }
    sayUsed('\nimport --replace', await runVerb(own, 'import', '--replace', document));
  },
  LONG,
);
