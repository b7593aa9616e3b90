/**
 * Scrolling through more rows than an element can be high. Browsers end at some 17 to 33 million
 * pixels, so the element's height is capped and its scroll position is mapped to a position in the
 * virtual list. Pure. (Virtual-list libraries measure every row and do not scale; our rows have one
 * height, and a list may have many millions of them.)
 */

/** Well below the limit of every browser. */
const maxHeight = 8_000_000;

/** A pixel of the scroll bar is more than this, what a wheel or a finger does between frames is less. */
const largestStep = 4000;

/** What the scrolled element shows: both positions are equal while nothing is scaled. */
export interface Scroll {
  /** Position of the real element, in pixels. */
  top: number;
  /** Position in the virtual list, in pixels. */
  virtual: number;
}

export interface Extent {
  rows: number;
  rowHeight: number;
  /** Height of what is seen, in pixels. */
  viewport: number;
}

const fullHeight = (extent: Extent) => extent.rows * extent.rowHeight;

/** The height to give to the scrolled element. */
export function elementHeight(extent: Extent): number {
  return Math.min(fullHeight(extent), maxHeight);
}

const maxTop = (extent: Extent) => Math.max(0, elementHeight(extent) - extent.viewport);
const maxVirtual = (extent: Extent) => Math.max(0, fullHeight(extent) - extent.viewport);

/** This close to either end real and virtual positions are equally far from it, so that none is cut off. */
const endZone = 200_000;

/** Where the bar stands for a virtual position: in step at both ends, in proportion between. */
function topFor(virtual: number, extent: Extent): number {
  const [real, full] = [maxTop(extent), maxVirtual(extent)];
  if (full <= real || virtual < endZone) return virtual;
  if (virtual > full - endZone) return real - (full - virtual);
  const share = (virtual - endZone) / (full - 2 * endZone);
  return Math.round(endZone + share * (real - 2 * endZone));
}

/** The other way. */
function virtualFor(top: number, extent: Extent): number {
  const [real, full] = [maxTop(extent), maxVirtual(extent)];
  if (full <= real || top < endZone) return top;
  if (top > real - endZone) return full - (real - top);
  const share = (top - endZone) / (real - 2 * endZone);
  return endZone + share * (full - 2 * endZone);
}

/** The state for a wanted virtual position, for instance to bring a row into view. */
export function scrollTo(virtual: number, extent: Extent): Scroll {
  const at = clamp(virtual, 0, maxVirtual(extent));
  return { top: topFor(at, extent), virtual: at };
}

/**
 * The state after the element was scrolled to `top`. A small step moves by as many pixels in the
 * virtual list (wheel, touch); a large one is a drag of the scroll bar and moves in proportion.
 */
export function scrolled(before: Scroll, top: number, extent: Extent): Scroll {
  if (fullHeight(extent) <= maxHeight) return { top, virtual: top };
  const step = top - before.top;
  if (Math.abs(step) > largestStep) return { top, virtual: virtualFor(top, extent) };
  const virtual = clamp(before.virtual + step, 0, maxVirtual(extent));
  // Small steps have moved the bar too far for its list: before it comes to an end, put it right.
  const near = (at: number, end: number) => at < endZone || at > end - endZone;
  if (near(top, maxTop(extent)) || near(virtual, maxVirtual(extent)))
    return scrollTo(virtual, extent);
  return { top, virtual };
}

/** First and one-past-last row to draw, with some rows beyond each edge. */
export function visibleRows(virtual: number, extent: Extent, beyond = 8): [number, number] {
  const first = Math.floor(virtual / extent.rowHeight) - beyond;
  const last = Math.ceil((virtual + extent.viewport) / extent.rowHeight) + beyond;
  return [clamp(first, 0, extent.rows), clamp(last, 0, extent.rows)];
}

/** The virtual position that brings a row into view with the least movement. */
export function revealRow(row: number, virtual: number, extent: Extent): number {
  const start = row * extent.rowHeight;
  const end = start + extent.rowHeight;
  if (start < virtual) return start;
  if (end > virtual + extent.viewport) return end - extent.viewport;
  return virtual;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
