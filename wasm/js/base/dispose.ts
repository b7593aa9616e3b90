/** `Symbol.asyncDispose`, or where the engine has none yet a symbol that nobody asks for. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol("asyncDispose");
