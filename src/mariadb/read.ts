import { connect } from 'node:net';
import type { RowDataPacket } from 'mysql2/promise';
import { databaseFault } from './fault.ts';
import type { MariaDbSettings, Naming } from './settings.ts';

/** Milliseconds until MariaDB has let us in, and for each question. */
const CONNECT = 5_000;
const QUERY = 10_000;

/** A row: column → value, whatever the administrator keeps there. */
export type Row = Readonly<Record<string, unknown>>;

/** Asks one question. `values` stand for the `?` of `sql`: never put text into it by hand. */
export type Ask = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/**
 * Opens the database, lets `work` ask it, and closes it. All answers are of one moment, where the
 * tables know transactions. Nothing is written: the session is read-only whatever the account may
 * do.
 * @throws Fault mariadb-unreachable, mariadb-refused, mariadb-not; and what `work` throws
 */
export async function readMariaDb<T>(
  settings: MariaDbSettings,
  naming: Naming,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  // Loaded here, as no other verb should pay for it (0.2 s, 15 MB); and before there is a socket,
  // whose errors nobody would hear meanwhile.
  const { createConnection } = await import('mysql2/promise');
  const { host, port, socket, user, password, database } = settings;
  // Ours, since the client's own ends only when the server says so too.
  const stream = connect(socket === undefined ? { host, port } : { path: socket });
  // A defect of `work` stays one: only what MariaDB did is told as such.
  const told = <A>(answer: Promise<A>): Promise<A> =>
    answer.catch((cause: unknown) => {
      throw databaseFault(cause, settings, naming);
    });
  try {
    const connection = await told(
      createConnection({
        ...{ stream, user, password, database },
        connectTimeout: CONNECT,
        multipleStatements: false,
        // The server may not ask for files of ours.
        flags: ['-LOCAL_FILES'],
        // No code is made from what the server says that its columns are.
        disableEval: true,
      }),
    );
    // What breaks between two questions breaks the next one too.
    connection.on('error', () => {});
    const ask: Ask = async (sql, values = []) => {
      const question = { sql, timeout: QUERY, values: [...values] };
      const [rows] = await told(connection.query<RowDataPacket[]>(question));
      return rows;
    };
    await ask('SET SESSION TRANSACTION READ ONLY');
    await ask('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    return await work(ask);
  } finally {
    stream.destroy();
  }
}
