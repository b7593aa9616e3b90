/** What passes through a network, in words. Pure. */

import type { NetworkShape, NetworkShapes } from "../../../../wasm/js/worker/client.js";

/** `64×112×112`; tables in braces. */
export function shapeWords(shape: NetworkShape): string {
  const [first] = shape;
  if (first === undefined || typeof first === "number") return shape.join("×");
  return `{${(shape as NetworkShape[]).map(shapeWords).join(", ")}}`;
}

/** `15.5 G multiply-adds` */
export function costWords(count: number): string {
  for (const [unit, size] of [
    ["T", 1e12],
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (count >= size) return `${Number((count / size).toPrecision(3))} ${unit} multiply-adds`;
  }
  return `${count} multiply-adds`;
}

/** `3×224×224 (inferred) → 1000 · 15.5 G multiply-adds`; empty where nothing is known. */
export function networkSentence(shapes: NetworkShapes): string {
  const { input, inferred, output, multiplyAdds } = shapes;
  if (input === null || output === null) return "";
  const cost = multiplyAdds ? ` · ${costWords(multiplyAdds)}` : "";
  return `${shapeWords(input)}${inferred ? " (inferred)" : ""} → ${shapeWords(output)}${cost}`;
}
