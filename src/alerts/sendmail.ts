import { spawn } from 'node:child_process';
import { fault } from '../errors.ts';

/** Bytes of the program's complaint that are kept. */
const MOST_COMPLAINT = 1_000;

/**
 * Hands a message to the local sendmail program (`-i`: a line with a single dot does not end it).
 * No shell; the arguments come from the configuration alone.
 * @throws Fault where the program can't be started, fails, or takes too long
 */
export async function runSendmail(
  program: string,
  envelope: { readonly from: string; readonly to: readonly string[] },
  message: Buffer,
  timeout: number,
  signal?: AbortSignal,
): Promise<void> {
  const complaint = await new Promise<string | undefined>((resolve) => {
    const child = spawn(program, ['-i', '-f', envelope.from, ...envelope.to], {
      stdio: ['pipe', 'ignore', 'pipe'],
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    // spawn()'s own timeout would hold the process up where the program could not be started.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    const end = (what: string | undefined) => {
      clearTimeout(timer);
      resolve(what);
    };
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < MOST_COMPLAINT) said += chunk.toString('utf8');
    });
    child.stdin.on('error', () => {}); // it may end without reading; its exit code tells
    child.on('error', (cause: NodeJS.ErrnoException) => end(cause.code ?? cause.message));
    child.on('close', (code, killed) => {
      if (code === 0) end(undefined);
      else if (killed) end(`ended by ${killed} after ${timeout} ms at most`);
      else end(`exit code ${code}${said && `: ${said.trim().slice(0, MOST_COMPLAINT)}`}`);
    });
    child.stdin.end(message);
  });
  if (complaint !== undefined) throw fault('mail-sendmail', program, complaint);
}
