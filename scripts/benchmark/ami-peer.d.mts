export type Fields = Readonly<Record<string, string>>;

export interface Reply {
  /** `Response: Error` with this message. */
  readonly error?: string;
  /** More fields of `Response: Success`. */
  readonly response?: Fields;
  /** Makes the reply a list. */
  readonly events?: readonly Fields[];
  /** An event of its own behind the reply. */
  readonly behind?: Fields;
  readonly hangUp?: boolean;
}

/** By the name of the action; what has none is unknown to this Asterisk. */
export type Answers = Record<string, (action: Fields) => Reply>;

export interface AmiPeer {
  readonly host: string;
  readonly port: number;
  /** May be changed. */
  secret: string;
  /** May be changed. */
  readonly answers: Answers;
  /** All actions so far. */
  readonly received: Fields[];
  /** Takes actions and answers none. */
  silent: boolean;
  readonly connections: number;
  /** An event for everybody. */
  emit(event: Fields): void;
  /** Bytes for everybody, as they are. */
  write(text: string): void;
  /** Cuts all connections. */
  drop(): void;
  stop(): Promise<void>;
}

export function startAmiPeer(options?: {
  host?: string;
  port?: number;
  secret?: string;
  /** Default: Asterisk's, with its line end. */
  banner?: string;
  answers?: Answers;
}): Promise<AmiPeer>;

/** Answers about `count` phones; `addressOf` says where the i-th is. */
export function phones(count: number, addressOf: (i: number) => string): Answers;
