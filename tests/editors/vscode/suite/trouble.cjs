// What keeps the server from running, and that it runs once that is mended.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { hoversAt, inFolder, run, set, until } = require("./until.cjs");

exports.tests = async function tests(test, api) {
  const document = await vscode.workspace.openTextDocument(inFolder("oven.py"));
  const works = () => until("a hover of ours", async () => (await hoversAt(document, "asyncio.gath")).some((hover) => hover.includes("loopwise.showCheatsheet")));
  const { extensionPath } = vscode.extensions.getExtension("loopwise.loopwise");
  const packages = execFileSync(process.env.FAKE_PYTHON, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
  const library = path.join(String(packages).trim(), "loopwise");
  /** Waits until another process runs for which `holds` is true. */
  const after = async (change, holds = () => true) => {
    const pid = api.pid();
    await change();
    await until("another process", () => api.state() === "running" && api.pid() !== undefined && api.pid() !== pid && holds());
  };

  await test("a broken setting fails, and what is mended runs without a reload", async () => {
    await set({ interpreter: ["no-such-python"] });
    await until("it failed", () => api.state() === "failed");
    assert.match(api.detail(), /no-such-python, the interpreter in the setting loopwise\.interpreter: there is no such program/);
    await run("loopwise.restart");
    assert.equal(api.state(), "failed");
    await set({ interpreter: undefined });
    await until("it runs", () => api.state() === "running");
    await works();
  });
  await test("a path in the setting starts at the folder", async () => {
    fs.symlinkSync(process.env.FAKE_PYTHON, inFolder("python-of-the-folder").fsPath);
    const path = inFolder("python-of-the-folder").fsPath;
    await after(() => set({ interpreter: ["./python-of-the-folder"] }), () => api.command()[0] === path);
    await after(() => set({ interpreter: undefined }), () => api.command()[0] !== path);
  });
  await test("fromEnvironment, without a loopwise there, takes the bundled one", async () => {
    await after(() => set({ importStrategy: "fromEnvironment" }));
    await works();
    await after(() => set({ importStrategy: undefined }));
  });
  await test("fromEnvironment takes the environment's", async () => {
    const bundled = path.join(extensionPath, "bundled", "libs");
    fs.cpSync(path.join(bundled, "loopwise"), library, { recursive: true });
    fs.writeFileSync(`${library}.pth`, `${bundled}\n`);
    const init = path.join(library, "__init__.py");
    fs.writeFileSync(init, fs.readFileSync(init, "utf8").replace(/__version__ = .*/, '__version__ = "99.0"'));
    await after(() => set({ importStrategy: "fromEnvironment" }), () => api.version() === "99.0");
    await works();
  });
  await test("a crash at start says what, and a mended one runs", async () => {
    const init = path.join(library, "__init__.py");
    const text = fs.readFileSync(init, "utf8");
    fs.writeFileSync(init, `${text}\nraise RuntimeError("the oven is cold")\n`);
    await run("loopwise.restart");
    await until("it failed", () => api.state() === "failed");
    assert.match(api.detail(), /failed to start: RuntimeError: the oven is cold/);
    fs.writeFileSync(init, text);
    await run("loopwise.restart");
    await until("it runs", () => api.state() === "running");
  });
  await test("a start that hangs is given up for the next", async () => {
    const init = path.join(library, "__init__.py");
    const text = fs.readFileSync(init, "utf8");
    fs.writeFileSync(init, `${text}\nimport pathlib, time; pathlib.Path(__file__ + ".hangs").touch(); time.sleep(600)\n`);
    void run("loopwise.restart");
    await until("it hangs", () => fs.existsSync(`${init}.hangs`));
    const hanging = api.pid();
    assert.equal(api.state(), "starting");
    fs.writeFileSync(init, text);
    await run("loopwise.restart");
    assert.equal(api.state(), "running", api.detail());
    await until("the hanging one is gone", () => !fs.existsSync(`/proc/${hanging}`));
    assert.equal(api.state(), "running");
    // A server that is ending may still write compiled files there.
    fs.rmSync(library, { recursive: true, maxRetries: 5, retryDelay: 200 });
    fs.rmSync(`${library}.pth`);
    await after(() => set({ importStrategy: undefined }), () => api.version() !== "99.0");
    await works();
  });
};
