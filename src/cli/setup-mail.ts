import type { Config } from '../config.ts';
import { Fault } from '../errors.ts';
import { type Facts, mailOf } from '../setup/index.ts';
import { checkedMail, listOf } from './setup-flags.ts';
import type { Prompts } from './setup-prompts.ts';

type Mail = Config['mail'];

/** What became of a test mail. */
export interface MailTest {
  readonly ok: boolean;
  /** `sent to …`, or what to mend. */
  readonly words: string;
}

/** Sends a mail now, to whoever is to be told of strangers. */
export async function testMail(mail: Mail): Promise<MailTest> {
  const { sendTest } = await import('../alerts/index.ts'); // the mailer is large
  const by = mail.transport === 'smtp' ? `${mail.host}:${mail.port}` : mail.sendmail;
  try {
    await sendTest(mail);
    return { ok: true, words: `a test is sent to ${mail.to.join(', ')} by ${by}` };
  } catch (cause) {
    if (cause instanceof Fault) return { ok: false, words: cause.message };
    throw cause;
  }
}

/** Asks until a test arrives at the mail server, or the answer is to be kept all the same. */
export async function askMail(facts: Facts, services: boolean, prompts: Prompts, tests: boolean) {
  const { mail } = facts.config;
  for (let present = mail.to.join(' '); ; ) {
    const text = await prompts.text(
      'Who is to be mailed about strangers? Nothing: nobody',
      present,
      (text) => listOf(text).map(checkedMail),
    );
    const to = listOf(text);
    const isNew = to.join() !== mail.to.join();
    if (to.length === 0 || !isNew || !tests) return { to, tested: false };
    const { ok, words } = await testMail(mailOf(mail, to, services));
    if (ok) prompts.say(words);
    else prompts.warn(words);
    if (ok || (await prompts.yes('Keep this address all the same?', true)))
      return { to, tested: true };
    present = to.join(' ');
  }
}
