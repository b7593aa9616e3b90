/** From a module to the expression that builds its twin, with its parameters named on the way. */

import { bareName } from "../nn/print-rules.js";
import { NnModule, NnTable } from "../nn/values.js";
import { CodeWriter, contradiction } from "./code-writer.js";
import { graphBody, graphComment } from "./graph-class.js";
import { callText, identifier, indented, pyString } from "./python-text.js";
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
}

class Converter {
  private readonly path: NnModule[] = [];
  private readonly shared = new Map<NnModule, string>();
  /** Class names by the body of the class. */
  private readonly forms = new Map<string, string>();
  readonly survey: Survey = { visits: new Map(), matters: new Set(), pooled: new Set() };

  constructor(
    readonly writer: CodeWriter,
    private readonly rows: Rows,
    private readonly known: Survey | null,
  ) {}

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
        const texts = children.map((each, at) => child(each, String(at)));
        return callText(name, [...args, ...loops(texts)]);
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

  private graph(module: NnModule, prefix: string): string {
    const { child } = this.context(module, prefix);
    const { init, forward } = graphBody(module, child);
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

/** Converts a network. Throws `bad_network` where it contradicts itself. */
export function networkCode(module: NnModule, rows: Rows): NetworkCode {
  const first = new Converter(new CodeWriter(), rows, null);
  first.convert(module, "");
  const writer = new CodeWriter();
  const second = new Converter(writer, rows, first.survey);
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
function loops(texts: readonly string[]): string[] {
  const items: string[] = [];
  for (let at = 0; at < texts.length; ) {
    const text = texts[at] as string;
    let end = at + 1;
    while (texts[end] === text) end++;
    const isRun = end - at >= 3 && text.includes("(");
    if (isRun) items.push(`*(${text} for _ in range(${end - at}))`);
    else items.push(...texts.slice(at, end));
    at = end;
  }
  return items;
}
