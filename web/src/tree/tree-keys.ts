/** What a key means in the tree (the pattern of ARIA's tree view). Pure. */

export type TreeAction =
  | { kind: "move"; by: number }
  | { kind: "first" }
  | { kind: "last" }
  | { kind: "open" }
  | { kind: "close" }
  | { kind: "activate" }
  | { kind: "expandSiblings" }
  | { kind: "type"; letter: string };

/** `page` is the number of rows in sight. `null`: the key is not the tree's. */
export function treeAction(key: string, page: number): TreeAction | null {
  const leap = Math.max(1, page - 1);
  switch (key) {
    case "ArrowDown":
      return { kind: "move", by: 1 };
    case "ArrowUp":
      return { kind: "move", by: -1 };
    case "PageDown":
      return { kind: "move", by: leap };
    case "PageUp":
      return { kind: "move", by: -leap };
    case "Home":
      return { kind: "first" };
    case "End":
      return { kind: "last" };
    case "ArrowRight":
      return { kind: "open" };
    case "ArrowLeft":
      return { kind: "close" };
    case "Enter":
    case " ":
      return { kind: "activate" };
    case "*":
      return { kind: "expandSiblings" };
    default:
      // `?` and `/` are the window's.
      return [...key].length === 1 && !"?/".includes(key) ? { kind: "type", letter: key } : null;
  }
}
