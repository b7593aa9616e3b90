import { describe, expect, it } from "vitest";
import type { PathStep } from "../../wasm/js/base/api.js";
import { T7Error } from "../../wasm/js/base/errors.js";
import { parsePath, printPath } from "../../wasm/js/base/path.js";
import { type ParentForm, toJavaScript, toLua, toPython } from "../../wasm/js/base/path-code.js";

const bytes = (...values: number[]) => new Uint8Array(values);

const examples: [string, PathStep[]][] = [
  ["root", []],
  ["root.name", ["name"]],
  ["root._x9.end", ["_x9", "end"]],
  ["root[3]", [3]],
  ["root[-1.5][0.1][1e+300][5e-324]", [-1.5, 0.1, 1e300, 5e-324]],
  ["root[inf][-inf][-0][0]", [Infinity, -Infinity, -0, 0]],
  ["root[9007199254740994]", [2 ** 53 + 2]],
  ['root["any string"][""]["1"]', ["any string", "", "1"]],
  ['root["a\\"b\\\\c\\n\\t\\0001"]', ['a"b\\c\n\t\x001']],
  ['root["größe 重み"]', ["größe 重み"]],
  ['root["\\226\\128\\174\\239\\187\\191\\194\\133"]', ["\u202e\ufeff\u0085"]],
  ['root["a\\255\\128 \\"\\195"]', [bytes(97, 255, 128, 32, 34, 195)]],
  ["root[true][false]", [true, false]],
  ["root.true[true]", ["true", true]],
  ["root[#12].x", [{ index: 12 }, "x"]],
  ['root.f.upvalues["n"].upvalues[2]', ["f", { upvalue: "n" }, { upvalue: 2 }]],
  ['root["upvalues"][2]', ["upvalues", 2]],
];

describe("printPath and parsePath", () => {
  it.each(examples)("%s", (text, steps) => {
    expect(printPath(steps)).toBe(text);
    expect(parsePath(text)).toEqual({ root: 1, steps });
  });

  it("names further top-level values", () => {
    expect(printPath(["a"], 2)).toBe("roots[2].a");
    expect(parsePath("roots[2].a")).toEqual({ root: 2, steps: ["a"] });
    expect(parsePath(" roots[ 12 ] ")).toEqual({ root: 12, steps: [] });
    expect(parsePath("root.roots[2]")).toEqual({ root: 1, steps: ["roots", 2] });
    expect(parsePath("roots.x")).toEqual({ root: 1, steps: ["roots", "x"] });
  });

  it.each([
    ["", []],
    ["weight", ["weight"]],
    ["modules[3].weight", ["modules", 3, "weight"]],
    [".weight", ["weight"]],
    ["[3]", [3]],
    ["rootless.root", ["rootless", "root"]],
    [" root [ 3 ] .x ", [3, "x"]],
    ["root['it\\'s']", ["it's"]],
    ['root["\\x41\\65\\066"]', ["AAB"]],
    ["root[+1.][.5e1]", [1, 5]],
    ["upvalues[2]", [{ upvalue: 2 }]],
    ["root.upvalues.x", ["upvalues", "x"]],
  ] as [string, PathStep[]][])("reads what people type: %s", (text, steps) => {
    expect(parsePath(text)).toEqual({ root: 1, steps });
  });

  it("takes an array of keys", () => {
    const steps: PathStep[] = ["a", 1, true, bytes(255), { index: 3 }, { upvalue: "x" }];
    expect(parsePath(steps)).toEqual({ root: 1, steps });
    expect(() => parsePath(["a", null as unknown as string])).toThrow("step 2 is not a key");
  });

  it.each([
    ["root.", "a name at character 6, found the end"],
    ["root..a", 'a name at character 6, found ".a"'],
    ["root[", "#12 at character 6"],
    ["root[3", "] at character 7, found the end"],
    ["root[#x]", "the number of an object at character 7"],
    ["root[1 2]", '] at character 8, found "2]"'],
    ['root["abc', 'a closing " at character 10'],
    ['root["\\q"]', "an escape such as \\n or \\065 at character 8"],
    ['root["\\999"]', "at character 8"],
    ["root x", ". or [ at character 6"],
    ["roots[0].a", "roots counted from 1 at character 1"],
    ["root.f.upvalues[true]", "the name or number of an upvalue at character 17"],
    ["root[truex]", "] at character 10"],
  ])("refuses %s and says where", (text, message) => {
    expect(() => parsePath(text)).toThrow(message);
    try {
      parsePath(text);
    } catch (error) {
      expect(error).toBeInstanceOf(T7Error);
      expect((error as T7Error).code).toBe("bad_path");
      expect((error as T7Error).path).toBe(text);
    }
  });

  it("gives back every step of seeded random paths", () => {
    let seed = 12345;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * n);
    };
    const alphabet = [
      "a",
      "_",
      "9",
      '"',
      "\\",
      "'",
      "\n",
      "\0",
      "]",
      "é",
      "重",
      "😀",
      "\u2028",
      "root",
    ];
    const text = () =>
      Array.from({ length: random(6) }, () => alphabet[random(alphabet.length)]).join("");
    const double = () => {
      const view = new DataView(new ArrayBuffer(8));
      view.setUint32(0, random(2 ** 32));
      view.setUint32(4, random(2 ** 32));
      const value = view.getFloat64(0);
      return Number.isNaN(value) ? -Infinity : value;
    };
    const makers: (() => PathStep)[] = [
      text,
      text,
      () => random(1000) - 10,
      double,
      () => random(2) === 0,
      // 0xff is in no valid UTF-8.
      () => Uint8Array.from([255, ...Array.from({ length: random(5) }, () => random(256))]),
      () => ({ index: random(1e6) }),
      () => ({ upvalue: text() }),
      () => ({ upvalue: 1 + random(60) }),
    ];
    for (let round = 0; round < 3000; round++) {
      const steps = Array.from({ length: random(6) }, () => makers[random(makers.length)]());
      const root = 1 + random(3);
      const printed = printPath(steps, root);
      expect(parsePath(printed)).toEqual({ root, steps });
      expect(/[\p{Cc}\u2028]/u.test(printed)).toBe(false);
    }
  });
});

describe("paths as code", () => {
  const write = (text: string, ...parents: ParentForm[]) => {
    const path = parsePath(text);
    return [toJavaScript(path, parents), toLua(path), toPython(path, parents)];
  };

  it.each([
    [
      ["root.modules[4].weight", "torch", "list", "torch"],
      ["root.modules[3].weight", "root.modules[4].weight", "root.modules[3].weight"],
    ],
    [
      ["root[7]", "object"],
      ["root[7]", "root[7]", "root[7]"],
    ],
    [
      ["root[7]", "map"],
      ["root.get(7)", "root[7]", "root[7]"],
    ],
    [
      ["root[true]", "map"],
      ["root.get(true)", "root[true]", "root[True]"],
    ],
    [
      ["root[false]", "torch"],
      ["fields(root).get(false)", "root[false]", "root._obj[False]"],
    ],
    [
      ["root.x", "map"],
      ['root.get("x")', "root.x", "root.x"],
    ],
    [
      ['root["odd \\"key"]', "object"],
      ['root["odd \\"key"]', 'root["odd \\"key"]', 'root[b"odd \\"key"]'],
    ],
    [
      ["root.end", "object"],
      ["root.end", 'root["end"]', "root.end"],
    ],
    [
      ["root.class", "object"],
      ["root.class", "root.class", 'root[b"class"]'],
    ],
    [
      ["root.class", "torch"],
      ["root.class", "root.class", 'root._obj[b"class"]'],
    ],
    [
      ['root["é"]', "object"],
      ['root["é"]', 'root["é"]', 'root[b"\\xc3\\xa9"]'],
    ],
    [
      ['root["\\255"]', "map"],
      [null, 'root["\\255"]', 'root[b"\\xff"]'],
    ],
    [
      ["root[inf]", "map"],
      ["root.get(Infinity)", "root[math.huge]", 'root[float("inf")]'],
    ],
    [
      ["root[#3].x", "map", "object"],
      [null, null, null],
    ],
    [
      ["root.f.upvalues[2].x", "object", "function", "object"],
      ["root.f.upvalues[1].value.x", "select(2, debug.getupvalue(root.f, 2)).x", null],
    ],
    [
      ['root.upvalues["n"]', "function"],
      ['root.upvalues.find((u) => u.name === "n").value', null, null],
    ],
    [
      ["roots[2].x", "object"],
      ["roots[1].x", "roots[2].x", null],
    ],
  ] as [[string, ...ParentForm[]], (string | null)[]][])("%s", (input, expected) => {
    expect(write(...input)).toEqual(expected);
  });
});
