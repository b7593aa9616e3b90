import { defineConfig } from "vitest/config";

/** `js` tests the package in Node; `web` tests the page's logic and the built page in Chromium. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "js", include: ["tests/js/**/*.test.ts"], testTimeout: 60_000 } },
      {
        oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
        test: {
          name: "web",
          include: ["tests/web/**/*.test.ts", "tests/web/**/*.test.tsx"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
