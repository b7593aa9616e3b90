import { expect, describe as group, it } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import { T7Error, type T7ErrorCode } from "../../wasm/js/base/errors.js";
import { schemaWords } from "../../wasm/js/index/schema.js";
import { statisticsRows, statisticsWords } from "../../web/src/inspector/panels/statistics-rows.js";
import { wordList } from "../../web/src/opening/schema-form.js";
import { problemOf } from "../../web/src/state/problem.js";
import { describe, isExpandable } from "../../web/src/words/describe.js";
import { factsOf } from "../../web/src/words/facts.js";

const node = (more: Partial<T7Node> & Pick<T7Node, "kind">): T7Node => ({
  id: 1,
  key: "k",
  offset: 4,
  preview: "",
  ...more,
});

const tensor = node({
  kind: "tensor",
  typename: "torch.FloatTensor",
  dtype: "float32",
  shape: [2, 3],
  strides: [1, 2],
  storageOffset: 4,
  contiguous: false,
  size: 6,
  byteLength: 24,
  storage: { id: 2, index: 3, length: 10, byteLength: 40, sharedBy: 3 },
});

group("a row", () => {
  it("of a tensor has element type and shape", () => {
    expect(describe(tensor, 0)).toMatchObject({ key: "k", type: "float32", fact: "2×3" });
    expect(describe({ ...tensor, size: 0, shape: [0] }, 0)).toMatchObject({
      type: "empty float32",
      tone: "empty",
    });
  });

  it("of a tensor cut off before its shape does not claim to be empty", () => {
    const cut = node({ kind: "tensor", dtype: "float32", incomplete: true, preview: "incomplete" });
    expect(describe(cut, 0)).toMatchObject({ type: "float32", fact: "" });
    expect(factsOf(cut).map((fact) => fact.text)).not.toContain("empty");
  });

  it("of an object has its class, and not twice", () => {
    const linear = node({ kind: "object", typename: "nn.Linear", preview: "nn.Linear" });
    expect(describe(linear, 0)).toMatchObject({ type: "nn.Linear", fact: "" });
  });

  it("of a top-level value is called as in paths", () => {
    const { key: _, ...root } = node({ kind: "nil", preview: "nil" });
    expect([describe(root, 0).key, describe(root, 1).key]).toEqual(["root", "roots[2]"]);
  });

  it("can be opened if something is inside, also of a back-reference", () => {
    expect(isExpandable(node({ kind: "table", count: 3 }))).toBe(true);
    expect(isExpandable(node({ kind: "table", count: 3, sameAs: 0 }))).toBe(true);
    expect(isExpandable(node({ kind: "table", count: 0 }))).toBe(false);
  });
});

group("the inspector's facts", () => {
  it("tell layout and sharing of a tensor", () => {
    const facts = factsOf(tensor).map((fact) => fact.text);
    expect(facts).toContain("torch.FloatTensor");
    expect(facts).toContain("not contiguous: strides 1, 2");
    expect(facts).toContain("storage shared with 2 others");
    expect(facts).toContain("part of a storage of 10 from element 4");
  });

  it("tell of damage and guesses", () => {
    const texts = factsOf(node({ kind: "table", incomplete: true, guessed: true })).map(
      (f) => f.text,
    );
    expect(texts).toContain("incomplete: not all of it was read");
    expect(texts).toContain("layout of this class was guessed");
  });
});

group("statistics", () => {
  const none = {
    nan: 0,
    posInf: 0,
    negInf: 0,
    zeros: 0,
    min: null,
    max: null,
    mean: null,
    std: null,
  };

  it("say in words what has no numbers", () => {
    expect(statisticsWords({ ...none, count: 0 })).toBe("An empty tensor: it has no elements.");
    expect(statisticsWords({ ...none, count: 3, nan: 3 })).toBe("No element is finite.");
    expect(statisticsWords({ ...none, count: 3, min: 2n, max: 2n })).toBe("Every element is 2.");
    expect(statisticsWords({ ...none, count: 3, min: 1, max: 2 })).toBe("");
  });

  it("mark what is not finite, and give whole numbers of 64 bits in full", () => {
    const rows = statisticsRows({ ...none, count: 4, nan: 1, min: 9007199254740993n, max: 1 });
    expect(rows.filter((row) => row.notFinite).map((row) => row.name)).toEqual(["NaN"]);
    expect(rows[1]).toMatchObject({ name: "min", text: "9,007,199,254,740,993" });
  });
});

group("a problem", () => {
  it("has three lines: what, where, what to do", () => {
    const error = new T7Error("truncated", "truncated: 12 bytes missing", {
      offset: 9188,
      path: "root.weight",
      found: "end of file",
      hint: "Copy the file again.",
    });
    expect(problemOf(error, "m.t7")).toEqual({
      what: "Truncated: 12 bytes missing.",
      where: "m.t7 · byte 9,188 · root.weight",
      todo: "Copy the file again.",
      details: [
        ["code", "truncated"],
        ["found", "end of file"],
        ["byte", "9188"],
        ["path", "root.weight"],
      ],
      isCancel: false,
      canRetryWithSchema: null,
      likelyByHand: false,
    });
  });

  it("is called by the second line's name once, and needs no place if it is the whole file", () => {
    const error = new T7Error("not_t7", "Model.h5 is not a .t7 file: it is an HDF5 file", {
      offset: 0,
      found: "an HDF5 file",
      expected: "a Torch7 .t7 file",
    });
    expect(problemOf(error, { name: "Model.h5", input: new Blob(), schema: "" })).toMatchObject({
      what: "This is not a .t7 file: it is an HDF5 file.",
      where: "Model.h5",
      canRetryWithSchema: null,
    });
  });

  it("is asked about with the words that the package knows", () => {
    expect(wordList).toBe(schemaWords.join(", "));
  });

  it("asks what the file holds where that may help", () => {
    const picked = { name: "m.t7", input: new Blob(), schema: "" };
    const asked = (code: T7ErrorCode, expected: string | null = null, file = picked) => {
      const { canRetryWithSchema, likelyByHand } = problemOf(
        new T7Error(code, "…", { expected }),
        file,
      );
      return [canRetryWithSchema === file, likelyByHand];
    };
    expect(asked("raw_values")).toEqual([true, true]);
    expect(asked("bad_type_code")).toEqual([true, false]);
    expect(asked("not_t7")).toEqual([true, false]);
    expect(asked("not_t7", "a Torch7 .t7 file")).toEqual([false, false]);
    expect(asked("truncated")).toEqual([false, false]);
    expect(asked("truncated", null, { ...picked, schema: "int" })).toEqual([true, true]);
  });

  it("does not say the place twice", () => {
    const details = { offset: 1039, path: "root.a", found: "2 bytes", expected: "8 bytes" };
    const message = "it ends at byte 1,039, in root.a: found 2 bytes, expected 8 bytes";
    expect(problemOf(new T7Error("truncated", message, details), "").what).toBe(
      "It ends: found 2 bytes.",
    );
    const short = new T7Error("truncated", "3 bytes are missing (from byte 1,039)", details);
    expect(problemOf(short, "").what).toBe("3 bytes are missing.");
  });

  it("is made of anything that can be thrown", () => {
    expect(problemOf("no", "m.t7")).toMatchObject({ what: "No.", where: "m.t7", todo: "" });
    expect(problemOf(undefined, "").what).toBe("Undefined.");
    expect(problemOf(new RangeError("x"), "").details).toEqual([["code", "internal"]]);
  });
});
