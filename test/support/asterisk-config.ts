import type { Conf } from '../../src/asterisk/index.ts';
import { reachManager } from './asterisk.ts';
import type { Pbx } from './asterisk-pbx.ts';

/** A configuration file, as far as both tell: Asterisk, and what reads like Asterisk. */
export type Told = 'missing' | 'refused' | readonly ToldSection[];

export interface ToldSection {
  readonly name: string;
  readonly template: boolean;
  /** `name=value`, in order. */
  readonly settings: readonly string[];
}

/** Asks the running Asterisk over its manager interface: what it reads from configuration files, and more. */
export interface ConfigAsker {
  /** @param file its name in the configuration folder */
  ask(file: string): Promise<Told>;
  /** What the console prints on a command, without starting a program for it. */
  command(line: string): Promise<string>;
  close(): void;
}

export function askConfig({ world, asterisk }: Pbx): ConfigAsker {
  const child = reachManager(world.atPbx);
  const waiting = new Map<string, (answer: string) => void>();
  let rest = '';
  child.stdout!.setEncoding('latin1').on('data', (text: string) => {
    const parts = (rest + text).split('\r\n\r\n');
    rest = parts.pop()!;
    for (const part of parts) waiting.get(/^ActionID: (\d+)/m.exec(part)?.[1] ?? '')?.(part);
  });
  child.stdin!.on('error', () => {});
  const send = (fields: Readonly<Record<string, string>>) =>
    child.stdin!.write(
      `${Object.entries(fields)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
  send({ Action: 'Login', Username: 'guard', Secret: asterisk.secret, Events: 'off' });
  let last = 0;
  const action = async (fields: Readonly<Record<string, string>>) => {
    const id = String(++last);
    const answer = await new Promise<string>((resolve) => {
      waiting.set(id, resolve);
      send({ ...fields, ActionID: id });
    });
    waiting.delete(id);
    return Buffer.from(answer, 'latin1').toString('utf8');
  };
  return {
    async ask(file) {
      return readAnswer(
        await action({ Action: 'GetConfig', Filename: file, Filter: 'TEMPLATES=include' }),
      );
    },
    async command(line) {
      const answer = await action({ Action: 'Command', Command: line });
      return [...answer.matchAll(/^Output: (.*)$/gm)].map(([, text]) => text!.trimEnd()).join('\n');
    },
    close: () => void child.kill(),
  };
}

function readAnswer(text: string): Told {
  if (text.includes('Message: Config file not found')) return 'missing';
  if (text.includes('Message: Config file has invalid format')) return 'refused';
  const sections: { name: string; template: boolean; settings: string[] }[] = [];
  for (const line of text.split('\r\n')) {
    const [, key, value = ''] = /^(Category|IsTemplate|Line)-[\d-]+: (.*)$/s.exec(line) ?? [];
    if (key === 'Category') sections.push({ name: value, template: false, settings: [] });
    if (key === 'IsTemplate') sections.at(-1)!.template = true;
    if (key === 'Line') sections.at(-1)!.settings.push(value);
  }
  if (!text.includes('Response: Success')) throw new Error(text);
  return sections;
}

/** The same of what we read. */
export function toldOf({ found, refused, sections }: Conf): Told {
  if (!found) return 'missing';
  if (refused) return 'refused';
  return sections.map(({ name, template, settings }) => ({
    name,
    template,
    settings: settings.map((setting) => `${setting.name}=${setting.value}`),
  }));
}
