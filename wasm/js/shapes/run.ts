/** Follows a shape through a network, module by module. */

import { bareName } from "../nn/print-rules.js";
import { isTensor, NnModule, NnTable } from "../nn/values.js";
import { convolutionRules } from "./convolution-rules.js";
import {
  listOf,
  type ModuleShape,
  type NetworkShape,
  type ShapeRun,
  UnknownShape,
  unknown,
} from "./flow.js";
import { plainRules, shapeRules } from "./shape-rules.js";

/** Deepest nesting of modules that is followed. */
const deepest = 200;
/** Calls of modules in one run: beyond, it is no network that anybody runs. */
const mostCalls = 100_000;

export interface RunResult {
  output: NetworkShape;
  multiplyAdds: number;
  /** In the order in which they are called; what is in them comes before. */
  modules: Map<NnModule, ModuleShape>;
}

class Run implements ShapeRun {
  readonly modules = new Map<NnModule, ModuleShape>();
  private readonly inputs = new Map<NnModule, NetworkShape>();
  private readonly within: NnModule[] = [];
  private total = 0;
  private calls = 0;

  child(module: NnModule | undefined, input: NetworkShape): NetworkShape {
    if (module === undefined) {
      throw unknown(this.within.at(-1) as NnModule, "a module inside it is missing");
    }
    this.calls += 1;
    if (this.within.length >= deepest || this.calls > mostCalls || this.within.includes(module)) {
      throw unknown(module, "a network too deep or too long to follow");
    }
    this.within.push(module);
    const before = this.total;
    this.inputs.set(module, input);
    const output = ruleOf(module)(module, input, this);
    this.within.pop();
    checkSize(module, output);
    const known = this.modules.get(module);
    const multiplyAdds = this.total - before + (known?.multiplyAdds ?? 0);
    if (known !== undefined) known.multiplyAdds = multiplyAdds;
    else {
      const { path, typename } = module;
      this.modules.set(module, { path, typename, output, multiplyAdds });
    }
    return output;
  }

  multiplyAdds(count: number): void {
    this.total += count;
  }

  inputOf(pooling: NnModule | undefined): NetworkShape | undefined {
    return pooling && this.inputs.get(pooling);
  }

  rowsOf(module: NnModule, field: string): number {
    const table = module.get(field);
    return isTensor(table) ? (table.node.shape?.[0] ?? 0) : 0;
  }

  get result(): number {
    return this.total;
  }
}

/** Sizes are whole, positive and not beyond what can be counted. */
function checkSize(module: NnModule, output: NetworkShape): void {
  for (const size of output) {
    if (typeof size === "number" && !(Number.isSafeInteger(size) && size >= 1)) {
      throw unknown(module, `its output would be ${output.join("×")}`);
    }
  }
}

function ruleOf(module: NnModule) {
  const name = bareName(module.typename);
  if (name === "gModule") return graph;
  const rule =
    plainRules.get(name) ??
    (Object.hasOwn(convolutionRules, name) ? convolutionRules[name] : undefined) ??
    (Object.hasOwn(shapeRules, name) ? shapeRules[name] : undefined);
  if (rule === undefined) throw unknown(module, "how this class changes shapes is not known");
  return rule;
}

/** The nodes of a graph in the order in which Torch runs them. */
function graph(module: NnModule, input: NetworkShape, run: ShapeRun): NetworkShape {
  const nodes = module.get("forwardnodes");
  const values = new Map<NnTable, NetworkShape>();
  let last = input;
  for (const node of nodes instanceof NnTable ? nodes.list : []) {
    const data = node instanceof NnTable ? node.get("data") : undefined;
    if (!(data instanceof NnTable)) throw unknown(module, "a node without data");
    const edges = data.get("mapindex");
    const sources = (edges instanceof NnTable ? edges.list : []).map((edge) => {
      const value = edge instanceof NnTable ? values.get(edge) : undefined;
      if (value === undefined) throw unknown(module, "an edge from no node before it");
      return value;
    });
    const given =
      sources.length === 0 ? input : sources.length === 1 ? (sources[0] as NetworkShape) : sources;
    const select = data.get("selectindex");
    const inner = data.get("module");
    if (typeof select === "number") {
      const chosen = listOf(module, given)[select - 1];
      if (chosen === undefined) throw unknown(module, `a table without entry ${select}`);
      last = chosen;
    } else last = inner instanceof NnModule ? run.child(inner, given) : given;
    values.set(data, last);
  }
  return last;
}

/** What comes out of a network for an input; throws `UnknownShape`. */
export function runNetwork(network: NnModule, input: NetworkShape): RunResult {
  const run = new Run();
  try {
    const output = run.child(network, input);
    return { output, multiplyAdds: run.result, modules: run.modules };
  } catch (error) {
    if (error instanceof UnknownShape) error.modules = run.modules;
    throw error;
  }
}
