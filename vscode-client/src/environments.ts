/** The Python that a person chose in one of the Python extensions; neither is needed. */
import * as vscode from "vscode";

/** The part of ms-python.vscode-python-envs that is used. */
interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo: { run: { executable: string } } } | undefined>;
  readonly onDidChangeEnvironment?: vscode.Event<unknown>;
}

/** The part of ms-python.python that is used. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: unknown): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

const ENVIRONMENTS = "ms-python.vscode-python-envs";
const PYTHON = "ms-python.python";
const PATIENCE = 20_000; // milliseconds

/** The chosen Pythons, the one to be preferred first. */
export async function chosen(): Promise<string[]> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const found = [await byEnvironments(folder), await byPython(folder)];
  return found.filter((path) => path !== undefined);
}

/** Calls `changed` when another Python is chosen, or when one of the extensions comes or goes. */
export async function watchEnvironments(context: vscode.ExtensionContext, changed: () => void): Promise<void> {
  const watched = new Set<string>();
  const watch = async (): Promise<void> => {
    for (const [id, event] of await events()) {
      if (event && !watched.has(id)) {
        watched.add(id);
        context.subscriptions.push(event(changed));
      }
    }
  };
  context.subscriptions.push(vscode.extensions.onDidChange(() => void watch().then(changed)));
  await watch();
}

/** Is there an extension in which a Python can be chosen? */
export function canChoose(): boolean {
  return vscode.extensions.getExtension(PYTHON) !== undefined;
}

async function events(): Promise<[string, vscode.Event<unknown> | undefined][]> {
  return [
    [ENVIRONMENTS, (await api<EnvironmentsApi>(ENVIRONMENTS))?.onDidChangeEnvironment],
    [PYTHON, (await api<PythonApi>(PYTHON))?.environments?.onDidChangeActiveEnvironmentPath],
  ];
}

async function byEnvironments(folder: vscode.Uri | undefined): Promise<string | undefined> {
  try {
    return (await (await api<EnvironmentsApi>(ENVIRONMENTS))?.getEnvironment(folder))?.execInfo.run.executable;
  } catch {
    return undefined;
  }
}

async function byPython(folder: vscode.Uri | undefined): Promise<string | undefined> {
  try {
    const environments = (await api<PythonApi>(PYTHON))?.environments;
    const found = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
    return found?.executable.uri?.fsPath;
  } catch {
    return undefined;
  }
}

/** What an extension exports; nothing where it is not there, does not start, or takes its time. */
async function api<T>(id: string): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE, undefined));
  try {
    return await Promise.race([vscode.extensions.getExtension<T | undefined>(id)?.activate(), late]);
  } catch {
    return undefined;
  }
}
