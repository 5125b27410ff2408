/**
 * Owns what a supervisor has to know about one kind of server: how its folder is made and how it is started in it.
 * It must never know when that happens, or who connects.
 */
export interface Launch {
  readonly file: string;
  readonly arguments: readonly string[];
  /** Whom the process runs as; ours when missing. */
  readonly identity?: { readonly uid: number; readonly gid: number };
  /** What it prints once it answers. */
  readonly ready: RegExp;
}

export interface Program {
  /** Makes the folder with an empty database in it; called once. */
  prepare(): Promise<void>;
  /** How to start the server in that folder; called again for each restart. */
  launch(): Promise<Launch>;
}

/** What both kinds are started with; plain data, since it travels to another process. */
export interface ProgramOptions {
  /** Empty, and the server's own. */
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Further arguments of the server program. */
  readonly flags: readonly string[];
}
