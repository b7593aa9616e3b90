/** The command `torchfile`: each command on real files, at a terminal of 80 columns and piped. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import "../../wasm/js/index.node.js";
import { main } from "../../wasm/js/cli/main.js";
import { widthOf } from "../../wasm/js/cli/output/terminal.js";
import { commands } from "../../wasm/js/cli/table.js";
import { Bytes } from "./bytes.js";

const colours = /\p{Cc}\[\d+m/gu;

const fixture = (name: string) => `testfiles_x86_64/${name}.t7`;
const checkpoint = fixture("checkpoint_training");
const captions = fixture("captions_table");

class Sink extends Writable {
  readonly chunks: Buffer[] = [];
  columns?: number;
  constructor(readonly isTTY: boolean) {
    super();
    if (isTTY) this.columns = 80;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.chunks.push(chunk);
    done();
  }
  get text() {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}

interface Run {
  code: number;
  out: string;
  err: string;
}

async function run(
  words: string[],
  { tty = false, input = [] as Uint8Array[] } = {},
): Promise<Run> {
  const stdout = new Sink(tty);
  const stderr = new Sink(false);
  async function* stdin() {
    yield* input;
  }
  const streams = { stdin: stdin(), stdout, stderr } as never;
  const code = await main(words, streams, new AbortController().signal, "1.2.3");
  return { code, out: stdout.text, err: stderr.text };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "torchfile-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A binary file: type codes and counts little-endian, as `docs/format.md` has them. */
class File {
  private readonly parts: Buffer[] = [];
  int(value: number) {
    const part = Buffer.alloc(4);
    part.writeInt32LE(value);
    this.parts.push(part);
    return this;
  }
  number(value: number) {
    const part = Buffer.alloc(8);
    part.writeDoubleLE(value);
    this.int(1).parts.push(part);
    return this;
  }
  text(value: string | Buffer) {
    const bytes = Buffer.from(value as string);
    this.int(2).int(bytes.length).parts.push(bytes);
    return this;
  }
  table(index: number, pairs: number) {
    return this.int(3).int(index).int(pairs);
  }
  save(name: string) {
    const path = join(folder, name);
    writeFileSync(path, Buffer.concat(this.parts));
    return path;
  }
}

describe("summary", () => {
  it("says what the file is and shows the first levels", async () => {
    const { code, out, err } = await run([checkpoint]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(
      "checkpoint_training.t7  11 KB   Torch7 binary · little endian · 8-byte longs\n",
    );
    expect(out).toContain("66 objects · 27 tensors · 21 storages of 5.9 KB\n");
    expect(out).toContain("│ ├ total_weight_tensor  float32 1  4 B\n");
    expect(out).toContain("│ └ [4…10]  7 × number\n");
  });

  it("keeps to the width of the terminal, in colour only there", async () => {
    const surroundings = { NO_COLOR: "", FORCE_COLOR: "", TERM: "xterm" };
    for (const [name, value] of Object.entries(surroundings)) vi.stubEnv(name, value);
    const { out } = await run([checkpoint], { tty: true });
    expect(out).toMatch(colours);
    for (const line of out.replace(colours, "").split("\n")) {
      expect(widthOf(line), line).toBeLessThanOrEqual(80);
    }
    expect((await run([checkpoint])).out).not.toMatch(colours);
    expect((await run([checkpoint, "--color", "always"])).out).toMatch(colours);
    expect((await run([checkpoint, "--color", "never"], { tty: true })).out).not.toMatch(colours);
    vi.stubEnv("NO_COLOR", "1");
    expect((await run([checkpoint], { tty: true })).out).not.toMatch(colours);
    vi.unstubAllEnvs();
  });

  it("is one JSON document if asked", async () => {
    const { out } = await run([checkpoint, "--json"]);
    const document = JSON.parse(out);
    expect(document.format.byteOrder).toBe("little");
    expect(document.totals.tensors).toBe(27);
    expect(document.roots[0].count).toBe(11);
  });

  it("reads standard input", async () => {
    const { out } = await run(["-"], { input: [readFileSync(captions)] });
    expect(out).toContain("standard input");
    expect(out).toContain("uint8 4×20");
  });
});

describe("tree", () => {
  it("shows all levels, and every sibling if told to", async () => {
    const folded = await run(["tree", checkpoint]);
    expect(folded.out).toContain("model");
    expect(folded.out).not.toContain("[10]");
    const whole = await run(["tree", checkpoint, "--no-fold"]);
    expect(whole.out).toContain("[10]");
  });

  it("begins at a path and stops at a depth", async () => {
    const { out } = await run(["tree", captions, "word", "--depth", "1"]);
    expect(out.split("\n")).toEqual([
      "root.word  list of 3",
      '├ [1]  "a bird with red wings"',
      '├ [2]  "this bird is small"',
      '└ [3]  "a yellow beak"',
      "",
    ]);
  });

  it("is rows that can be compared: no offset, no number of an object", async () => {
    const plain = await run(["tree", captions, "--plain"]);
    const bigEndian = await run(["tree", fixture("captions_table.be"), "--plain"]);
    expect(bigEndian.out).toBe(plain.out);
    const [head, first] = plain.out.split("\n");
    expect(head).toBe("path\tkind\ttype\tshape\tbytes\tvalue");
    expect(first).toBe("root\ttable\t\t\t\ttable of 4");
    const rows = (await run(["tree", captions, "--jsonl"])).out.trim().split("\n");
    expect(rows.map((row) => JSON.parse(row).path)).toContain("root.word[3]");
  });

  it("ends in graphs that contain themselves", async () => {
    const { out } = await run(["tree", fixture("class_recursive")]);
    expect(out).toMatch(/= #\d/);
  });

  it("needs no stack for deep files", async () => {
    const { out, code } = await run(["tree", fixture("deep_chain_200"), "--plain"]);
    expect(code).toBe(0);
    expect(out.split("\n").length).toBeGreaterThan(200);
  });
});

describe("paths", () => {
  const at = async (path: string) =>
    (await run(["tree", checkpoint, path, "--depth", "0", "--plain"])).out
      .split("\n")
      .slice(1, -1)
      .map((row) => row.split("\t")[0]);

  it("may be whole, without root, a unique end, or a pattern", async () => {
    expect(await at("root.model.modules[1].weight")).toEqual(["root.model.modules[1].weight"]);
    expect(await at("model.modules[1].weight")).toEqual(["root.model.modules[1].weight"]);
    expect(await at("modules[1].weight")).toEqual(["root.model.modules[1].weight"]);
    expect(await at("**.weight")).toEqual([
      "root.model.modules[1].weight",
      "root.model.modules[3].weight",
    ]);
    expect(await at("modules[*].bias")).toEqual([
      "root.model.modules[1].bias",
      "root.model.modules[3].bias",
    ]);
    expect(await at("modules[1].grad*")).toEqual([
      "root.model.modules[1].gradInput",
      "root.model.modules[1].gradWeight",
      "root.model.modules[1].gradBias",
    ]);
  });

  it("that mean several things are named, for a command that takes one", async () => {
    const { code, err } = await run(["get", checkpoint, "weight"]);
    expect(code).toBe(2);
    expect(err).toContain("root.model.modules[1].weight\n  root.model.modules[3].weight");
  });

  it("with a slip of the finger bring the right one to mind", async () => {
    const { code, err } = await run(["get", checkpoint, "modules[1].wieght"]);
    expect(code).toBe(2);
    expect(err).toContain("Did you mean root.model.modules[1].weight?");
  });
});

describe("get", () => {
  it("gives the value and nothing else", async () => {
    expect((await run(["get", checkpoint, "opt.learningRate"])).out).toBe("0.01\n");
    expect((await run(["get", captions, "word[2]"])).out).toBe("this bird is small");
    expect((await run(["get", captions, "word[2]"], { tty: true })).out).toBe(
      "this bird is small\n",
    );
    expect((await run(["get", fixture("doubletensor"), "root"])).out).toBe("1\t2\t3\n4\t5\t6.9\n");
  });

  it("gives a part of a tensor", async () => {
    const part = async (slice: string) =>
      (await run(["get", fixture("doubletensor"), "root", "--slice", slice])).out;
    expect(await part("1")).toBe("4\t5\t6.9\n");
    expect(await part(":,0")).toBe("1\t4\n");
    expect(await part("-1,-1")).toBe("6.9\n");
    expect(await part("0,1:")).toBe("2\t3\n");
    const wrong = await run(["get", fixture("doubletensor"), "root", "--slice", "0,0,0"]);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("Its shape is 2×3.")]);
  });

  it("keeps rows whole that are longer than a block, and parts matrices", async () => {
    const bytes = new Bytes().tensor(1, "Byte", [2, 100_000], [100_000, 1]);
    const long = join(folder, "long.t7");
    writeFileSync(long, bytes.raw(new Uint8Array(200_000).fill(7)).done());
    const rows = (await run(["get", long, "root"])).out.split("\n");
    expect(rows.map((row) => row.split("\t").length)).toEqual([100_000, 100_000, 1]);
    const cube = join(folder, "cube.t7");
    writeFileSync(
      cube,
      new Bytes().tensor(1, "Byte", [2, 1, 2], [2, 2, 1]).byte(1, 2, 3, 4).done(),
    );
    expect((await run(["get", cube, "root"])).out).toBe("1\t2\n\n3\t4\n");
    expect((await run(["get", cube, "root", "--slice", "1"])).out).toBe("3\t4\n");
  });

  it("sends a table to the commands that can", async () => {
    const { code, err } = await run(["get", checkpoint, "opt"]);
    expect(code).toBe(2);
    expect(err).toContain("torchfile export");
  });
});

describe("stats and hist", () => {
  it("has a row a tensor", async () => {
    const { out } = await run(["stats", checkpoint, "**.weight", "--jsonl"]);
    const rows = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ path, shape }) => [path, shape])).toEqual([
      ["root.model.modules[1].weight", [8, 6]],
      ["root.model.modules[3].weight", [3, 8]],
    ]);
    expect(rows[0].max).toBeCloseTo(0.43885, 4);
  });

  it("is a Markdown table if asked", async () => {
    const { out } = await run(["stats", captions, "--markdown"]);
    expect(out.split("\n")[1]).toMatch(/^\| --- \|.* --: \|.* --- \|$/);
  });

  it("draws as many bars as bins", async () => {
    const { out } = await run(["hist", checkpoint, "modules[1].weight", "--bins", "8"]);
    expect(out.trim().split("\n")).toHaveLength(9);
    const counts = (await run(["hist", checkpoint, "modules[1].weight", "--bins", "8", "--json"]))
      .out;
    const total = JSON.parse(counts).reduce(
      (sum: number, row: { count: number }) => sum + row.count,
      0,
    );
    expect(total).toBe(48);
  });
});

describe("export", () => {
  it("writes what the name says, and never over something", async () => {
    const output = join(folder, "w.npy");
    const words = ["export", checkpoint, "modules[1].weight", "-o", output];
    const first = await run(words);
    expect([first.code, first.out]).toEqual([0, ""]);
    expect(readFileSync(output).subarray(1, 6).toString()).toBe("NUMPY");
    const again = await run(words);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("--force")]);
    expect((await run([...words, "--force"])).code).toBe(0);
  });

  it("leaves nothing behind when it fails", async () => {
    const before = readdirSync(folder);
    const output = join(folder, "x.npy");
    expect((await run(["export", checkpoint, "-o", output])).code).toBe(2);
    expect((await run(["export", checkpoint, "-o", join(folder, "no", "x.npz")])).code).toBe(2);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("writes to standard output, text as text", async () => {
    const { out } = await run(["export", captions, "word", "--format", "csv"]);
    expect(out).toBe("value\na bird with red wings\nthis bird is small\na yellow beak\n");
    const refused = await run(["export", captions, "-f", "npz"], { tty: true });
    expect([refused.code, refused.out]).toEqual([2, ""]);
    const unknown = await run(["export", captions, "-o", join(folder, "x.doc")]);
    expect(unknown.err).toContain("safetensors");
  });
});

describe("diff", () => {
  it("finds nothing between dialects of one file", async () => {
    expect(await run(["diff", captions, fixture("captions_table.be")])).toEqual({
      code: 0,
      out: "",
      err: "",
    });
  });

  it("names what is new, gone and changed", async () => {
    const a = new File()
      .table(1, 3)
      .text("x")
      .number(1)
      .text("y")
      .number(2)
      .text("z")
      .number(3)
      .save("a.t7");
    const b = new File()
      .table(1, 3)
      .text("x")
      .number(1)
      .text("y")
      .number(4)
      .text("w")
      .number(3)
      .save("b.t7");
    const { code, out } = await run(["diff", a, b]);
    expect(code).toBe(1);
    expect(out).toBe("~ root.y   2 → 4\n- root.z   3\n+ root.w   3\n");
  });

  it("says where sharing differs", async () => {
    const a = new File()
      .table(1, 2)
      .text("a")
      .table(2, 0)
      .text("b")
      .int(3)
      .int(2)
      .save("shared.t7");
    const b = new File().table(1, 2).text("a").table(2, 0).text("b").table(3, 0).save("apart.t7");
    expect((await run(["diff", a, b])).out).toContain("~ root.b   root.a → not shared   sharing");
  });
});

describe("check", () => {
  it("is content with every fixture that Torch wrote whole", async () => {
    expect((await run(["check", checkpoint, captions])).code).toBe(0);
  });

  it("finds a file that was cut, and one that is something else", async () => {
    const cut = join(folder, "cut.t7");
    writeFileSync(cut, readFileSync(checkpoint).subarray(0, 5000));
    const broken = await run(["check", cut, captions, "README.md", "--jsonl"]);
    expect(broken.code).toBe(1);
    const rows = broken.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ code }) => code)).toEqual(["truncated", "not_t7"]);
    expect(rows[0].offset).toBeGreaterThan(0);
  });
});

describe("hostile text", () => {
  const nasty = "\x1b[31mred\x07\u202e\x9b2J";

  it("never reaches a terminal raw, whatever the command", async () => {
    const path = new File()
      .table(1, 2)
      .text(nasty)
      .text(nasty)
      .text("k")
      .table(2, 1)
      .text(nasty.repeat(200))
      .number(1)
      .save("nasty.t7");
    const calls = [
      [path],
      ["tree", path],
      ["tree", path, "--plain"],
      ["tree", path, "--markdown"],
      ["check", path],
      ["diff", path, captions],
      ["get", path, "nothing"],
      ["__complete", "--", "get", path, ""],
    ];
    for (const words of calls) {
      const { out, err } = await run([...words], { tty: true });
      const text = (out.replace(colours, "") + err).replace(/[\n\t]/g, "");
      expect(text, words.join(" ")).not.toMatch(/\p{Cc}|\u202e/u);
    }
  });
});

describe("usage", () => {
  it.each([
    [["get"]],
    [["tree", captions, "--depth", "x"]],
    [["stats", captions, "--color", "blue"]],
    [["get", captions, "a", "b"]],
    [["tree", captions, "--wrong"]],
  ])("%j is refused with a hint", async (words) => {
    const { code, err, out } = await run(words);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^torchfile: /);
  });

  it("fails on what is not there, and says so once", async () => {
    const { code, err } = await run(["no-such-file.t7"]);
    expect(code).toBe(2);
    expect(err.match(/torchfile:/g)).toHaveLength(1);
  });

  it("explains every command, and itself", async () => {
    const { out } = await run(["--help"]);
    for (const { name } of commands) expect(out).toContain(`  ${name} `);
    for (const { name, examples } of commands) {
      const help = (await run([name, "--help"])).out;
      for (const { line } of examples) expect(help).toContain(line);
    }
    expect((await run(["--version"])).out).toBe("1.2.3\n");
  });

  it("has a man page that names every command and option", async () => {
    const { out } = await run(["__man"]);
    for (const { name } of commands) expect(out).toContain(`.SS ${name}`);
    expect(out).toContain("\\-\\-byte\\-order");
  });
});

describe("completion", () => {
  const offered = async (...words: string[]) =>
    (await run(["__complete", "--", ...words])).out.split("\n").slice(0, -1);

  it("knows commands, options, choices and paths inside the file", async () => {
    expect(await offered("st")).toEqual(["stats"]);
    expect(await offered("hist", "--b")).toEqual(["--bins", "--byte-order"]);
    expect(await offered("tree", "--color", "al")).toEqual(["always"]);
    expect(await offered("get", captions, "w")).toEqual(["word"]);
    expect(await offered("get", captions, "word")).toEqual(["word[1]", "word[2]", "word[3]"]);
    expect(await offered("get", captions, "root.t")).toEqual(["root.txt"]);
    expect(await offered("get", "no-such-file", "w")).toEqual([]);
  });

  it.each(["bash", "zsh", "fish"])("has a script for %s", async (shell) => {
    const { code, out } = await run(["completion", shell]);
    expect(code).toBe(0);
    expect(out).toContain("__complete");
  });
});

describe("view", () => {
  it("serves the page and the file to this computer, in parts", async () => {
    const stdout = new Sink(false);
    const stop = new AbortController();
    const streams = { stdin: [], stdout, stderr: new Sink(false) } as never;
    const ended = main(["view", captions, "--no-open"], streams, stop.signal, "1.2.3");
    await expect.poll(() => stdout.text).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?url=/);
    const address = new URL(stdout.text.trim());
    const file = address.searchParams.get("url") as string;
    const part = await fetch(file, { headers: { range: "bytes=4-7" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 4-7/752"]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(readFileSync(captions).subarray(4, 8));
    expect((await fetch(file, { headers: { range: "bytes=9999-" } })).status).toBe(416);
    for (const wrong of [
      "/../package.json",
      "/captions_table.t7",
      "/assets/../../package.json",
      "/%2e%2e/x",
    ]) {
      expect((await fetch(address.origin + wrong)).status, wrong).toBe(404);
    }
    stop.abort();
    expect(await ended).toBe(0);
  });

  it("takes no address and nothing that is not there", async () => {
    expect((await run(["view", "https://example.org/a.t7"])).code).toBe(2);
    expect((await run(["view", "no-such-file.t7"])).code).toBe(2);
  });
});

describe("the README", () => {
  const shown = /```console\n(.*?)```/s.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
  const calls = shown.split(/^\$ npx torchfile /m).slice(1);

  it("has examples", () => expect(calls.length).toBeGreaterThan(3));

  it.each(calls)("shows what comes: %s", async (call) => {
    const [line, ...output] = call.split("\n");
    const words = (line as string).split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
    const { out } = await run(words);
    expect(out.replace(/([^\n])$/, "$1\n")).toBe(output.join("\n"));
  });
});

describe("the built command", () => {
  const built = "dist/cli/torchfile.js";

  it("runs as a process", () => {
    const out = execFileSync("node", [built, captions], { encoding: "utf8" });
    expect(out).toContain("captions_table.t7");
  });

  it("is quiet when nobody reads on", () => {
    const { stderr, status } = spawnSync(
      "bash",
      ["-c", `node ${built} tree ${checkpoint} --plain | head -1`],
      {
        encoding: "utf8",
      },
    );
    expect([stderr, status]).toEqual(["", 0]);
  });
});

describe("pictures", () => {
  /** A tensor of bytes that are this file. */
  const held = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    const file = new Bytes().tensor(1, "Byte", [bytes.length], [1]).byte(...bytes);
    writeFileSync(path, file.done());
    return path;
  };
  const jpeg = Uint8Array.from([
    0xff,
    0xd8,
    0xff,
    0xe0,
    ...Array.from({ length: 60 }, (_, at) => at),
  ]);

  it("that are in a file as they are come out as they are", async () => {
    const from = held("holds-a-jpeg.t7", jpeg);
    const to = join(folder, "photo.jpg");
    expect((await run(["export", from, "-o", to])).code).toBe(0);
    expect(new Uint8Array(readFileSync(to))).toEqual(jpeg);
  });

  it("that are none are refused, and nothing is written", async () => {
    const to = join(folder, "none.jpg");
    const { code, err } = await run(["export", held("no-jpeg.t7", jpeg.slice(1)), "-o", to]);
    expect(code).toBe(2);
    expect(err).toContain("cannot be written as picture");
    expect(readdirSync(folder)).not.toContain("none.jpg");
  });

  it("of a batch are a folder of PNGs, numbered from 1, and not overwritten", async () => {
    const to = join(folder, "images/");
    const net = "testfiles_x86_64/networks/vgg.t7";
    expect((await run(["export", net, "input", "-o", to])).code).toBe(0);
    expect(readdirSync(to)).toEqual(["1.png", "2.png"]);
    const png = readFileSync(join(to, "2.png"));
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[25]]).toEqual([16, 16, 2]);
    expect((await run(["export", net, "input", "-o", to])).code).toBe(2);
    expect((await run(["export", net, "input", "-o", to, "--force"])).code).toBe(0);
    const { err } = await run(["export", net, "root.output", "-o", join(folder, "no/")]);
    expect(err).toContain("cannot be written as png");
    expect(readdirSync(folder)).not.toContain("no");
  });
});
