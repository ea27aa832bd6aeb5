// Bundles the extension and the script of its view into dist/; `--watch` does it again at each change.
import { context } from "esbuild";

const common = { bundle: true, minify: true, legalComments: "none", logLevel: "warning" };
const builds = [
  { entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", platform: "node", target: "node20", format: "cjs", external: ["vscode"] },
  { entryPoints: ["webview/main.ts"], outfile: "dist/cheatsheet.js", platform: "browser", target: "es2022", format: "iife" },
];

for (const build of builds) {
  const made = await context({ ...common, ...build });
  if (process.argv.includes("--watch")) {
    await made.watch();
  } else {
    await made.rebuild();
    await made.dispose();
  }
}
