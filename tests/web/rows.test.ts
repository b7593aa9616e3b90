import { describe, expect, it } from "vitest";
import { allChildren } from "../../web/src/rows/parts.js";
import { isBelow, type Place, Rows } from "../../web/src/rows/rows.js";

/** The slow way: every row written out, as the ids of the branches above it and its own index. */
function writtenOut(rows: Rows): string[] {
  const list: string[] = [];
  const visit = (place: Place, way: string) => {
    list.push(way);
    const open = rows.opened(place);
    for (let i = 0; open !== null && i < open.count; i += 1) {
      visit({ branch: open, index: i }, `${way}.${i}`);
    }
  };
  for (let i = 0; i < rows.top.count; i += 1) visit({ branch: rows.top, index: i }, `${i}`);
  return list;
}

function way({ branch, index }: Place): string {
  const steps = [index];
  for (let at = branch; at.parent !== null; at = at.parent) steps.unshift(at.index);
  return steps.join(".");
}

/** Asks the tree for every row, and for the row of every answer. */
function asked(rows: Rows): string[] {
  return Array.from({ length: rows.length }, (_, row) => {
    const place = rows.at(row);
    expect(rows.rowOf(place)).toBe(row);
    return way(place);
  });
}

describe("rows", () => {
  it("has the top-level values only before anything is expanded", () => {
    expect(asked(new Rows(3))).toEqual(["0", "1", "2"]);
    expect(new Rows(0).length).toBe(0);
  });

  it("puts children below their parent, in order", () => {
    const rows = new Rows(2);
    const first = rows.expand({ branch: rows.top, index: 0 }, 10, allChildren(10, 3));
    rows.expand({ branch: first, index: 1 }, 11, allChildren(11, 2));
    expect(asked(rows)).toEqual(["0", "0.0", "0.1", "0.1.0", "0.1.1", "0.2", "1"]);
  });

  it("takes everything below a collapsed branch away", () => {
    const rows = new Rows(1);
    const first = rows.expand({ branch: rows.top, index: 0 }, 10, allChildren(10, 3));
    const second = rows.expand({ branch: first, index: 2 }, 11, allChildren(11, 4));
    expect(isBelow({ branch: second, index: 0 }, first)).toBe(true);
    expect(isBelow({ branch: first, index: 0 }, second)).toBe(false);
    rows.collapse(first);
    expect(asked(rows)).toEqual(["0"]);
    rows.collapse(first);
    expect(rows.length).toBe(1);
  });

  it("agrees with the written-out tree after any expanding and collapsing", () => {
    let state = 1;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return Math.floor((state / 2147483648) * below);
    };
    const rows = new Rows(4);
    for (let step = 0; step < 400; step += 1) {
      const place = rows.at(random(rows.length));
      const open = rows.opened(place);
      if (open === null) rows.expand(place, step, allChildren(step, random(4)));
      else if (random(3) === 0) rows.collapse(open);
      if (step % 40 === 0) expect(asked(rows)).toEqual(writtenOut(rows));
    }
    expect(asked(rows)).toEqual(writtenOut(rows));
  });

  it("costs nothing for what is not expanded, and little for what is", () => {
    const rows = new Rows(1);
    const list = rows.expand({ branch: rows.top, index: 0 }, 1, allChildren(1, 50_000_000));
    for (let i = 0; i < 1000; i += 1)
      rows.expand({ branch: list, index: i * 1000 }, i, allChildren(i, 10));
    expect(rows.length).toBe(50_010_001);
    expect(way(rows.at(50_010_000))).toBe("0.49999999");
    expect(way(rows.at(1 + 1000 + 10))).toBe("0.1000");
    expect(way(rows.at(1 + 1000 + 11))).toBe("0.1000.0");
  });

  it("does not recurse into a way of a hundred thousand levels", () => {
    const rows = new Rows(1);
    let place: Place = { branch: rows.top, index: 0 };
    for (let i = 0; i < 100_000; i += 1) {
      // Growing the whole way each time would make this test slow; the last level is enough.
      const branch = {
        id: i,
        serial: -i,
        parent: place.branch,
        index: 0,
        depth: i + 1,
        count: 1,
        parts: allChildren(i, 1),
        rows: 100_000 - i,
        open: [],
        before: null,
      };
      place.branch.open = [branch];
      place.branch.rows = 100_001 - i;
      place = { branch, index: 0 };
    }
    expect(rows.length).toBe(100_001);
    expect(rows.at(100_000)).toEqual(place);
    expect(rows.rowOf(place)).toBe(100_000);
  });
});
