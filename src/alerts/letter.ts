import { oneLine } from '../errors.ts';
import type { AlertFacts } from '../journal/index.ts';
import type { AlertGroup, MailContents, WaitingMail } from './outbox.ts';
import { type Advice, advice, localTime, originText, reasonText } from './words.ts';

/** A mail as it is handed to the transport; no line of its header was written by a caller. */
export interface Letter {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Networks that one mail shows; it tells how many more there are. */
export const MOST_GROUPS = 50;
/** Characters of one caller text that a mail shows. */
const LONGEST_CLAIM = 120;

interface Block {
  readonly rows: readonly (readonly [label: string, value: string])[];
  readonly advice: readonly Advice[];
}

/**
 * @param host this host's name, to tell one PBX from another
 * @param mail its Message-ID comes from the row, so that a mail sent twice (killed between the
 * server's acceptance and the note of it) can be known as the same
 */
export function writeLetter(contents: MailContents, mail: WaitingMail, host: string): Letter {
  const blocks = contents.groups.map((group) => blockOf(group, mail.withheld));
  const subject = subjectOf(contents);
  const rest = contents.networks - contents.groups.length;
  const notes = [
    ...(rest > 0 ? [`… and ${rest} more networks: see 'ipcountry calls --strangers'.`] : []),
    ...(mail.withheld
      ? [
          "What the callers wrote is left out, as the mail server refused it: see 'ipcountry calls'.",
        ]
      : [
          'What a caller says to be is the caller’s own claim; the address is where packets came from.',
        ]),
  ];
  return {
    messageId: `<ipcountry-${mail.id}-${mail.createdAt}@${host}>`,
    subject,
    text: textOf(subject, host, blocks, notes),
    html: htmlOf(subject, host, blocks, notes),
  };
}

/** Short, and nothing of it a caller's. */
function subjectOf({ total, networks, groups }: MailContents): string {
  const { counted, facts } = groups[0]!;
  const code = /^[A-Z]{2}$/.test(facts.country) ? ` (${facts.country})` : '';
  const where = counted === '' ? 'an unknown address' : `${counted}${code}`;
  if (total === 1) return `ipcountry: stranger from ${where} refused`;
  return networks === 1
    ? `ipcountry: ${total} calls from ${where} refused`
    : `ipcountry: ${total} strangers from ${networks} networks refused`;
}

function blockOf({ counted, count, first, last, facts }: AlertGroup, withheld: boolean): Block {
  const source = facts.source === '' ? 'no address' : claim(facts.source);
  const network = counted === '' || counted === facts.source ? '' : ` in ${counted}`;
  return {
    rows: [
      ['from', `${source}${network}, ${originText(facts)}`],
      ...(withheld ? [] : claimsOf(facts)),
      ['because', reasonText(facts)],
      ['when', localTime(last)],
      ...(count > 1 ? [['calls', `${count}, the first ${localTime(first)}`] as const] : []),
    ],
    advice: advice(counted, facts),
  };
}

function claimsOf(facts: AlertFacts): (readonly [string, string])[] {
  const identity = [
    facts.name === '' ? '' : `“${claim(facts.name)}”`,
    facts.number === '' ? '' : `number ${claim(facts.number)}`,
    claim(facts.sipuri),
  ].filter((part) => part !== '');
  const domain = facts.domain === '' ? '' : ` at ${claim(facts.domain)}`;
  return [
    ['says to be', identity.join(', ') || 'nobody'],
    ['dialled', `${claim(facts.extension) || 'nothing'}${domain}`],
    ...(facts.agent === '' ? [] : [['with', claim(facts.agent)] as const]),
  ];
}

/** A caller's text: cut, hidden characters made visible. */
function claim(text: string): string {
  const characters = Array.from(text); // not in the middle of a surrogate pair
  const cut = characters.slice(0, LONGEST_CLAIM).join('');
  return oneLine(cut) + (characters.length > LONGEST_CLAIM ? '…' : '');
}

function textOf(subject: string, host: string, blocks: readonly Block[], notes: string[]): string {
  const lines = [`${subject.replace('ipcountry: ', '')} on ${host}`];
  for (const { rows, advice } of blocks) {
    lines.push('', ...rows.map(([label, value]) => `  ${label.padEnd(10)}  ${value}`));
    lines.push(...advice.map(({ purpose, command }) => `  to ${purpose}:  ${command}`));
  }
  return [...lines, '', ...notes, ''].join('\n');
}

function htmlOf(subject: string, host: string, blocks: readonly Block[], notes: string[]): string {
  const row = ([label, value]: readonly [string, string]) =>
    `<tr><th align="left">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`;
  const tip = ({ purpose, command }: Advice) =>
    `<tr><th align="left">to ${escapeHtml(purpose)}</th><td><code>${escapeHtml(command)}</code></td></tr>`;
  const tables = blocks.map(
    (block) =>
      `<table cellpadding="3">${block.rows.map(row).join('')}${block.advice.map(tip).join('')}</table>`,
  );
  return [
    '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>',
    `<p>${escapeHtml(subject.replace('ipcountry: ', ''))} on ${escapeHtml(host)}</p>`,
    tables.join('<hr>'),
    ...notes.map((note) => `<p><small>${escapeHtml(note)}</small></p>`),
    '</body></html>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
