// Starts code-server (a real VS Code, served to a browser) and a page on it.
// LOOPWISE_VSCODE: the folder that setup.sh made.  CHROMIUM: the browser, if it is not on the path.
import { execSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";

const dir = path.resolve(process.env.LOOPWISE_VSCODE);
const { chromium } = createRequire(path.join(dir, "package.json"))("playwright-core");
const entry = path.join(dir, "node_modules/code-server/out/node/entry.js");
const node = path.join(dir, "node/bin/node");

const USER = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "git.enabled": false,
  "editor.minimap.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "compact",
};

/** `vsix` are installed; `machine` and `user` are settings; `files` is the workspace; `payload` asks for a suite. */
export async function open({ vsix = [], machine = {}, user = {}, files = {}, env = {}, payload }) {
  const root = mkdtempSync(path.join(os.tmpdir(), "loopwise-vscode-"));
  const place = (name) => path.join(root, name);
  for (const name of ["bakery", "data/User", "data/Machine", "ext"]) mkdirSync(place(name), { recursive: true });
  for (const [name, text] of Object.entries(files)) write(place(`bakery/${name}`), text);
  write(place("config.yaml"), "auth: none\n");
  write(place("data/User/settings.json"), JSON.stringify({ ...USER, ...user }));
  // Settings that name a program count only here.
  write(place("data/Machine/settings.json"), JSON.stringify(machine));
  const common = [entry, "--config", place("config.yaml"), "--user-data-dir", place("data"), "--extensions-dir", place("ext")];
  const full = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...env }; // no look-ups outside
  for (const file of vsix) install(common, full, file);
  const port = await freePort();
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust",
    "--disable-getting-started-override", "--ignore-last-opened"];
  const asked = [...(payload ? ["enable-smoke-test-driver"] : []), ...(env.PATH ? ["force-disable-user-env"] : [])];
  const options = asked.flatMap((option) => ["--vscode-option", option]);
  const server = spawn(node, [...common, "--bind-addr", `127.0.0.1:${port}`, ...quiet, ...options], {
    stdio: "ignore", detached: true, env: full,
  });
  const browser = await chromium.launch({ executablePath: program(), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  const close = async () => {
    await browser.close();
    try { process.kill(-server.pid, "SIGTERM"); } catch { /* gone */ }
    await new Promise((done) => setTimeout(done, 500));
    try { process.kill(-server.pid, "SIGKILL"); } catch { /* gone */ }
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  await answering(port);
  const context = await browser.newContext({ viewport: { width: 1200, height: 720 }, locale: "en-US" });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const remote = (file) => `vscode-remote://127.0.0.1:${port}${path.resolve(file)}`;
  const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(place("bakery"))}` +
    (payload ? `&payload=${encodeURIComponent(JSON.stringify(payload(remote)))}` : "");
  return { page, url, close, root, workspace: place("bakery"), machine: place("data/Machine/settings.json") };
}

/** Runs named steps, says how each went, and gives the exit code. */
export class Steps {
  start = Date.now();
  passed = 0;
  failed = 0;

  check(name, ok, extra = "") {
    ok ? this.passed++ : this.failed++;
    console.log(`${ok ? "ok  " : "FAIL"} ${name} (${Date.now() - this.start} ms) ${ok ? "" : extra}`);
  }

  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed || !this.passed ? 1 : 0;
  }
}

function install(common, env, file) {
  const done = spawnSync(node, [...common, "--install-extension", path.resolve(file)], { env, encoding: "utf8" });
  if (done.status !== 0 || !/success/.test(done.stdout)) throw new Error(`install ${file}: ${done.stdout}${done.stderr}`);
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function program() {
  const found = "command -v chromium || command -v chromium-headless-shell";
  return process.env.CHROMIUM ?? execSync(found, { encoding: "utf8" }).trim();
}

function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

async function answering(port) {
  for (let tries = 0; tries < 300; tries++) {
    try { if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) return; } catch { /* not yet */ }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("VS Code does not answer");
}

export const read = (file) => readFileSync(file, "utf8");

/** Of the search field of the cheatsheet view. */
export function colours(view) {
  return view.locator("#query").evaluate((field) => {
    const { color: front, backgroundColor: back } = getComputedStyle(field);
    return { front, back };
  });
}

export function light(colour) {
  return colour.match(/\d+/g).slice(0, 3).every((part) => Number(part) > 127);
}
