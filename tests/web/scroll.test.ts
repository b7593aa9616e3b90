import { describe, expect, it } from "vitest";
import {
  elementHeight,
  revealRow,
  type Scroll,
  scrolled,
  scrollTo,
  visibleRows,
} from "../../web/src/rows/scroll.js";

const small = { rows: 1000, rowHeight: 24, viewport: 600 };
const huge = { rows: 50_000_000, rowHeight: 24, viewport: 600 };
const maxTop = elementHeight(huge) - huge.viewport;

describe("scrolling", () => {
  it("is the browser's own while the list fits", () => {
    expect(elementHeight(small)).toBe(24_000);
    expect(scrolled({ top: 0, virtual: 0 }, 5000, small)).toEqual({ top: 5000, virtual: 5000 });
    expect(scrollTo(1e9, small)).toEqual({ top: 23_400, virtual: 23_400 });
  });

  it("keeps the element below what browsers can show", () => {
    expect(elementHeight(huge)).toBeLessThan(16_000_000);
  });

  it("reaches the first and the last row with the scroll bar", () => {
    const end = scrolled({ top: 0, virtual: 0 }, maxTop, huge);
    expect(visibleRows(end.virtual, huge)[1]).toBe(huge.rows);
    const start = scrolled(end, 0, huge);
    expect(visibleRows(start.virtual, huge)[0]).toBe(0);
  });

  it("moves by the wheel's own pixels in a scaled list", () => {
    const middle = scrolled({ top: 0, virtual: 0 }, maxTop / 2, huge);
    const next = scrolled(middle, middle.top + 100, huge);
    expect(next.virtual - middle.virtual).toBe(100);
  });

  it("never gets stuck at an end of the bar that is not the end of the list", () => {
    let at: Scroll = scrollTo(20_000, huge);
    for (let step = 0; step < 400; step += 1) at = scrolled(at, Math.max(0, at.top - 100), huge);
    expect(at.virtual).toBe(0);
  });

  it("never leaves out a row on the way up", () => {
    let at: Scroll = scrollTo(20_000, huge);
    while (at.virtual > 0) {
      const next = scrolled(at, Math.max(0, at.top - 100), huge);
      expect(at.virtual - next.virtual).toBeLessThanOrEqual(100);
      expect(next.virtual).toBeLessThan(at.virtual);
      at = next;
    }
  });

  it("brings a row into view with the least movement", () => {
    expect(revealRow(0, 480, small)).toBe(0);
    expect(revealRow(30, 480, small)).toBe(480);
    expect(revealRow(100, 480, small)).toBe(101 * 24 - 600);
  });

  it("brings the last row of a scaled list into view exactly", () => {
    const at = scrollTo(revealRow(huge.rows - 1, 0, huge), huge);
    expect(at.virtual).toBe(huge.rows * 24 - 600);
    expect(at.top).toBe(maxTop);
  });

  it("draws only what is in sight, and some rows beyond", () => {
    expect(visibleRows(0, small)).toEqual([0, 33]);
    expect(visibleRows(2400, small, 2)).toEqual([98, 127]);
    expect(visibleRows(0, { rows: 3, rowHeight: 24, viewport: 600 })).toEqual([0, 3]);
  });
});
