/** `nn.gModule` as a class whose forward follows the edges of the graph. */

import { bareName } from "../nn/print-rules.js";
import { NnModule, NnTable } from "../nn/values.js";
import { contradiction } from "./code-writer.js";
import { identifier, pyComment } from "./python-text.js";
import type { TwinContext } from "./twins.js";

/** One node of the graph: where its inputs come from, and what it does. */
interface GraphNode {
  data: NnTable;
  inputs: NnTable[];
  module: NnModule | undefined;
  /** Of a table: which element it takes, from 1. */
  select: number | undefined;
}

const table = (value: unknown): NnTable | undefined =>
  value instanceof NnTable ? value : undefined;

function nodesOf(graph: NnModule): GraphNode[] {
  const list = table(graph.get("forwardnodes"))?.list ?? [];
  return list.map((node) => {
    const data = table(node)?.get("data");
    if (!(data instanceof NnTable)) throw contradiction(graph, "a node has no data", "a table");
    const inputs = (table(data.get("mapindex"))?.list ?? []).filter(
      (each) => each instanceof NnTable,
    );
    const module = data.get("module");
    const select = data.get("selectindex");
    return {
      data,
      inputs,
      module: module instanceof NnModule ? module : undefined,
      select: typeof select === "number" ? select : undefined,
    };
  });
}

/** The name that its author gave a node, or its class. */
function nodeName({ data, module }: GraphNode): string {
  const name = table(data.get("annotations"))?.get("name");
  if (typeof name === "string" && name !== "") return name;
  return module === undefined
    ? "x"
    : bareName(module.typename)
        .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
        .toLowerCase();
}

/** The lines of `__init__` and `forward`. */
export function graphBody(
  graph: NnModule,
  child: TwinContext["child"],
  outputs: (module: NnModule) => string | undefined,
): { init: string[]; forward: string[] } {
  const nodes = nodesOf(graph);
  if (nodes.length === 0) throw contradiction(graph, "forwardnodes is empty or missing", "nodes");
  const used = new Set<string>(["x", "self"]);
  const attributes = new Map<NnModule, string>();
  const values = new Map<NnTable, string>();
  const init: string[] = [];
  const forward: string[] = [];
  for (const [at, node] of nodes.entries()) {
    const inputs = node.inputs.map((input) => {
      const value = values.get(input);
      if (value !== undefined) return value;
      throw contradiction(
        graph,
        `the edge to node ${at + 1} comes from no node before it`,
        "an order in which it can be run",
      );
    });
    const input =
      inputs.length === 0
        ? "x"
        : inputs.length === 1
          ? (inputs[0] as string)
          : `[${inputs.join(", ")}]`;
    if (node.select !== undefined) {
      const name = identifier(`${/^\w+$/.test(input) ? input : "x"}_${node.select}`, used);
      forward.push(`${name} = ${input}[${node.select - 1}]`);
      values.set(node.data, name);
    } else if (node.module !== undefined) {
      let attribute = attributes.get(node.module);
      if (attribute === undefined) {
        attribute = identifier(nodeName(node), used);
        attributes.set(node.module, attribute);
        init.push(`self.${attribute} = ${child(node.module, attribute)}`);
      }
      const name =
        values.has(node.data) || forward.some((line) => line.startsWith(`${attribute} = `))
          ? identifier(attribute, used)
          : attribute;
      const shape = outputs(node.module);
      const behind = shape === undefined ? "" : `  # ${shape}`;
      forward.push(`${name} = self.${attribute}(${input})${behind}`);
      values.set(node.data, name);
    } else {
      values.set(node.data, input);
    }
  }
  const last = nodes.at(-1) as GraphNode;
  const result = values.get(last.data) as string;
  forward.push(`return ${result}`);
  return { init, forward };
}

export const graphComment = (graph: NnModule): string => pyComment(graph.path);
