import { fault } from './errors.ts';

const END = '; END ipcountry';
const BEGIN_LINE = /^\s*;\s*BEGIN ipcountry\b/;
const END_LINE = /^\s*;\s*END ipcountry\b/;

/** A file's lines before, between and behind our markers. */
interface Parts {
  readonly before: readonly string[];
  /** With the markers; undefined where there are none. */
  readonly block: readonly string[] | undefined;
  readonly behind: readonly string[];
}

/** @throws Fault where there is one marker without the other, or a second pair */
function split(text: string, file: string): Parts {
  const lines = text.split('\n');
  const at = (marker: RegExp) => lines.flatMap((line, i) => (marker.test(line) ? [i] : []));
  const [begin, secondBegin] = at(BEGIN_LINE);
  const [end, secondEnd] = at(END_LINE);
  if (begin === undefined && end === undefined) {
    return { before: [], block: undefined, behind: lines };
  }
  if (begin === undefined) throw fault('dialplan-marker', file, end! + 1, 'END without BEGIN');
  if (end === undefined) throw fault('dialplan-marker', file, begin + 1, 'BEGIN without END');
  const second = secondBegin ?? secondEnd;
  if (second !== undefined) throw fault('dialplan-marker', file, second + 1, 'a second one');
  if (end < begin) throw fault('dialplan-marker', file, end + 1, 'END before BEGIN');
  return {
    before: lines.slice(0, begin),
    block: lines.slice(begin, end + 1),
    behind: lines.slice(end + 1),
  };
}

/** Where a block goes in a file that has none yet, and who writes it. */
export interface BlockOptions {
  /** For the message where its markers are damaged. */
  readonly file: string;
  /** The command that writes it, as people type it. */
  readonly by: string;
  readonly at: 'top' | 'end';
}

/**
 * The text of a file of Asterisk's with our block in it; one that is there is replaced where it
 * stands. A new one goes to the top of a dialplan: what follows it begins with a section of its own,
 * while lines that somebody adds at the end of the file would fall into our last context; and a
 * global that the file sets itself comes later, and so counts. It goes to the end where it adds to
 * sections of the file, as `[general](+)` does: they must stand before it.
 * @throws Fault where the markers are damaged
 */
export function withBlock(text: string, content: string, { file, by, at }: BlockOptions): string {
  const { before, block, behind } = split(text, file);
  const begin = `; BEGIN ipcountry (written by '${by}': changes here are lost)`;
  const lines = [begin, ...content.trimEnd().split('\n'), END];
  // Nothing behind it: the file still ends with a line end.
  if (block || at === 'top') {
    return [...before, ...lines, ...(behind.length > 0 ? behind : [''])].join('\n');
  }
  const rest = behind.at(-1) === '' ? behind.slice(0, -1) : behind;
  return [...rest, ...lines, ''].join('\n');
}

/** The file's text without our block. @throws Fault where the markers are damaged */
export function withoutBlock(text: string, file: string): string {
  const { before, behind } = split(text, file);
  return [...before, ...behind].join('\n');
}

export function hasBlock(text: string, file: string): boolean {
  return split(text, file).block !== undefined;
}

/** Whether a line (from 1) stands in our block. @throws Fault where the markers are damaged */
export function isInBlock(text: string, line: number, file: string): boolean {
  const { before, block } = split(text, file);
  return block !== undefined && line > before.length && line <= before.length + block.length;
}

/** A section header or an #include outside our block, and its line (from 1). */
export interface Foreign {
  readonly line: number;
  readonly text: string;
}

/** Sections by name, and #included files, that stand outside our block. */
export function outsideBlock(text: string, file: string) {
  const { before, block, behind } = split(text, file);
  const sections: Foreign[] = [];
  const includes: Foreign[] = [];
  const read = (lines: readonly string[], offset: number) => {
    for (const [i, line] of lines.entries()) {
      const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
      const include = /^\s*#\s*(?:try)?include\s+["<]?([^">;]+)/.exec(line)?.[1]?.trim();
      if (section) sections.push({ line: offset + i + 1, text: section });
      if (include) includes.push({ line: offset + i + 1, text: include });
    }
  };
  read(before, 0);
  read(behind, before.length + (block?.length ?? 0));
  return { sections, includes };
}
