import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const folders: Record<string, string> = {
  fake: here("../build/web-fake"),
  "one-file": here("../build/web-one-file"),
};

/**
 * `--mode one-file` builds one script and one style sheet, for `.ci/one-file.mjs` to put into one page;
 * `--mode fake` builds the page on the made-up file of the tests, without
 * a core or a worker.
 */
export default defineConfig(({ mode }) => ({
  root: here("."),
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // A module, so that its parts load when they are needed; the one-file page has a classic script of its own.
  worker: { format: "es" },
  resolve:
    mode === "fake"
      ? {
          alias: [
            {
              find: /.*\/wasm\/js\/worker\/client\.js$/,
              replacement: here("../tests/web/fake-file.ts"),
            },
          ],
        }
      : {},
  build: {
    outDir: folders[mode] ?? here("dist"),
    emptyOutDir: true,
    // Samples and the core stay files of their own: `data:` addresses are not allowed to be fetched.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    ...(mode === "one-file" && {
      cssCodeSplit: false,
      rolldownOptions: { output: { codeSplitting: false } },
    }),
  },
  server: { fs: { allow: [here("..")] } },
}));
