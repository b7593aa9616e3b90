/** How the command ends, as scripts rely on it. */

export const exitCode = {
  fine: 0,
  /** The answer is "no": the files differ, the file is damaged, nothing was found. */
  no: 1,
  /** The command could not be carried out: wrong usage, a file that cannot be read or written. */
  failed: 2,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

/** A mistake in how the command was called: `hint` says what to type instead. */
export class UsageError extends Error {
  override name = "UsageError";
  constructor(
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message);
  }
}
