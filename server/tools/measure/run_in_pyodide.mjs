// Run a Python script inside Pyodide (CPython as WebAssembly):
//   node run_in_pyodide.mjs FOLDER_WITH_NODE_MODULES SCRIPT.py ARGUMENTS...
// The repository that holds this file is mounted under its own path; nothing else of the disk is seen.
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [folder, script, ...rest] = process.argv.slice(2);
const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const require = createRequire(resolve(folder) + "/here.cjs");
const { loadPyodide } = await import(pathToFileURL(require.resolve("pyodide/pyodide.mjs")).href);

const python = await loadPyodide();
python.mountNodeFS(repository, repository);
python.globals.set("arguments", python.toPy([resolve(script), ...rest]));
process.exitCode = python.runPython(`
import os, runpy, sys
sys.argv = arguments
sys.path.insert(0, os.path.dirname(arguments[0]))
sys.dont_write_bytecode = True
status = 0
try:
    runpy.run_path(arguments[0], run_name="__main__")
except SystemExit as end:
    status = int(end.code or 0)
status
`);
