/** Values as Python: nothing from a file becomes code. */

/** A string literal in ASCII. */
export function pyString(text: string): string {
  const escaped = text.replace(/[^ !#-[\]-~]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** A number, as an int where it is one. */
export function pyNumber(value: number): string {
  if (Number.isNaN(value)) return "math.nan";
  if (!Number.isFinite(value)) return value > 0 ? "math.inf" : "-math.inf";
  return String(value);
}

export const pyBoolean = (value: boolean): string => (value ? "True" : "False");

export function pyTuple(values: readonly number[]): string {
  const [first] = values;
  return values.length === 1 && first !== undefined
    ? `(${pyNumber(first)},)`
    : `(${values.map(pyNumber).join(", ")})`;
}

/** One number where all are equal, as a person writes it. */
export function pySize(values: readonly number[]): string {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first)
    ? pyNumber(first)
    : pyTuple(values);
}

/** For comments and docstrings: printable, on one line, no quote and no backslash. */
export const pyComment = (text: string): string =>
  text.replace(/[^ !#-&(-[\]-~×→·–]/gu, "?").slice(0, 200);

const keywords = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield self x nn F torch math json struct".split(
    " ",
  ),
);

/** What `nn.Module` has already, as far as a layer may be called so. */
const taken = new Set(
  "forward training train eval half float double type cpu cuda to modules children parameters buffers apply add_module register_buffer register_parameter state_dict load_state_dict zero_grad requires_grad_ share_memory extra_repr dump_patches T_destination bfloat16 ipu xpu to_empty named_modules named_children named_parameters named_buffers get_submodule get_parameter get_buffer".split(
    " ",
  ),
);

/** A name that Python takes, made of any text; `used` has those that are taken, and gets this one. */
export function identifier(text: string, used: Set<string>): string {
  let name = text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40);
  if (name === "" || /^\d/.test(name)) name = `layer_${name}`.replace(/_$/, "");
  if (keywords.has(name) || taken.has(name)) name += "_";
  let unique = name;
  for (let count = 2; used.has(unique); count++) unique = `${name}_${count}`;
  used.add(unique);
  return unique;
}

/** Every line but the first further in. */
export const indented = (text: string, by: string): string => text.replace(/\n(?=.)/g, `\n${by}`);

/** An argument, and what a comment says behind it. */
export interface Argument {
  text: string;
  /** Printable, on one line; empty for none. */
  comment: string;
}

const comments = / {2}# [\d×{}, ]+$/gm;

/** `name(…)` on one line where it is short and without comments, else a line an argument. */
export function callText(name: string, args: readonly (string | Argument)[]): string {
  const all = args.map((each) => (typeof each === "string" ? { text: each, comment: "" } : each));
  const line = `${name}(${all.map(({ text }) => text).join(", ")})`;
  const isPlain = all.every(({ comment }) => comment === "");
  if (isPlain && line.length <= 60 && !line.includes("\n")) return line;
  const lines = all.map(({ text, comment }) => {
    const behind = comment === "" ? "" : `  # ${comment}`;
    return `    ${indented(text, "    ")},${behind}`;
  });
  return `${name}(\n${lines.join("\n")}\n)`;
}

/** Code without the comments of `callText`. */
export const withoutComments = (code: string): string => code.replace(comments, "");
