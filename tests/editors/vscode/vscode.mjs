// Starts code-server (a real VS Code, served to a browser) and a page on it.
// LOOPWISE_VSCODE: the folder that setup.sh made.  CHROMIUM: the browser, if it is not on the path.
import { execSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
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
  "window.restoreWindows": "none",
  "security.workspace.trust.startupPrompt": "never",
};

/** `vsix` are installed; `user` are settings; `files` is the workspace; without `trusted` it opens in restricted mode. */
export async function open({ vsix, user = {}, files, env = {}, trusted = true }) {
  const root = mkdtempSync(path.join(os.tmpdir(), "loopwise-vscode-"));
  const place = (name) => path.join(root, name);
  for (const name of ["bakery", "data/User", "data/Machine", "ext"]) mkdirSync(place(name), { recursive: true });
  for (const [name, text] of Object.entries(files)) write(place(`bakery/${name}`), text);
  write(place("config.yaml"), "auth: none\n");
  write(place("data/User/settings.json"), JSON.stringify({ ...USER, ...user }));
  const common = [entry, "--config", place("config.yaml"), "--user-data-dir", place("data"), "--extensions-dir", place("ext")];
  const full = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...env }; // no look-ups outside
  const owned = {};
  const close = () => end(root, owned);
  process.once("SIGTERM", () => void close().finally(() => process.exit(143)));
  try {
    install(common, full, vsix);
    const port = await freePort();
    const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--ignore-last-opened"];
    const options = [...(trusted ? ["--disable-workspace-trust"] : []), ...(env.PATH ? ["--vscode-option", "force-disable-user-env"] : [])];
    owned.server = spawn(node, [...common, "--bind-addr", `127.0.0.1:${port}`, ...quiet, ...options], {
      stdio: "ignore", detached: true, env: full,
    });
    owned.browser = await chromium.launch({
      executablePath: program(), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"], timeout: 60_000,
    });
    await answering(port);
    const context = await owned.browser.newContext({ viewport: { width: 1200, height: 720 }, locale: "en-US" });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(place("bakery"))}`, { waitUntil: "domcontentloaded" });
    return {
      page, close,
      workspace: place("bakery"),
      running: (text) => processes(root).filter((one) => one.command.includes(text)),
      set: (settings) => { write(place("bakery/.vscode/settings.json"), JSON.stringify(settings)); },
      // Those that name a program count only here.
      setForMachine: (settings) => { write(place("data/Machine/settings.json"), JSON.stringify(settings)); },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends all of it; the command lines of processes that are still there. */
async function end(root, { server, browser }) {
  await browser?.close().catch(() => {});
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    try { process.kill(-server.pid, signal); } catch { /* gone, or never there */ }
    for (let tries = 0; tries < 50 && processes(root).length > 0; tries++) await new Promise((later) => setTimeout(later, 100));
  }
  const left = processes(root).map(({ pid, command }) => {
    process.kill(pid, "SIGKILL");
    return command;
  });
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return left;
}

/** The processes that have to do with a folder, by their words or by where they stand. */
function processes(root) {
  const found = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (command !== "" && (command.includes(root) || readlinkSync(`/proc/${pid}/cwd`).startsWith(root))) found.push({ pid: Number(pid), command });
    } catch { /* gone meanwhile */ }
  }
  return found;
}

function install(common, env, files) {
  const asked = files.flatMap((file) => ["--install-extension", path.resolve(file)]);
  const done = spawnSync(node, [...common, ...asked], { env, encoding: "utf8", timeout: 120_000 });
  const installed = done.stdout.match(/successfully installed/g) ?? [];
  if (done.status !== 0 || installed.length !== files.length) throw new Error(`install ${files.join()}: ${done.stdout}${done.stderr}`);
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
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    try { if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) return; } catch { /* not yet */ }
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("VS Code does not answer");
}
