/** From a module to the expression that builds its twin, with its parameters named on the way. */

import { bareName } from "../nn/print-rules.js";
import { NnModule, NnTable } from "../nn/values.js";
import { CodeWriter, contradiction } from "./code-writer.js";
import { graphBody, graphComment } from "./graph-class.js";
import {
  type Argument,
  callText,
  identifier,
  indented,
  pyComment,
  pyString,
  withoutComments,
} from "./python-text.js";
import { type TwinContext, twins } from "./twins.js";

/** Deepest nesting: Python reads no deeper expressions. */
const DEEPEST = 40;

/** Modules of the largest network. */
const MOST = 100_000;

export interface NetworkCode {
  writer: CodeWriter;
  /** The expression of the whole. */
  expression: string;
}

type Rows = (module: NnModule, field: string) => number[][] | undefined;

/** What the first of two walks found out. */
interface Survey {
  /** How often a module is met; what is in it is looked at once. */
  visits: Map<NnModule, number>;
  /** Modules with parameters or memory in them: being two things or one makes a difference. */
  matters: Set<NnModule>;
  pooled: Set<NnModule>;
  /** What each module has in it, and the code of containers, for finding what repeats. */
  inside: Map<NnModule, NnModule[]>;
  texts: Map<NnModule, string>;
}

/** Shapes of outputs, as far as they are known. */
export type Outputs = (module: NnModule) => string | undefined;

class Converter {
  private readonly path: NnModule[] = [];
  private readonly shared = new Map<NnModule, string>();
  /** Class names by the body of the class. */
  private readonly forms = new Map<string, string>();
  readonly survey: Survey = {
    visits: new Map(),
    matters: new Set(),
    pooled: new Set(),
    inside: new Map(),
    texts: new Map(),
  };
  /** Code of containers that is there more than once. */
  private readonly repeated: ReadonlySet<string>;

  constructor(
    readonly writer: CodeWriter,
    private readonly rows: Rows,
    private readonly known: Survey | null,
    private readonly outputs: Outputs,
    start: NnModule,
  ) {
    this.repeated = known === null ? new Set() : repeatedTexts(known, start);
  }

  convert(module: NnModule, prefix: string): string {
    const visits = (this.survey.visits.get(module) ?? 0) + 1;
    this.survey.visits.set(module, visits);
    if (this.survey.visits.size > MOST) {
      throw contradiction(module, "a network of too many modules", `at most ${MOST}`);
    }
    if (this.path.includes(module)) {
      throw contradiction(module, "a module inside itself", "a tree of modules");
    }
    if (this.path.length >= DEEPEST) {
      throw contradiction(module, `modules ${DEEPEST} levels deep`, "what Python can read");
    }
    const name = this.shared.get(module);
    if (name !== undefined) return name;
    const parent = this.path.at(-1);
    if (parent !== undefined) {
      const siblings = this.survey.inside.get(parent);
      if (siblings === undefined) this.survey.inside.set(parent, [module]);
      else siblings.push(module);
    }
    if (visits > 1 && this.known === null) return "…";
    this.path.push(module);
    const before = this.writer.parameters.length + this.writer.ties.length;
    const code = this.expression(module, prefix);
    const hasParameters = this.writer.parameters.length + this.writer.ties.length > before;
    this.path.pop();
    if (hasParameters || code.includes("Recurrent(")) this.survey.matters.add(module);
    return this.isVariable(module) ? this.variable(module, code) : code;
  }

  private isVariable(module: NnModule): boolean {
    if (this.known === null) return false;
    const { visits, matters, pooled } = this.known;
    return pooled.has(module) || ((visits.get(module) ?? 0) > 1 && matters.has(module));
  }

  private variable(module: NnModule, code: string): string {
    const name = identifier(`shared_${bareName(module.typename).toLowerCase()}`, this.writer.names);
    this.writer.statements.push(`${name} = ${code}`);
    this.shared.set(module, name);
    return name;
  }

  private expression(module: NnModule, prefix: string): string {
    const name = bareName(module.typename);
    if (name === "gModule") return this.graph(module, prefix);
    const twin = Object.hasOwn(twins, name) ? twins[name] : undefined;
    const refusal = refusalOf(module);
    if (twin === undefined || refusal !== null) {
      return this.stub(module, refusal ?? "no twin in PyTorch is known");
    }
    return twin(module, this.context(module, prefix));
  }

  /** A module that fails when it is called, and says what it stands for. */
  private stub(module: NnModule, reason: string): string {
    const { path, typename } = module;
    this.writer.unsupported.push({ path, typename, reason });
    const helper = this.writer.helper("Unsupported");
    return `${helper}(${pyString(typename)}, ${pyString(path)})`;
  }

  private context(parent: NnModule, prefix: string): TwinContext {
    const child: TwinContext["child"] = (module, name) => {
      if (module === undefined) throw contradiction(parent, "a module is missing", "a module");
      return this.convert(module, name === "" ? prefix : `${prefix}${name}.`);
    };
    return {
      writer: this.writer,
      prefix,
      child,
      call: (name, args, children) => {
        checkModules(parent);
        const items = children.map((each, at) => ({
          text: child(each, String(at)),
          comment: this.outputs(each) ?? "",
        }));
        return this.container(parent, name, callText(name, [...args, ...loops(items)]));
      },
      poolingOf: (module) => {
        const pool = module.module("pooling");
        if (pool === undefined) return null;
        this.survey.pooled.add(pool);
        return this.known === null ? "…" : (this.shared.get(pool) ?? null);
      },
      keepsIndices: (module) => this.known?.pooled.has(module) === true,
      rows: this.rows,
    };
  }

  /** The code of a container, or of a class for it where it repeats. */
  private container(module: NnModule, base: string, code: string): string {
    const text = withoutComments(code);
    this.survey.texts.set(module, text);
    const first = this.known?.texts.get(module);
    if (first === undefined || !this.repeated.has(first)) return code;
    const needs = this.argumentsIn(text);
    const known = this.forms.get(text);
    if (known !== undefined) return `${known}(${needs.join(", ")})`;
    const name = identifier(blockName(module), this.writer.names);
    this.forms.set(text, name);
    const inner = text.replace(base, "super().__init__");
    this.writer.classes.push(
      [
        `class ${name}(${base}):`,
        `    """${pyComment(module.path)} and others like it."""`,
        "",
        `    def __init__(${["self", ...needs].join(", ")}):`,
        `        ${indented(inner, "        ")}`,
        "",
      ].join("\n"),
    );
    return `${name}(${needs.join(", ")})`;
  }

  private graph(module: NnModule, prefix: string): string {
    const { child } = this.context(module, prefix);
    // Graphs inside may be there several times, with other shapes.
    const outputs = this.path.length === 1 ? this.outputs : () => undefined;
    const { init, forward } = graphBody(module, child, outputs);
    const needs = this.argumentsIn(init.join("\n"));
    const signature = ["self", ...needs].join(", ");
    // Graphs of one form are one class.
    const form = [...init, "", ...forward].join("\n");
    const same = this.forms.get(form);
    if (same !== undefined) return `${same}(${needs.join(", ")})`;
    const given = module.get("name");
    const wanted = typeof given === "string" && given !== "" ? given : "Graph";
    const name = identifier(wanted, this.writer.names);
    this.forms.set(form, name);
    this.writer.classes.push(
      [
        `class ${name}(nn.Module):`,
        `    """${graphComment(module)}"""`,
        "",
        `    def __init__(${signature}):`,
        "        super().__init__()",
        ...init.map((line) => `        ${indented(line, "        ")}`),
        "",
        "    def forward(self, x):",
        ...forward.map((line) => `        ${line}`),
        "",
      ].join("\n"),
    );
    return `${name}(${needs.join(", ")})`;
  }

  /** Variables of the surroundings that code in a class is given. */
  private argumentsIn(code: string): string[] {
    const names = [...this.shared.values(), "zero_based"];
    return names.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  }
}

/** All that is in `modules` must be a module: nothing is skipped in silence. */
function checkModules(module: NnModule): void {
  const list = module.get("modules");
  const count = list instanceof NnTable ? list.entries.size : 0;
  if (!(list instanceof NnTable) || module.modules().length !== count) {
    throw contradiction(module, "modules is no list of modules", "a list of modules");
  }
}

/** Forms of a class that its row does not cover; said by name, never run wrongly. */
function refusalOf(module: NnModule): string | null {
  const name = bareName(module.typename);
  const isCudnn = module.typename.startsWith("cudnn.");
  if (!isCudnn && !/^(nn|cunn)\./.test(module.typename)) return "a class of another package";
  if (isCudnn && /^B?(RNN|LSTM|GRU)|RNN/.test(name)) return "weights packed by cuDNN";
  const is = (field: string) => module.get(field) === true;
  if (/^Seq(LSTM|GRU)/.test(name) && (is("maskzero") || module.tensor("weightO"))) {
    return "masks or projections";
  }
  if (/^(FastLSTM|LSTM|GRU)$/.test(name) && (module.number("p") ?? 0) > 0 && is("mono")) {
    return "dropout that is the same in every step";
  }
  const remembers = module.get("_remember");
  if (name === "Sequencer" && typeof remembers === "string" && /eval|both/.test(remembers)) {
    return "memory from one sequence to the next";
  }
  for (const method of ["updateOutput", "forward"]) {
    if (module.entries.has(method) && name !== "Copy") return `a ${method} of its own, in Lua`;
  }
  return null;
}

/** Lines of the shortest code that is worth a class. */
const FEWEST_LINES = 5;

/** Code of containers that comes more than once; what is inside such code counts once. */
function repeatedTexts({ texts, inside }: Survey, start: NnModule): Set<string> {
  const counts = new Map<string, number>();
  const waiting = [start];
  const seen = new Set<NnModule>();
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    const text = texts.get(module);
    if (text !== undefined && text.split("\n").length >= FEWEST_LINES) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
      if ((counts.get(text) as number) > 1) continue;
    }
    if (seen.has(module)) continue;
    seen.add(module);
    waiting.push(...(inside.get(module) ?? []));
  }
  return new Set([...counts].filter(([, count]) => count > 1).map(([text]) => text));
}

/** What a person would call such a part. */
function blockName(module: NnModule): string {
  const names = module.modules().map(({ typename }) => bareName(typename));
  const isResidual = names.some(
    (name, at) => name === "ConcatTable" && names[at + 1] === "CAddTable",
  );
  if (isResidual) return "Residual";
  return /^(Concat|DepthConcat)$/.test(bareName(module.typename)) ? "Branches" : "Block";
}

/** Converts a network. Throws `bad_network` where it contradicts itself. */
export function networkCode(module: NnModule, rows: Rows, outputs: Outputs): NetworkCode {
  const first = new Converter(new CodeWriter(), rows, null, outputs, module);
  first.convert(module, "");
  const writer = new CodeWriter();
  const second = new Converter(writer, rows, first.survey, outputs, module);
  return { writer, expression: second.convert(module, "") };
}

/** All modules that a value leads to, in no order that matters. */
export function modulesBelow(start: NnTable): NnModule[] {
  const seen = new Set<NnTable>([start]);
  const waiting = [start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const pair of next.entries) {
      for (const value of pair) {
        if (!(value instanceof NnTable) || seen.has(value)) continue;
        seen.add(value);
        waiting.push(value);
      }
    }
  }
  return [...seen].filter((table) => table instanceof NnModule);
}

/** Runs of one text as a loop. */
function loops(items: readonly Argument[]): Argument[] {
  const grouped: Argument[] = [];
  for (let at = 0; at < items.length; ) {
    const { text, comment } = items[at] as Argument;
    let end = at + 1;
    while (items[end]?.text === text && items[end]?.comment === comment) end++;
    const isRun = end - at >= 3 && text.includes("(");
    if (isRun) grouped.push({ text: `*(${text} for _ in range(${end - at}))`, comment });
    else grouped.push(...items.slice(at, end));
    at = end;
  }
  // A shape is said where it changes.
  return grouped.map(({ text, comment }, at) => ({
    text,
    comment: comment === grouped[at - 1]?.comment ? "" : comment,
  }));
}
